"""Reading coupons: the terms that hold for one customer and cart, in one statement."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    cast,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from shop.core.clock import now
from shop.core.db import db
from shop.coupons.terms import Terms
from shop.models import (
    Category,
    Coupon,
    CouponCategory,
    CouponProduct,
    CouponRedemption,
    LuckySlot,
    Order,
    PaymentStatus,
    Product,
    RedemptionState,
    SlotState,
    User,
)
from shop.models.coupon import LIVE_USE
from shop.models.order import CAPTURED

HANDED_ON: Final = timedelta(minutes=50)  # after a prize's ten minutes: an hour from the win


def find_terms(
    which: ColumnElement[bool], *, cart_id: int, user_id: int | None, email_key: str
) -> Terms | None:
    """Return the terms of the coupon for which `which` holds, or None.

    `user_id` and `email_key` ("": not known yet) say who uses it.
    """
    row = db.session.execute(_statement(cart_id, user_id, email_key).where(which)).one_or_none()
    if row is None:
        return None
    coupon: Coupon = row.Coupon
    return Terms(
        coupon_id=coupon.id,
        code=coupon.code,
        kind=coupon.kind,
        percent_bp=coupon.percent_bp,
        amount_off=coupon.amount_off,
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        minimum_amount=coupon.minimum_amount,
        usage_limit=coupon.usage_limit,
        per_customer_limit=coupon.per_customer_limit,
        used=coupon.used_count - row.own,
        used_by_customer=row.used_by_customer,
        is_first_order_only=coupon.is_first_order_only,
        has_ordered=row.has_ordered,
        is_foreign=row.is_foreign,
        is_active=coupon.is_active,
        is_prize=coupon.is_prize,
        is_lost=row.is_lost,
        category_ids=frozenset(_ids(row.categories)),
        product_ids=frozenset(_ids(row.products)),
    )


def _statement(cart_id: int, user_id: int | None, email_key: str) -> Select[Any]:
    redemption = CouponRedemption
    waiting = select(Order.id).where(
        Order.cart_id == cart_id, Order.payment_status == PaymentStatus.PENDING
    )
    own = (
        select(func.count())
        .select_from(Order)
        .join(redemption, redemption.order_id == Order.id)
        .where(
            Order.cart_id == cart_id,
            Order.payment_status == PaymentStatus.PENDING,
            redemption.state == RedemptionState.HELD,
            redemption.coupon_id == Coupon.id,
        )
    )
    theirs = customer_uses(Coupon.id, user_id, email_key)
    bought = select(Order.id).where(
        Order.payment_status.in_(CAPTURED),
        or_(false(), *_names(Order.user_id, Order.email_key, user_id, email_key)),
    )
    # Only a proven address makes a holder; the one an order is sent news to may be another.
    holder = select(User.id).where(
        User.id == user_id,
        User.email_key == Coupon.holder_key,
        User.email_verified_at.is_not(None),
    )
    # Hidden categories too: a coupon for one must not become a coupon for everything.
    top, below = aliased(Category), aliased(Category, name="below")
    owned = select(LuckySlot.slot).where(LuckySlot.coupon_id == Coupon.id, is_owned(cart_id))
    return select(
        Coupon,
        own.scalar_subquery().label("own"),
        theirs.where(redemption.order_id.not_in(waiting))
        .scalar_subquery()
        .label("used_by_customer"),
        and_(Coupon.is_first_order_only, bought.exists()).label("has_ordered"),
        and_(Coupon.is_prize, ~owned.exists()).label("is_lost"),
        and_(Coupon.holder_key != "", ~holder.exists()).label("is_foreign"),
        select(func.aggregate_strings(cast(below.id, String), ","))
        .select_from(CouponCategory)
        .join(top, top.id == CouponCategory.category_id)
        .join(below, below.path.startswith(top.path))
        .where(CouponCategory.coupon_id == Coupon.id)
        .scalar_subquery()
        .label("categories"),
        select(func.aggregate_strings(cast(CouponProduct.product_id, String), ","))
        .where(CouponProduct.coupon_id == Coupon.id)
        .scalar_subquery()
        .label("products"),
    )


def is_owned(cart_id: int) -> ColumnElement[bool]:
    """Return whether a lucky slot is this bag's: for its ten minutes, or by its pending order.

    A checkout that is begun anew keeps the prize for `HANDED_ON`, not for ever; a payment page
    that is open then stays as it is.
    """
    waiting = select(Order.id).where(
        Order.cart_id == cart_id, Order.payment_status == PaymentStatus.PENDING
    )
    in_time = and_(
        LuckySlot.state == SlotState.GRANTED,
        LuckySlot.cart_id == cart_id,
        LuckySlot.expires_at >= now(),
    )
    by_order = and_(
        LuckySlot.state == SlotState.HELD,
        LuckySlot.order_id.in_(waiting),
        LuckySlot.expires_at >= now() - HANDED_ON,
    )
    return or_(in_time, by_order)


def customer_uses(
    coupon_id: int | InstrumentedAttribute[int], user_id: int | None, email_key: str
) -> Select[int]:
    """Return what counts a customer's live uses of a coupon; 0 for somebody unknown.

    The coupon stands beside each name of the customer, so that an index finds the few uses under
    that name: a popular coupon has them by the thousand.
    """
    use = CouponRedemption
    names = _names(use.user_id, use.email_key, user_id, email_key)
    theirs = or_(false(), *(and_(use.coupon_id == coupon_id, name) for name in names))
    return select(func.count()).select_from(use).where(use.state.in_(LIVE_USE), theirs)


def _names(
    user: InstrumentedAttribute[int | None],
    email: InstrumentedAttribute[str],
    user_id: int | None,
    email_key: str,
) -> list[ColumnElement[bool]]:
    """Return what makes a row a customer's: their account, its address, or the one they typed.

    Whoever types the address of an account is that account, signed in or not.
    """
    names: list[ColumnElement[bool]] = []
    if user_id is not None:
        names += [user == user_id, email == _value(User.email_key, User.id == user_id)]
    if email_key:
        names += [email == email_key, user == _value(User.id, User.email_key == email_key)]
    return names


def _value(column: InstrumentedAttribute[Any], which: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(column).where(which).scalar_subquery()


def _ids(listed: str | None) -> list[int]:
    return [int(number) for number in listed.split(",")] if listed else []


def find_scope_ids(model: type[Category] | type[Product], slugs: Sequence[str]) -> dict[str, int]:
    """Return the ids of the categories or products with these slugs; unknown ones are left out."""
    found = db.session.execute(select(model.slug, model.id).where(model.slug.in_(slugs)))
    return {row.slug: row.id for row in found}
