"""C: no coupon is used more often than it may be; L: every prize has one owner, and a log."""

from typing import Any

from sqlalchemy import Select, String, and_, case, cast, func, or_, select

from shop.audit.registry import check
from shop.models import (
    Coupon,
    CouponRedemption,
    LuckEvent,
    LuckKind,
    LuckySlot,
    Order,
    RedemptionState,
    SlotState,
)
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
    limit = case((Coupon.is_first_order_only, 1), else_=Coupon.per_customer_limit)
    return (
        select(Coupon.code, CouponRedemption.email_key.label("customer"), uses.label("uses"))
        .join(Coupon, Coupon.id == CouponRedemption.coupon_id)
        .where(CouponRedemption.state.in_(LIVE_USE), CouponRedemption.email_key != "")
        .group_by(Coupon.id, CouponRedemption.email_key)
        .having(uses > limit)
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


@check("L1", "A prize that an order keeps or has redeemed is the use of its order, and of no other")
def prize_differs() -> Rows:
    """Find slots whose order did not use their coupon."""
    used = select(CouponRedemption.id).where(
        CouponRedemption.order_id == LuckySlot.order_id,
        CouponRedemption.coupon_id == LuckySlot.coupon_id,
        CouponRedemption.state.in_([*LIVE_USE, RedemptionState.LATE]),
    )
    return select(LuckySlot.slot, LuckySlot.state, LuckySlot.order_id).where(
        LuckySlot.state.in_([SlotState.HELD, SlotState.REDEEMED]), ~used.exists()
    )


@check("L3", "A prize that went back can be used by nobody, and the log says what became of each")
def returned_prize_works() -> Rows:
    """Find returned slots with a live code, and slots whose last line in the log differs."""
    last = (
        select(LuckEvent.kind)
        .where(LuckEvent.slot == LuckySlot.slot)
        .order_by(LuckEvent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    should = case(
        (LuckySlot.state == SlotState.HELD, LuckKind.GRANTED), else_=cast(LuckySlot.state, String)
    )
    return (
        select(LuckySlot.slot, LuckySlot.state, last.label("log"), Coupon.is_active)
        .outerjoin(Coupon, Coupon.id == LuckySlot.coupon_id)
        .where(
            or_(
                and_(LuckySlot.state == SlotState.RETURNED, Coupon.is_active),
                func.coalesce(cast(last, String), "") != should,
            )
        )
    )
