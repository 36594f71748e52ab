"""An address as the chosen country wants it: the fields of checkout and address book."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.fields import SelectChoice, TelField

from shop.core.addresses import (
    FIELDS,
    LENGTHS,
    PostalAddress,
    check_address,
    country_choices,
    find_region,
    is_country,
    rules_for,
)
from shop.core.locales import PageLocale
from shop.web.forms import ShopForm, options
from shop.web.locales import page_locale

# WCAG 1.3.5: what a browser may fill in.
AUTOCOMPLETE: Final = {
    "name": "name",
    "company": "organization",
    "line1": "address-line1",
    "line2": "address-line2",
    "postal_code": "postal-code",
    "city": "address-level2",
    "region": "address-level1",
    "country": "country",
    "phone": "tel",
}


def _line(name: str, label: Any) -> Any:
    limit = {"maxlength": LENGTHS[name], "autocomplete": AUTOCOMPLETE[name]}
    return StringField(label, render_kw=limit)


@lru_cache(maxsize=256)
def _named(countries: tuple[str, ...], chosen: str, page: PageLocale) -> list[SelectChoice]:
    names = dict(country_choices(str(page.words)))
    offered = dict.fromkeys([*countries, chosen])
    return options((code, names[code]) for code in offered if code in names)


class AddressForm(ShopForm):
    """An address. Fields that the chosen country does not use are not there.

    `default_country` is chosen first when nothing was posted or known; `countries` (codes) are
    offered in this order, and after them the one that is chosen, wherever that is.
    """

    country = SelectField(
        _l("Country"), validate_choice=False, render_kw={"autocomplete": AUTOCOMPLETE["country"]}
    )
    name = _line("name", _l("Full name"))
    company = _line("company", _l("Company"))
    line1 = _line("line1", _l("Street and number"))
    line2 = _line("line2", _l("Flat, floor, building"))
    postal_code = _line("postal_code", _l("Postcode"))
    city = _line("city", _l("Town or city"))
    region = _line("region", _l("State or region"))
    phone = TelField(
        _l("Telephone"),
        description=_l("For the carrier, if there is a question."),
        render_kw={"maxlength": LENGTHS["phone"], "autocomplete": "tel"},
    )

    def __init__(self, *, default_country: str, countries: Sequence[str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.data = (self.country.data or "").upper()
        if not is_country(self.country.data):
            self.country.data = default_country
        self.countries = countries
        self.country.choices = _named(tuple(countries), self.country.data, page_locale())
        self.rules = rules_for(self.country.data)
        self.postal_code.label.text = self.rules.postal_label
        self.city.label.text = self.rules.city_label
        self.region.label.text = self.rules.region_label
        if self.rules.regions:
            self._choose_region()
        if not self.rules.has_postal_code:
            del self.postal_code
        if self.rules.city:
            del self.city
        if not self.rules.region_label:
            del self.region

    def address(self) -> PostalAddress:
        """Return what was entered. Raises BadInput whose `fields` name what is wrong."""
        return check_address({name: self[name].data for name in FIELDS if name in self})

    def in_order(self) -> list[tuple[Field, bool, bool]]:
        """Return (field, may it be empty, does it want a row of its own) as the country writes."""
        optional = {"company", "line2", "phone"}
        optional |= set() if self.rules.needs_postal_code else {"postal_code"}
        optional |= set() if self.rules.needs_region else {"region"}
        optional |= set() if self.rules.needs_city else {"city"}
        narrow = {"postal_code", "city", "region"}
        names = ("name", "company", *self.rules.order, "phone")
        return [(self[n], n in optional, n not in narrow) for n in names if n in self]

    def _choose_region(self) -> None:
        """Put a list of the country's regions in the place of the free text."""
        unbound: Any = SelectField(
            self.rules.region_label,
            choices=options([("", _l("Choose")), *self.rules.regions]),
            validate_choice=False,
            render_kw={"autocomplete": AUTOCOMPLETE["region"]},
        )
        field = self.meta.bind_field(self, unbound, {"name": "region", "prefix": self._prefix})
        named = self.region.data or ""
        field.process(None, find_region(named, self.rules) or named)
        self._fields["region"] = self.region = field
