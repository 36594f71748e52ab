"""The terms of a coupon as people type them, at a command or at the desk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from shop.core.config import config
from shop.core.emails import clean_email, normalise_email
from shop.core.errors import BadInput
from shop.core.number_input import parse_amount, parse_percent
from shop.coupons.queries import find_scope_ids
from shop.coupons.services import CouponTerms
from shop.models import Category, CouponKind, Product
from shop.settings.queries import shop_settings

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class TypedTerms:
    """Terms as they were typed: days of the shop, the last one whole, scopes by slug."""

    kind: CouponKind
    percent: str = ""
    amount: str = ""
    minimum: str = "0"
    starts: date | None = None
    ends: date | None = None
    limit: int | None = None
    per_customer: int | None = None
    first_order: bool = False
    holder: str = ""
    category: Sequence[str] = ()
    product: Sequence[str] = ()


def read_terms(typed: TypedTerms) -> CouponTerms:
    """Return the terms that are meant. Raises BadInput with all that cannot be read, by field."""
    wrong: dict[str, str] = {}

    def read(function: Callable[..., V], other: V, *values: object) -> V:
        try:
            return function(*values)
        except BadInput as error:
            wrong.update(error.fields)
            return other

    is_percent, is_amount = typed.kind is CouponKind.PERCENT, typed.kind is CouponKind.AMOUNT
    terms = CouponTerms(
        kind=typed.kind,
        percent_bp=read(_basis_points, 0, typed.percent) if is_percent else 0,
        amount_off=read(_amount, 0, "amount", typed.amount) if is_amount else 0,
        minimum_amount=read(_amount, 0, "minimum", typed.minimum),
        starts_at=read(day_begins, None, "starts", typed.starts, 0),
        ends_at=read(day_begins, None, "ends", typed.ends, 1),
        usage_limit=typed.limit,
        per_customer_limit=typed.per_customer,
        is_first_order_only=typed.first_order,
        holder_key=read(_holder, "", typed.holder),
        category_ids=read(_ids, (), "category", Category, typed.category),
        product_ids=read(_ids, (), "product", Product, typed.product),
    )
    if wrong:
        raise BadInput(**wrong)
    return terms


def day_begins(name: str, day: date | None, later: int) -> datetime | None:
    """Return when the day begins in the shop's zone, or the one `later` days after it.

    None for none. Raises BadInput for the field `name`.
    """
    if day is None:
        return None
    try:
        begins = datetime.combine(day, time(), ZoneInfo(config().timezone))
        return (begins + timedelta(days=later)).astimezone(UTC)
    except OverflowError as error:
        raise BadInput(**{name: "That day is too far away."}) from error


def _holder(address: str) -> str:
    return normalise_email(clean_email(address, "holder")) if address else ""


def _ids(name: str, model: type[Category] | type[Product], slugs: Sequence[str]) -> tuple[int, ...]:
    ids = find_scope_ids(model, slugs) if slugs else {}
    unknown = [slug for slug in slugs if slug not in ids]
    if unknown:
        raise BadInput(**{name: f"There is none with the slug {', '.join(unknown)}."})
    return tuple(ids.values())


def _basis_points(percent: str) -> int:
    try:
        points = parse_percent(percent)
    except BadInput:
        points = 0
    if not 1 <= points <= 10_000:
        raise BadInput(percent="Enter a percentage above 0, at most 100, such as 10 or 12.5.")
    return points


def _amount(name: str, text: str) -> int:
    try:
        return parse_amount(text, config().currency, shop_settings().locale)
    except BadInput as error:
        raise BadInput(**{name: str(error)}) from error
