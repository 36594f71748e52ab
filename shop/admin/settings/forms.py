"""The forms of carriers and tax rates."""

from typing import Any

from wtforms import BooleanField, EmailField, FileField, SelectField, StringField

from shop.admin.forms import DeskForm
from shop.admin.settings.input_types import (
    CarrierValues,
    RateValues,
    carrier_shown,
)
from shop.core.addresses import country_choices, is_country
from shop.core.errors import BadInput
from shop.core.number_input import parse_percent
from shop.delivery.tracking import check_pattern
from shop.mail.reach import reachable_email
from shop.media.uploads import ACCEPTED
from shop.models import Carrier, TaxClass
from shop.settings.forms import SettingsForm
from shop.web.forms import ShopForm, options

MOST_RATE = 10_000  # basis points: less than this
LOGO_HINT = (
    "PNG or WebP with a transparent ground, 800 pixels wide or more; also JPEG, AVIF, GIF. At most "
    "five times as wide as it is high."
)

LONGEST_NAME, LONGEST_PATTERN = 100, 250  # characters of a carrier's name and address


class CarrierForm(DeskForm):
    """Who carries parcels, and where they are shown."""

    name = StringField("Name", render_kw={"maxlength": LONGEST_NAME})
    tracking_url = StringField(
        "Tracking page",
        description="https://…, with {number} where the tracking number goes. Parcels that are "
        "on their way keep the link that their customers were sent.",
        render_kw={"maxlength": LONGEST_PATTERN},
    )
    is_active = BooleanField("Offered for parcels")

    @classmethod
    def blank(cls, carrier: Carrier | None) -> "CarrierForm":
        """Return the form with the carrier's present values, whatever the request posts."""
        if carrier is None:
            return cls(formdata=None, data={"is_active": True}, prefix=prefix_of("c", None))
        shown = carrier_shown(carrier) | {"version": str(carrier.version)}
        return cls(formdata=None, data=shown, prefix=prefix_of("c", carrier.id))

    def values(self) -> CarrierValues:
        """Return the checked carrier. Raises BadInput."""
        if not self.name.data:
            raise BadInput(name="Enter a name.")
        if len(self.name.data) > LONGEST_NAME:
            raise BadInput(name="Enter a shorter name.")
        if len(self.tracking_url.data or "") > LONGEST_PATTERN:
            raise BadInput(tracking_url="Enter a shorter address.")
        url = check_pattern(self.tracking_url.data or "")
        return CarrierValues(self.name.data, url, bool(self.is_active.data))


def prefix_of(kind: str, row_id: int | None) -> str:
    """Return what keeps the fields of several rows on one page apart: c7-, new-c-."""
    return f"{kind}{row_id}-" if row_id else f"new-{kind}-"


class GroupForm(DeskForm, SettingsForm):
    """The settings of a group."""

    def texts(self) -> dict[str, str]:
        """Return what was entered, as `set_settings` takes it."""
        return {name: text for name, text in super().texts().items() if name != "version"}


class RateForm(ShopForm):
    """The rate of a tax class in a country."""

    country = SelectField("Country", validate_choice=False)
    tax_class = SelectField("Class", validate_choice=False)
    rate_name = StringField("Name", render_kw={"maxlength": 60})
    percent = StringField("Percent", render_kw={"inputmode": "decimal"})

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
        rate_bp = _rate(self.percent.data or "0", wrong)
        if wrong:
            raise BadInput(**wrong)
        name = self.rate_name.data or "VAT"
        return RateValues(self.country.data, TaxClass(self.tax_class.data), name, rate_bp)


def _rate(text: str, wrong: dict[str, str]) -> int:
    """Return the basis points of a tax rate below 100 %; what is wrong with it goes to `wrong`."""
    try:
        rate_bp = parse_percent(text)
    except BadInput as error:
        wrong["percent"] = str(error)
        return 0
    if rate_bp >= MOST_RATE:
        wrong["percent"] = "Enter a percentage below 100."
    return rate_bp


class LogoForm(ShopForm):
    """A picture that becomes the logo; made by `logo_form`."""

    picture = FileField()

    def content(self) -> bytes:
        """Return the chosen file, empty for none."""
        file = self.picture.data
        return bytes(file.read()) if file else b""


def logo_form(theme: str, *, is_posted: bool = False) -> LogoForm:
    """Return the form of the logo for a theme; a page shows one for each, so its id says which."""
    field = FileField(
        "Picture", id=f"{theme}-picture", description=LOGO_HINT, render_kw={"accept": ACCEPTED}
    )
    made: type[LogoForm] = type("MadeLogoForm", (LogoForm,), {"picture": field})
    return made() if is_posted else made(formdata=None)


class TrialForm(ShopForm):
    """Where a test mail goes."""

    to = EmailField("Send a test mail to", render_kw={"maxlength": 254})

    @classmethod
    def blank(cls, address: str) -> "TrialForm":
        """Return the form with one's own address, whatever the request posts."""
        return cls(formdata=None, data={"to": address})

    def address(self) -> str:
        """Return the checked address. Raises BadInput."""
        return reachable_email(self.to.data or "", "to")
