"""Whether a coupon may be used by somebody on a cart, and for what. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from shop.models import CouponKind
from shop.pricing import Discount


class Refusal(StrEnum):
    """Why a coupon cannot be used. Those not in TOLD look the same to whoever tries codes."""

    UNKNOWN = "unknown"
    OFF = "off"
    NOT_YET = "not_yet"
    ENDED = "ended"
    USED_UP = "used_up"
    FOREIGN = "foreign"
    USED_BY_YOU = "used_by_you"
    NOT_FIRST = "not_first"
    LOST = "lost"  # a prize whose time is over, or of another bag
    MINIMUM = "minimum"
    OTHER_PIECES = "other_pieces"


# Security requirement 21: unknown, expired, used up, not yours get one and the same message.
TOLD = frozenset({Refusal.MINIMUM, Refusal.OTHER_PIECES})


@dataclass(frozen=True)
class Terms:
    """A coupon as it is now for one customer and cart. Money in minor units.

    `used` counts uses by others and earlier ones, not what this cart's own open order holds;
    `used_by_customer` those of them by the same account or address. `is_foreign`: it is bound to
    somebody else. `category_ids` contain all categories below; both scopes empty: all pieces.
    """

    coupon_id: int
    code: str
    kind: CouponKind
    percent_bp: int
    amount_off: int
    starts_at: datetime | None
    ends_at: datetime | None
    minimum_amount: int
    usage_limit: int | None
    per_customer_limit: int | None
    used: int
    used_by_customer: int
    is_first_order_only: bool
    has_ordered: bool
    is_active: bool
    is_foreign: bool = False
    is_prize: bool = False
    is_lost: bool = False
    category_ids: frozenset[int] = frozenset()
    product_ids: frozenset[int] = frozenset()


class DiscountableLine(NamedTuple):
    """A line of a cart, as far as a coupon asks; `amount` in minor units."""

    item_id: int
    product_id: int
    category_id: int | None
    amount: int


@dataclass(frozen=True)
class Verdict:
    """What a coupon does for a cart: a discount, or why not. `missing`: minor units to go."""

    discount: Discount | None = None
    refusal: Refusal | None = None
    missing: int = 0


def limit_for_each(limit: int | None, is_first_order_only: bool) -> int | None:
    """Return how often one customer may use a coupon; None: as often as they like.

    A first order is one, also while two of a customer wait for their payment.
    """
    return 1 if is_first_order_only else limit


def evaluate(terms: Terms | None, lines: Sequence[DiscountableLine], at: datetime) -> Verdict:
    """Return what the coupon takes off `pieces` for the customer whose terms these are."""
    if terms is None:
        return Verdict(refusal=Refusal.UNKNOWN)
    refusal = _refusal(terms, at)
    if refusal:
        return Verdict(refusal=refusal)
    meant = [line for line in lines if _is_meant(terms, line)]
    if not meant:
        return Verdict(refusal=Refusal.OTHER_PIECES)
    missing = terms.minimum_amount - sum(line.amount for line in meant)
    if missing > 0:
        return Verdict(refusal=Refusal.MINIMUM, missing=missing)
    return Verdict(_discount(terms, meant, is_for_all=len(meant) == len(lines)))


def _refusal(terms: Terms, at: datetime) -> Refusal | None:
    limit = terms.usage_limit
    each = limit_for_each(terms.per_customer_limit, terms.is_first_order_only)
    reasons = (
        (terms.is_lost, Refusal.LOST),
        (not terms.is_active, Refusal.OFF),
        (terms.is_foreign, Refusal.FOREIGN),
        (terms.starts_at and at < terms.starts_at, Refusal.NOT_YET),
        (terms.ends_at and at >= terms.ends_at, Refusal.ENDED),
        (limit is not None and terms.used >= limit, Refusal.USED_UP),
        (terms.is_first_order_only and terms.has_ordered, Refusal.NOT_FIRST),
        (each is not None and terms.used_by_customer >= each, Refusal.USED_BY_YOU),
    )
    return next((refusal for holds, refusal in reasons if holds), None)


def _is_meant(terms: Terms, line: DiscountableLine) -> bool:
    if not terms.category_ids and not terms.product_ids:
        return True
    return line.product_id in terms.product_ids or line.category_id in terms.category_ids


def _discount(terms: Terms, meant: Iterable[DiscountableLine], *, is_for_all: bool) -> Discount:
    return Discount(
        percent_bp=terms.percent_bp,
        amount_off=terms.amount_off,
        is_free_delivery=terms.kind is CouponKind.FREE_DELIVERY,
        keys=None if is_for_all else frozenset(line.item_id for line in meant),
    )
