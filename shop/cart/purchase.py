"""What an order does to the cart it was made of: takes its pieces, or gives them back."""

from sqlalchemy import case, delete, null, or_, select, update

from shop.cart.draft import draft_of
from shop.cart.lines import insert_line
from shop.core.clock import now
from shop.core.db import changed, db
from shop.models import (
    Cart,
    CartItem,
    Coupon,
    CouponRedemption,
    LuckySlot,
    Order,
    OrderItem,
    SlotState,
    User,
)
from shop.models.cart import MAX_QUANTITY


def lock_cart_of(order_id: int) -> int | None:
    """Take the row of an order's cart, before the order's own; None for an order without one.

    A sign-in that merges the cart away meanwhile takes the order along: then it is asked again.
    """
    which = select(Order.cart_id).where(Order.id == order_id)
    lock = update(Cart).where(Cart.id == which.scalar_subquery()).returning(Cart.id)
    while True:
        cart_id = db.session.scalar(
            lock.values(updated_at=now()), execution_options={"synchronize_session": False}
        )
        if cart_id is not None or db.session.scalar(which) is None:
            return cart_id


def remove_purchased(cart_id: int, order_id: int) -> None:
    """Remove what the order bought from a cart, its coupon, and what was typed at checkout.

    What was added since stays. Joins the caller's transaction, which has the cart's row.
    """
    used = select(CouponRedemption.coupon_id).where(CouponRedemption.order_id == order_id)
    coupon_id = case((Cart.coupon_id.in_(used), null()), else_=Cart.coupon_id)
    changed(update(Cart).where(Cart.id == cart_id).values(coupon_id=coupon_id, draft=null()))
    bought = (
        select(OrderItem.quantity)
        .where(OrderItem.order_id == order_id, OrderItem.variant_id == CartItem.variant_id)
        .correlate(CartItem)
        .scalar_subquery()
    )
    here = CartItem.cart_id == cart_id
    changed(delete(CartItem).where(here, CartItem.quantity <= bought))
    changed(
        update(CartItem)
        .where(here, CartItem.quantity > bought)
        .values(quantity=CartItem.quantity - bought)
    )


def restore_items(cart_id: int, order_id: int) -> None:
    """Put what an order bought into the cart again, up to 99 of each: its money did not come.

    With its coupon, if the cart has none; with a prize while its ten minutes last; and with what
    was typed, unless somebody else has signed in with the cart since. Joins the caller's
    transaction, which has the cart's row, before the prize is released.
    """
    order = db.session.get_one(Order, order_id)
    bearer = select(User.id).where(User.email_key == order.email_key)
    is_theirs = or_(Cart.user_id == order.user_id, Cart.user_id.in_(bearer))
    blank = (Cart.id == cart_id) & Cart.draft.is_(null()) & is_theirs
    typed = draft_of(order.email, order.shipping_address, order.delivery_method_id, order.texts)
    changed(update(Cart).where(blank).values(draft=typed))
    items = select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
    for item in db.session.scalars(items):
        line = insert_line(cart_id, item.variant_id, item.quantity, item.unit_amount)
        total = CartItem.quantity + line.excluded.quantity
        most = case((total > MAX_QUANTITY, MAX_QUANTITY), else_=total)
        changed(
            line.on_conflict_do_update(
                index_elements=["cart_id", "variant_id"], set_={"quantity": most}
            )
        )
    in_time = select(LuckySlot.slot).where(
        LuckySlot.coupon_id == Coupon.id,
        LuckySlot.order_id == order_id,
        LuckySlot.state == SlotState.HELD,
        LuckySlot.expires_at >= now(),
    )
    used = (
        select(Coupon.id)
        .join(CouponRedemption, CouponRedemption.coupon_id == Coupon.id)
        .where(CouponRedemption.order_id == order_id, or_(~Coupon.is_prize, in_time.exists()))
        .scalar_subquery()
    )
    changed(update(Cart).where(Cart.id == cart_id, Cart.coupon_id.is_(None)).values(coupon_id=used))
