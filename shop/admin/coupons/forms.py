"""What staff type about coupons."""

from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from wtforms import BooleanField, SelectField, StringField

from shop.admin.forms import DeskForm
from shop.core import plaintext
from shop.core.clock import today
from shop.core.config import config
from shop.core.errors import BadInput
from shop.core.number_input import typed_amount
from shop.coupons.changes import CouponBounds
from shop.coupons.code import new_code
from shop.coupons.services import LONGEST_NAME, CouponTerms
from shop.coupons.typed import TypedTerms, day_begins, read_terms
from shop.models import Coupon, CouponKind
from shop.models.coupon import LONGEST_CODE
from shop.settings.queries import shop_settings
from shop.web.forms import options

_FIRST_DAYS: Final = 30
_PERCENT: Final = "10"
_NUMBER: Final = {"inputmode": "numeric", "maxlength": 12}
_DAY: Final = {"type": "date"}
_KINDS: Final = (
    (CouponKind.PERCENT, "A share of the goods"),
    (CouponKind.AMOUNT, "An amount of the goods"),
    (CouponKind.FREE_DELIVERY, "The delivery"),
)


class BoundsForm(DeskForm):
    """What any coupon may change: days, limits, a minimum."""

    starts = StringField("First day", render_kw=_DAY)
    ends = StringField("Last day", description="Whole, in the shop’s zone.", render_kw=_DAY)
    minimum = StringField("Minimum of goods", render_kw={"inputmode": "decimal", "maxlength": 20})
    limit = StringField("Uses in all", render_kw=_NUMBER)
    per_customer = StringField("Uses for each customer", render_kw=_NUMBER)

    @classmethod
    def of(cls, coupon: Coupon) -> "BoundsForm":
        """Return the form as the coupon is, whatever the request posts."""
        last = coupon.ends_at - timedelta(microseconds=1) if coupon.ends_at else None
        zone = ZoneInfo(config().timezone)
        data = {
            "starts": f"{coupon.starts_at.astimezone(zone):%Y-%m-%d}" if coupon.starts_at else "",
            "ends": f"{last.astimezone(zone):%Y-%m-%d}" if last else "",
            "minimum": _typed(coupon.minimum_amount),
            "limit": str(coupon.usage_limit or ""),
            "per_customer": str(coupon.per_customer_limit or ""),
            "version": str(coupon.version),
        }
        return cls(formdata=None, data=data)

    def bounds(self, coupon: Coupon) -> CouponBounds:
        """Return the checked bounds. Raises BadInput.

        A day that is not changed keeps its hour: a coupon that was ended by hand ended then.
        """
        wrong: dict[str, str] = {}
        was = BoundsForm.of(coupon)
        starts, ends = self._day("starts", wrong), self._day("ends", wrong)
        limit, each = self._whole("limit", wrong), self._whole("per_customer", wrong)
        minimum = self.amount("minimum", wrong) if self.minimum.data else 0
        if wrong:
            raise BadInput(**wrong)
        is_same_start = self.starts.data == was.starts.data
        is_same_end = self.ends.data == was.ends.data
        return CouponBounds(
            starts_at=coupon.starts_at if is_same_start else day_begins("starts", starts, 0),
            ends_at=coupon.ends_at if is_same_end else day_begins("ends", ends, 1),
            minimum_amount=minimum,
            usage_limit=limit,
            per_customer_limit=each,
        )

    def _day(self, name: str, wrong: dict[str, str]) -> date | None:
        typed = self._fields[name].data
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError:
            wrong[name] = "Enter a day as year-month-day, such as 2026-12-31."
            return None

    def _whole(self, name: str, wrong: dict[str, str]) -> int | None:
        typed = plaintext.code(self._fields[name].data or "")
        if not typed:
            return None
        if typed.isascii() and typed.isdecimal():
            return int(typed[:12])
        wrong[name] = "Enter a whole number."
        return None


class TermsForm(BoundsForm):
    """All that a new coupon, or each of a batch, may be."""

    kind = SelectField("Takes off", choices=options(_KINDS), validate_choice=False)
    percent = StringField("Percent", render_kw={"inputmode": "decimal", "maxlength": 8})
    amount_off = StringField("Amount", render_kw={"inputmode": "decimal", "maxlength": 20})
    first_order = BooleanField("Only for a customer’s first order")
    holder = StringField(
        "Only for one person",
        description="The proven address of an account.",
        render_kw={"maxlength": 254},
    )
    category = StringField(
        "Only for categories",
        description="By address, such as candles; several with commas. All below them, too.",
        render_kw={"maxlength": 1000},
    )
    product = StringField(
        "Only for pieces",
        description="By address, such as iris-ring; several with commas.",
        render_kw={"maxlength": 1000},
    )

    def terms(self) -> CouponTerms:
        """Return the checked terms. Raises BadInput."""
        wrong: dict[str, str] = {}
        if self.kind.data not in set(CouponKind):
            raise BadInput(kind="Choose what it takes off.")
        typed = TypedTerms(
            kind=CouponKind(self.kind.data),
            percent=self.percent.data or "",
            amount=self.amount_off.data or "",
            minimum=self.minimum.data or "0",
            starts=self._day("starts", wrong),
            ends=self._day("ends", wrong),
            limit=self._whole("limit", wrong) if "limit" in self else None,
            per_customer=self._whole("per_customer", wrong),
            first_order=self.first_order.data,
            holder=self.holder.data or "",
            category=_slugs(self.category.data),
            product=_slugs(self.product.data),
        )
        try:
            terms = read_terms(typed)
        except BadInput as error:
            wrong = {**error.fields, **wrong}
        if wrong:
            raise BadInput(**wrong)
        return terms

    def refuse(self, error: BadInput) -> None:
        """Show what is wrong; the amount is called another name here, for `amount()` is taken."""
        renamed = {"amount_off" if n == "amount" else n: text for n, text in error.fields.items()}
        super().refuse(BadInput(**renamed))


class CouponForm(TermsForm):
    """A new coupon."""

    code = StringField(
        "Code", render_kw={"maxlength": LONGEST_CODE, "autocapitalize": "characters"}
    )

    @classmethod
    def fresh(cls) -> "CouponForm":
        """Return what most coupons are: a code that is made, 10 %, for 30 days."""
        return cls(formdata=None, data={"code": new_code(), **_first_values()})


class BatchForm(TermsForm):
    """Many codes that can be used once each."""

    name = StringField("Name of the batch", render_kw={"maxlength": LONGEST_NAME})
    number = StringField("How many codes", render_kw=_NUMBER)
    limit = None  # each once

    @classmethod
    def fresh(cls) -> "BatchForm":
        """Return a batch of a hundred codes of 10 %, for 30 days."""
        return cls(formdata=None, data={"number": "100", **_first_values()})

    def count(self) -> int:
        """Return how many are wanted. Raises BadInput."""
        wrong: dict[str, str] = {}
        number = self._whole("number", wrong)
        if wrong:
            raise BadInput(**wrong)
        return number or 0


def _typed(amount: int) -> str:
    return typed_amount(amount, config().currency, shop_settings().locale) if amount else ""


def _first_values() -> dict[str, str]:
    last = today(config().timezone) + timedelta(days=_FIRST_DAYS)
    return {"kind": CouponKind.PERCENT, "percent": _PERCENT, "ends": last.isoformat()}


def _slugs(typed: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(slug for part in (typed or "").split(",") if (slug := part.strip())))
