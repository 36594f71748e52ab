"""Joining a guest's cart to the customer's, at the sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from shop.cart.draft import may_follow
from shop.cart.lines import live_variants
from shop.cart.owner import CartOwner, lock_cart, make_cart
from shop.core.db import changed, db, retried, transaction
from shop.coupons.luck import move_prize
from shop.models import (
    Cart,
    CartItem,
    CouponRedemption,
    Order,
    PaymentStatus,
    ProductVariant,
    RedemptionState,
    User,
)
from shop.stock.quantity import quantity_cap


@dataclass(frozen=True)
class MergedCart:
    """What `merge_carts` did: how many items came along, names of lines that stock cut short."""

    quantity: int = 0
    capped: tuple[str, ...] = ()


@retried
def merge_carts(token_hash: str, user_id: int) -> MergedCart:
    """Move the guest's cart into the customer's, once; joins the transaction of the sign-in.

    Quantities of the same variant add up, capped by stock and 99; nothing is lost silently: what
    was cut short is named. What was typed at checkout follows only into the account whose address
    it bears. A repeated merge finds no guest cart and does nothing.
    """
    with transaction():
        guest = lock_cart(CartOwner(token_hash=token_hash))
        if guest is None:
            return MergedCart()
        target = lock_cart(CartOwner(user_id=user_id))
        count = select(func.coalesce(func.sum(CartItem.quantity), 0))
        asked = (
            count.where(CartItem.cart_id == guest).scalar_subquery(),
            select(User.email_key).where(User.id == user_id).scalar_subquery(),
        )
        statement = select(Cart.draft, *asked).where(Cart.id == guest)
        draft, quantity, email_key = db.session.execute(statement).one()
        if draft is not None and not may_follow(draft, email_key):
            draft = None
        if target is None and _assign_to_user(guest, user_id, draft):
            return MergedCart(quantity)
        target = target or make_cart(CartOwner(user_id=user_id))
        _move_orders(guest, target)  # first: what they hold does not lock its own lines out
        capped = _move_lines(guest, target)
        _move_coupon(guest, target)
        _move_draft(target, draft)
        changed(delete(Cart).where(Cart.id == guest))
        return MergedCart(quantity, capped)


def _assign_to_user(guest: int, user_id: int, draft: Mapping[str, str] | None) -> bool:
    """Make the guest's cart the customer's; False when they got one in this very moment."""
    kept = null() if draft is None else draft
    try:
        with db.session.begin_nested():
            changed(
                update(Cart)
                .where(Cart.id == guest)
                .values(user_id=user_id, token_hash=None, draft=kept)
            )
    except IntegrityError:
        return False
    return True


def _move_lines(guest: int, mine: int) -> tuple[str, ...]:
    """Add the guest's lines to mine; return the names of those that had to be cut short."""
    capped = []
    rows = db.session.execute(
        live_variants(mine)
        .add_columns(CartItem.quantity, CartItem.seen_amount)
        .join(CartItem, CartItem.variant_id == ProductVariant.id)
        .where(CartItem.cart_id == guest)
        .order_by(CartItem.id)
    ).all()
    mine_now = select(CartItem.variant_id, CartItem.quantity).where(CartItem.cart_id == mine)
    have = {row.variant_id: row.quantity for row in db.session.execute(mine_now)}
    for row in rows:
        before = have.get(row.id, 0)
        wanted = before + row.quantity
        fits = max(1, min(wanted, quantity_cap(row)))  # a sold-out line stays and says so
        if fits < wanted:
            capped.append(row.name)
        if before:
            here = (CartItem.cart_id == mine) & (CartItem.variant_id == row.id)
            changed(update(CartItem).where(here).values(quantity=fits))
        else:
            db.session.add(
                CartItem(
                    cart_id=mine,
                    variant_id=row.id,
                    quantity=fits,
                    seen_amount=row.seen_amount,
                )
            )
    db.session.flush()
    return tuple(capped)


def _move_orders(guest: int, mine: int) -> None:
    """Let the guest's orders follow the cart; one that is pending only if mine has none."""
    waiting = select(Order.id).where(
        Order.cart_id == mine, Order.payment_status == PaymentStatus.PENDING
    )
    may_follow = or_(Order.payment_status != PaymentStatus.PENDING, ~waiting.exists())
    changed(update(Order).where(Order.cart_id == guest, may_follow).values(cart_id=mine))


def _move_draft(mine: int, draft: Mapping[str, str] | None) -> None:
    """Let what was typed last follow; what names nobody only where nothing was typed before."""
    if draft is not None:
        here = (Cart.id == mine) & (Cart.draft.is_(null()) | bool(draft.get("email")))
        changed(update(Cart).where(here).values(draft=draft))


def _move_coupon(guest: int, mine: int) -> None:
    """Let the guest's coupon follow: it was entered last.

    Not one whose use stays with an order that was left behind.
    """
    kept = (
        select(CouponRedemption.coupon_id)
        .join(Order, Order.id == CouponRedemption.order_id)
        .where(Order.cart_id == guest, CouponRedemption.state == RedemptionState.HELD)
    )
    theirs = select(Cart.coupon_id).where(Cart.id == guest, Cart.coupon_id.not_in(kept))
    coupon_id = db.session.scalar(theirs)
    if coupon_id is not None:
        changed(update(Cart).where(Cart.id == mine).values(coupon_id=coupon_id))
    move_prize(guest, mine)
