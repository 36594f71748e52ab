"""An address as the chosen country wants it: the fields of checkout and address book."""

from typing import Any, Final

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.fields import TelField

from shop.addresses import (
    FIELDS,
    LENGTHS,
    PostalAddress,
    check_address,
    country_choices,
    is_country,
    rules_for,
)
from shop.forms import ShopForm, options, stripped

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
    return StringField(label, filters=[stripped], render_kw=limit)


class AddressForm(ShopForm):
    """An address. Fields that the chosen country does not use are not there.

    `default_country` is chosen first when nothing was posted or known.
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
        filters=[stripped],
        description=_l("For the carrier, if there is a question."),
        render_kw={"maxlength": LENGTHS["phone"], "autocomplete": "tel"},
    )

    def __init__(self, *, default_country: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.country.choices = options(country_choices(str(get_locale() or "en")))
        if not is_country(self.country.data or ""):
            self.country.data = default_country
        self.rules = rules_for(self.country.data)
        self.postal_code.label.text = self.rules.postal_label
        self.city.label.text = self.rules.city_label
        self.region.label.text = self.rules.region_label
        if self.rules.regions:
            self._choose_region()
        if not self.rules.has_postal_code:
            del self.postal_code
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
        narrow = {"postal_code", "city", "region"}
        names = ("name", "company", *self.rules.order, "phone")
        return [(self[n], n in optional, n not in narrow) for n in names if n in self]

    def _choose_region(self) -> None:
        """Put a list of the country's regions in the place of the free text."""
        unbound = SelectField(
            self.rules.region_label,
            choices=options([("", _l("Choose")), *self.rules.regions]),
            validate_choice=False,
            render_kw={"autocomplete": AUTOCOMPLETE["region"]},
        )
        field = unbound.bind(form=self, name="region", prefix=self._prefix)
        field.process(None, self.region.data or "")
        self._fields["region"] = self.region = field
