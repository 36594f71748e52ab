"""C: no coupon is used more often than it may be, and every use belongs to its order."""

from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from shop.audit.registry import check
from shop.models import Coupon, CouponRedemption, Order, RedemptionState
from shop.models.coupon import LIVE_USE
from shop.models.order import CAPTURED, DEAD, OPEN

Rows = Select[*tuple[Any, ...]]
_USES = (
    select(func.count())
    .where(
        CouponRedemption.coupon_id == Coupon.id,
        CouponRedemption.state.in_(LIVE_USE),
    )
    .correlate(Coupon)
    .scalar_subquery()
)


@check("C1", "No coupon has more uses, held or committed, than its limit")
def used_too_often() -> Rows:
    """Find coupons that were used beyond their limit."""
    return select(Coupon.code, Coupon.usage_limit.label("limit"), _USES.label("uses")).where(
        Coupon.usage_limit < _USES
    )


@check("C1b", "No customer has more uses of a coupon than its limit for each")
def used_too_often_by_one() -> Rows:
    """Find addresses that used a coupon beyond its limit per customer."""
    uses = func.count()
    return (
        select(Coupon.code, CouponRedemption.email_key.label("customer"), uses.label("uses"))
        .join(Coupon, Coupon.id == CouponRedemption.coupon_id)
        .where(CouponRedemption.state.in_(LIVE_USE))
        .group_by(Coupon.id, CouponRedemption.email_key)
        .having(uses > Coupon.per_customer_limit)
    )


@check("C2", "The count of a coupon is the number of its uses, held or committed")
def count_differs() -> Rows:
    """Find coupons whose count says otherwise."""
    return select(Coupon.code, Coupon.used_count.label("counted"), _USES.label("uses")).where(
        Coupon.used_count != _USES
    )


@check("C3", "An order has a coupon if and only if it has its use, in the state of the order")
def use_differs() -> Rows:
    """Find orders with a code and no use, or a use that does not follow its order."""
    state = CouponRedemption.state
    return (
        select(Order.number.label("order"), Order.coupon_code, Order.payment_status, state)
        .outerjoin(CouponRedemption, CouponRedemption.order_id == Order.id)
        .where(
            or_(
                (Order.coupon_code != "") != CouponRedemption.id.is_not(None),
                CouponRedemption.amount != Order.amount_discount,
                and_(Order.payment_status.in_(OPEN), state != RedemptionState.HELD),
                and_(Order.payment_status.in_(DEAD), state != RedemptionState.RELEASED),
                and_(
                    Order.payment_status.in_(CAPTURED),
                    state.not_in([RedemptionState.COMMITTED, RedemptionState.LATE]),
                ),
            )
        )
    )
