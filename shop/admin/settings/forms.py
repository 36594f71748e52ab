"""The forms of delivery methods and tax rates."""

import re
from typing import Any

from wtforms import BooleanField, SelectField, StringField

from shop.addresses import country_choices, is_country
from shop.admin.settings.values import MethodValues, RateValues
from shop.config import config
from shop.errors import BadInput
from shop.forms import ShopForm, options, stripped
from shop.models import DeliveryMethod, TaxClass
from shop.money import parse_amount, plain_amount

_DAYS = re.compile(r"[0-9]{1,2}", re.ASCII)
_PERCENT = re.compile(r"[0-9]{1,2}([.,][0-9]{1,2})?", re.ASCII)


class MethodForm(ShopForm):
    """A way to send an order."""

    name = StringField("Name", filters=[stripped], render_kw={"maxlength": 100})
    carrier = StringField("Carrier", filters=[stripped], render_kw={"maxlength": 100})
    tracking_url = StringField(
        "Tracking page",
        filters=[stripped],
        description="With {number} where the tracking number goes.",
        render_kw={"maxlength": 250},
    )
    price = StringField("Price", filters=[stripped], render_kw={"inputmode": "decimal"})
    free_from = StringField(
        "Free from", filters=[stripped], render_kw={"inputmode": "decimal"},
        description="Goods worth this much or more travel free; empty: never.",
    )  # fmt: skip
    countries = StringField(
        "Countries",
        filters=[stripped],
        description="Two-letter codes, separated by commas; empty: everywhere.",
    )
    min_days = StringField("Days, at least", filters=[stripped])
    max_days = StringField("Days, at most", filters=[stripped])
    is_active = BooleanField("Offered")

    @classmethod
    def blank(cls, method: DeliveryMethod | None) -> "MethodForm":
        """Return the form with the method's present values, whatever the request posts."""
        return cls(formdata=None, data=_shown(method), prefix=prefix_of(method))

    def values(self) -> MethodValues:
        """Return the checked method. Raises BadInput."""
        wrong: dict[str, str] = {}
        if not self.name.data:
            wrong["name"] = "Enter a name."
        price = _amount(self.price.data, "price", wrong)
        free_from = (
            _amount(self.free_from.data, "free_from", wrong) if self.free_from.data else None
        )
        codes = [c.strip().upper() for c in (self.countries.data or "").split(",") if c.strip()]
        if any(not is_country(code) for code in codes):
            wrong["countries"] = "Use two-letter codes of countries, like FR, DE."
        days = [self.min_days.data or "2", self.max_days.data or "4"]
        if not all(_DAYS.fullmatch(day) for day in days) or int(days[0]) > int(days[1]):
            wrong["min_days"] = "Enter days like 2 and 4."
        url = self.tracking_url.data or ""
        if url and (not url.startswith("https://") or "{number}" not in url):
            wrong["tracking_url"] = "Enter an https address with {number} in it."
        if wrong:
            raise BadInput(**wrong)
        return MethodValues(
            self.name.data, self.carrier.data or "", url, price, free_from, codes,
            int(days[0]), int(days[1]), bool(self.is_active.data),
        )  # fmt: skip


def prefix_of(method: DeliveryMethod | None) -> str:
    """Return what keeps the fields of several methods on one page apart."""
    return f"m{method.id}-" if method else "new-"


def _shown(method: DeliveryMethod | None) -> dict[str, Any]:
    if method is None:
        return {"min_days": "2", "max_days": "4", "is_active": True}
    currency = config().currency
    return {
        "name": method.name,
        "carrier": method.carrier,
        "tracking_url": method.tracking_url,
        "price": plain_amount(method.unit_amount, currency),
        "free_from": "" if method.free_from is None else plain_amount(method.free_from, currency),
        "countries": ", ".join(method.countries),
        "min_days": str(method.min_days),
        "max_days": str(method.max_days),
        "is_active": method.is_active,
    }


def _amount(text: str | None, name: str, wrong: dict[str, str]) -> int:
    try:
        return parse_amount(text or "", config().currency)
    except BadInput as error:
        wrong[name] = str(error)
        return 0


class RateForm(ShopForm):
    """The rate of a tax class in a country."""

    country = SelectField("Country", validate_choice=False)
    tax_class = SelectField("Class", validate_choice=False)
    rate_name = StringField("Name", filters=[stripped], render_kw={"maxlength": 60})
    percent = StringField("Percent", filters=[stripped], render_kw={"inputmode": "decimal"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.choices = options(country_choices("en"))
        self.tax_class.choices = options([(c, c.capitalize()) for c in TaxClass])

    @classmethod
    def blank(cls) -> "RateForm":
        """Return an empty form, whatever the request posts."""
        return cls(formdata=None, data={"country": "FR", "rate_name": "VAT"})

    def values(self) -> RateValues:
        """Return the checked rate. Raises BadInput."""
        wrong: dict[str, str] = {}
        if not is_country(self.country.data or ""):
            wrong["country"] = "Choose a country."
        if self.tax_class.data not in set(TaxClass):
            wrong["tax_class"] = "Choose a class."
        text = (self.percent.data or "0").replace(",", ".")
        if not _PERCENT.fullmatch(text):
            wrong["percent"] = "Enter a percentage like 20 or 5.5."
        if wrong:
            raise BadInput(**wrong)
        whole, _, part = text.partition(".")
        rate_bp = int(whole) * 100 + int(part.ljust(2, "0") or 0)
        name = self.rate_name.data or "VAT"
        return RateValues(self.country.data, TaxClass(self.tax_class.data), name, rate_bp)
