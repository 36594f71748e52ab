"""What may be changed of a coupon that exists: on and off, its days, its limits, its minimum."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.coupons.code import code_key
from shop.coupons.services import CouponTerms, check_terms
from shop.models import Coupon


@dataclass(frozen=True, kw_only=True)
class CouponBounds:
    """What a coupon may change while it is in use; what it takes off stays as it was told.

    Times in UTC, the minimum in minor units; None: without that bound.
    """

    starts_at: datetime | None
    ends_at: datetime | None
    minimum_amount: int
    usage_limit: int | None
    per_customer_limit: int | None


@retried
def switch_coupon(code: str, *, is_active: bool) -> Coupon:
    """Switch a coupon on or off: off, nobody can use it any more; what is held stays.

    Raises NotFound, and BadInput for a prize, whose life is that of its draw.
    """
    with transaction() as session:
        number = session.scalar(select(Coupon.id).where(Coupon.code_key == code_key(code)))
        if number is None:
            raise NotFound(f"There is no coupon {code}.")
        coupon = lock_coupon(number)
        if coupon.is_active != is_active:
            _write(coupon, is_active=is_active)
        return coupon


def change_bounds(coupon_id: int, bounds: CouponBounds) -> Coupon:
    """Give a coupon other days, limits or another minimum. Raises NotFound, BadInput by field.

    Orders that wait for their payment keep what they were priced with. The limit in all cannot
    be below what is used already.
    """
    with transaction():
        coupon = lock_coupon(coupon_id)
        wanted = vars(bounds)
        terms = CouponTerms(
            kind=coupon.kind,
            percent_bp=coupon.percent_bp,
            amount_off=coupon.amount_off,
            is_first_order_only=coupon.is_first_order_only,
            **wanted,
        )
        check_terms(terms, known_end=coupon.ends_at)
        if bounds.usage_limit is not None and bounds.usage_limit < coupon.used_count:
            raise BadInput(limit=f"It was used {coupon.used_count} times already.")
        if wanted != present_bounds(coupon):
            _write(coupon, **wanted)
        return coupon


def end_coupon(coupon_id: int) -> Coupon:
    """Let a coupon end now, for good or until it gets another last day. Raises NotFound, BadInput.

    One that has not begun never does; one that is over stays as it is.
    """
    with transaction():
        coupon, at = lock_coupon(coupon_id), now()
        if coupon.ends_at is None or coupon.ends_at > at:
            is_begun = coupon.starts_at is None or coupon.starts_at < at
            _write(coupon, ends_at=at, starts_at=coupon.starts_at if is_begun else None)
        return coupon


def present_bounds(coupon: Coupon) -> dict[str, object]:
    """Return the bounds of a coupon as they are, by the names of `CouponBounds`."""
    return {name: getattr(coupon, name) for name in CouponBounds.__dataclass_fields__}


def lock_coupon(coupon_id: int) -> Coupon:
    """Return a coupon that nobody else changes or uses before the commit.

    Raises NotFound, and BadInput for a prize.
    """
    coupon = db.session.get(Coupon, coupon_id, with_for_update=True, populate_existing=True)
    if coupon is None:
        raise NotFound
    if coupon.is_prize:
        raise BadInput(code="This code is a prize: it begins and ends with its draw.")
    return coupon


def _write(coupon: Coupon, **values: object) -> None:
    new = {**values, "version": Coupon.version + 1}
    changed(update(Coupon).where(Coupon.id == coupon.id).values(**new))
    db.session.refresh(coupon)
