"""The forms of zones and methods of delivery."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from wtforms import BooleanField, Field, SelectField, SelectMultipleField, StringField

from shop.admin.delivery.input_types import MethodValues, ZoneValues, method_shown, typed_steps
from shop.admin.forms import DeskForm
from shop.core.addresses import country_choices, is_country
from shop.core.errors import BadInput
from shop.core.money import LARGEST
from shop.delivery.bands import HEAVIEST, MOST, Band, check_bands
from shop.models import Carrier, DeliveryMethod, DeliveryZone, Rates
from shop.models.columns import LONGEST_LINE
from shop.web.forms import options

LONGEST_NAME: Final = 100  # characters
_GRAMS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_DAYS: Final = re.compile(r"[0-9]{1,2}", re.ASCII)


class ZoneForm(DeskForm):
    """A zone. `taken`: country → the name of the other zone that has it."""

    name = StringField("Name", render_kw={"maxlength": LONGEST_NAME})
    is_rest = BooleanField(
        "Everywhere else",
        description="All countries that no other zone has; none need to be chosen then.",
    )
    countries = SelectMultipleField("Countries", validate_choice=False)

    def __init__(self, taken: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.taken = taken

    @classmethod
    def of(
        cls, taken: Mapping[str, str], zone: DeliveryZone, countries: Collection[str]
    ) -> "ZoneForm":
        """Return the form with what the zone is now, whatever the request posts."""
        shown = {"name": zone.name, "is_rest": zone.is_rest, "countries": list(countries)}
        return cls(taken, formdata=None, data={**shown, "version": str(zone.version)})

    def offered(self, *, chosen: bool) -> list[tuple[str, str, str]]:
        """Return (code, name, whose it is) of the countries that are chosen, or of the others."""
        ticked = set(self.countries.data or ())
        return [
            (code, name, self.taken.get(code, ""))
            for code, name in country_choices("en")
            if (code in ticked) is chosen
        ]

    def values(self) -> ZoneValues:
        """Return the checked zone. Raises BadInput."""
        wrong = {}
        name, is_rest = self.name.data or "", bool(self.is_rest.data)
        if not name or len(name) > LONGEST_NAME:
            wrong["name"] = f"Enter a name of at most {LONGEST_NAME} characters."
        countries = frozenset(() if is_rest else self.countries.data or ())
        if not all(is_country(code) for code in countries):
            wrong["countries"] = "Choose countries of the list."
        elif not countries and not is_rest:
            wrong["countries"] = "Choose at least one country, or everywhere else."
        if wrong:
            raise BadInput(**wrong)
        return ZoneValues(name, is_rest, countries)


class MethodForm(DeskForm):
    """A way to send an order to the countries of a zone."""

    name = StringField("Name", render_kw={"maxlength": LONGEST_NAME})
    zone_id = SelectField("Zone", validate_choice=False)
    description = StringField(
        "Description",
        description="A sentence for customers.",
        render_kw={"maxlength": LONGEST_LINE},
    )
    carrier_id = SelectField("Usual carrier", validate_choice=False)
    rates = SelectField(
        "Price depends on",
        choices=options(
            [
                (Rates.FLAT, "Nothing: one price"),
                (Rates.WEIGHT, "The weight of the bag"),
                (Rates.AMOUNT, "What the goods cost"),
            ]
        ),
        validate_choice=False,
    )
    price = StringField("Price", render_kw={"inputmode": "decimal"})
    free_from = StringField(
        "Free from", render_kw={"inputmode": "decimal"},
        description="Goods worth this much or more travel free; empty: never.",
    )  # fmt: skip
    min_days = StringField("Working days, at least", render_kw={"inputmode": "numeric"})
    max_days = StringField("Working days, at most", render_kw={"inputmode": "numeric"})
    is_active = BooleanField("Offered")

    def __init__(
        self, zones: Iterable[DeliveryZone], carriers: Iterable[Carrier], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.zones = {str(zone.id): zone.name for zone in zones}
        self.carriers = {"": "–"} | {str(carrier.id): carrier.name for carrier in carriers}
        self.zone_id.choices = options(self.zones.items())
        self.carrier_id.choices = options(self.carriers.items())

    @classmethod
    def of(
        cls, zones: Iterable[DeliveryZone], carriers: Iterable[Carrier], method: DeliveryMethod
    ) -> "MethodForm":
        """Return the form with what the method is now, whatever the request posts."""
        shown = method_shown(method) | {"version": str(method.version)}
        for n, (end, price) in enumerate(typed_steps(method)):
            shown |= {f"end_{n}": end, f"step_{n}": price}
        return cls(zones, carriers, formdata=None, data=shown)

    @classmethod
    def new(
        cls, zones: Iterable[DeliveryZone], carriers: Iterable[Carrier], zone_id: int
    ) -> "MethodForm":
        """Return the form of a new method for a zone."""
        usual = {
            "zone_id": str(zone_id),
            "rates": str(Rates.FLAT),
            "min_days": "2",
            "max_days": "4",
            "is_active": True,
        }
        return cls(zones, carriers, formdata=None, data=usual)

    def values(self) -> MethodValues:
        """Return the checked method. Raises BadInput."""
        wrong: dict[str, str] = {}
        name, description = self.name.data or "", self.description.data or ""
        if not name or len(name) > LONGEST_NAME:
            wrong["name"] = f"Enter a name of at most {LONGEST_NAME} characters."
        if len(description) > LONGEST_LINE:
            wrong["description"] = f"Use at most {LONGEST_LINE} characters."
        zone_id, carrier_id = self.zone_id.data or "", self.carrier_id.data or ""
        if zone_id not in self.zones:
            wrong["zone_id"] = "Choose a zone."
        if carrier_id not in self.carriers:
            wrong["carrier_id"] = "Choose a carrier."
        rates = Rates(self.rates.data) if self.rates.data in set(Rates) else Rates.FLAT
        price = self.amount("price", wrong) if rates is Rates.FLAT else 0
        bands = [] if rates is Rates.FLAT else self._bands(rates, wrong)
        free_from = self.amount("free_from", wrong) if self.free_from.data else None
        days = [self.min_days.data or "", self.max_days.data or ""]
        if not all(_DAYS.fullmatch(day) for day in days) or int(days[0]) > int(days[1]):
            wrong["min_days"] = "Enter days like 2 and 4."
        if wrong:
            raise BadInput(**wrong)
        return MethodValues(
            name,
            description,
            int(zone_id),
            int(carrier_id) if carrier_id else None,
            rates,
            price,
            bands,
            free_from,
            int(days[0]),
            int(days[1]),
            bool(self.is_active.data),
        )

    def steps(self) -> list[tuple[Field, Field]]:
        """Return the fields of each step that is filled in, and of three more."""
        rows = [(self[f"end_{n}"], self[f"step_{n}"]) for n in range(MOST)]
        filled = [n for n, row in enumerate(rows) if any(field.data for field in row)]
        return rows[: max(filled, default=-1) + 4]

    def _bands(self, rates: Rates, wrong: dict[str, str]) -> list[Band]:
        bands: list[Band] = []
        for end, price in self.steps():
            if not end.data and not price.data:
                continue
            up_to = self._end(end, rates, wrong) if end.data else None
            bands.append((up_to, self.amount(price.short_name, wrong)))
        try:
            check_bands(bands, largest=HEAVIEST if rates is Rates.WEIGHT else LARGEST)
        except BadInput as error:
            if not wrong:
                wrong |= {"end_0": error.fields["bands"]}
        return bands

    def _end(self, field: Field, rates: Rates, wrong: dict[str, str]) -> int:
        if rates is Rates.AMOUNT:
            return self.amount(field.short_name, wrong)
        grams = (field.data or "").removesuffix("g").strip()
        if not _GRAMS.fullmatch(grams):
            wrong[field.short_name] = "Enter whole grams, like 1000."
            return 0
        return int(grams)


for _n in range(MOST):
    # After the class: fields with numbers in their names cannot be written into it.
    _numeric = {"inputmode": "decimal"}
    setattr(MethodForm, f"end_{_n}", StringField(f"Step {_n + 1}: up to", render_kw=_numeric))
    setattr(MethodForm, f"step_{_n}", StringField(f"Step {_n + 1}: price", render_kw=_numeric))
