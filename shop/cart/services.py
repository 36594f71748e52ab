"""Changing a cart. Quantities are capped where SQL can see the stock; nothing is reserved here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, case, delete, func, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from shop.cart.draft import draft_of, may_follow
from shop.cart.holds import own_hold
from shop.core.clock import now
from shop.core.db import changed, db, insert_new, retried, transaction
from shop.core.errors import InsufficientStock, NotFound, ProductUnavailable
from shop.coupons.luck import move_prize
from shop.models import (
    Cart,
    CartItem,
    Coupon,
    CouponRedemption,
    LuckySlot,
    Order,
    OrderItem,
    PaymentStatus,
    Product,
    ProductVariant,
    RedemptionState,
    SlotState,
    StockPolicy,
    User,
)
from shop.models.cart import MAX_QUANTITY


@dataclass(frozen=True)
class CartOwner:
    """Whose cart: a signed-in user's, or the guest's whose token has this SHA-256."""

    user_id: int | None = None
    token_hash: str | None = None


@dataclass(frozen=True)
class AddedItem:
    """What `add_item` did: the line's present quantity."""

    cart_id: int
    name: str
    label: str
    quantity: int


@dataclass(frozen=True)
class MergedCart:
    """What `merge_carts` did: how many items came along, names of lines that stock cut short."""

    quantity: int = 0
    capped: tuple[str, ...] = ()


@retried
def add_item(owner: CartOwner, variant_id: int, quantity: int) -> AddedItem:
    """Put `quantity` more of a variant into the owner's cart, making the cart at need.

    Raises NotFound for an unknown variant, ProductUnavailable for one not on sale, and
    InsufficientStock when the line would exceed what is available or 99; the cart is unchanged.
    """
    with transaction() as session:
        cart_id = _lock_cart(owner) or _make_cart(owner)
        variant = _get_variant(cart_id, variant_id)
        cap = _cap(variant)
        line = _insert_line(cart_id, variant_id, quantity, variant.unit_amount)
        statement = line.on_conflict_do_update(
            index_elements=["cart_id", "variant_id"],
            set_={
                "quantity": CartItem.quantity + line.excluded.quantity,
                "seen_amount": line.excluded.seen_amount,
            },
            where=CartItem.quantity + line.excluded.quantity <= cap,
        )
        total = session.scalar(statement.returning(CartItem.quantity)) if quantity <= cap else None
        if total is None:
            raise InsufficientStock(variant.name, cap, variant_id)
        return AddedItem(cart_id, variant.name, ", ".join(variant.option_values), total)


@retried
def set_quantity(cart_id: int | None, item_id: int, quantity: int) -> None:
    """Set a line to `quantity` (1–99); 0 removes it.

    Raises NotFound when the line is not in this cart, InsufficientStock, ProductUnavailable.
    """
    if quantity == 0:
        remove_item(cart_id, item_id)
        return
    with transaction() as session:
        touch_cart(cart_id)
        item = session.scalar(
            select(CartItem).where(CartItem.id == item_id, CartItem.cart_id == cart_id)
        )
        if item is None:
            raise NotFound
        variant = _get_variant(item.cart_id, item.variant_id)
        if quantity > _cap(variant):
            raise InsufficientStock(variant.name, _cap(variant), variant.id)
        item.quantity = quantity
        item.seen_amount = variant.unit_amount


@retried
def keep_draft(cart_id: int | None, draft: Mapping[str, str]) -> None:
    """Keep what was typed at checkout with the cart, as long as there is anything in it."""
    with transaction():
        here = select(CartItem.id).where(CartItem.cart_id == Cart.id)
        changed(
            update(Cart)
            .where(Cart.id == cart_id, here.exists())
            .values(draft=dict(draft), updated_at=now())
        )


def forget_draft(cart_id: int) -> None:
    """Forget what was typed at checkout; joins the caller's transaction, which has the cart."""
    changed(update(Cart).where(Cart.id == cart_id).values(draft=null()))


def _forget_draft_if_empty(cart_id: int | None) -> None:
    here = select(CartItem.id).where(CartItem.cart_id == Cart.id)
    emptied = (Cart.id == cart_id) & Cart.draft.is_not(null()) & ~here.exists()
    changed(update(Cart).where(emptied).values(draft=null()))


@retried
def remove_item(cart_id: int | None, item_id: int) -> None:
    """Take a line out of the cart. Raises NotFound when it is not in it."""
    with transaction():
        touch_cart(cart_id)
        gone = changed(delete(CartItem).where(CartItem.id == item_id, CartItem.cart_id == cart_id))
        if not gone:
            raise NotFound
        _forget_draft_if_empty(cart_id)


@retried
def accept_changes(cart_id: int | None) -> None:
    """Fit the cart to the shop: quantities down to what is available, prices marked as seen.

    Lines that cannot be bought at all are taken out.
    """
    with transaction() as session:
        touch_cart(cart_id)
        rows = session.execute(
            _variants(cart_id or 0)
            .join(CartItem, CartItem.variant_id == ProductVariant.id)
            .where(CartItem.cart_id == cart_id)
        ).all()
        for row in rows:
            here = (CartItem.cart_id == cart_id) & (CartItem.variant_id == row.id)
            if not row.is_on_sale or _cap(row) == 0:
                changed(delete(CartItem).where(here))
                continue
            least = case((CartItem.quantity > _cap(row), _cap(row)), else_=CartItem.quantity)
            changed(
                update(CartItem).where(here).values(quantity=least, seen_amount=row.unit_amount)
            )
        _forget_draft_if_empty(cart_id)


@retried
def merge_carts(token_hash: str, user_id: int) -> MergedCart:
    """Move the guest's cart into the customer's, once; joins the transaction of the sign-in.

    Quantities of the same variant add up, capped by stock and 99; nothing is lost silently: what
    was cut short is named. What was typed at checkout follows only into the account whose address
    it bears. A repeated merge finds no guest cart and does nothing.
    """
    with transaction():
        guest = _lock_cart(CartOwner(token_hash=token_hash))
        if guest is None:
            return MergedCart()
        target = _lock_cart(CartOwner(user_id=user_id))
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
        target = target or _make_cart(CartOwner(user_id=user_id))
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


def touch_cart(cart_id: int | None, *, draft: Mapping[str, str] | None = None) -> None:
    """Take the cart's row, the first in the order of locks, and keep what was typed, if anything.

    Raises NotFound without a cart.
    """
    values: dict[str, Any] = {"updated_at": now()} | ({"draft": dict(draft)} if draft else {})
    if cart_id is None or not changed(update(Cart).where(Cart.id == cart_id).values(**values)):
        raise NotFound


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
    typed = draft_of(
        order.email, order.shipping_address, order.delivery_method_id, order.customer_note
    )
    changed(update(Cart).where(blank).values(draft=typed))
    items = select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
    for item in db.session.scalars(items):
        line = _insert_line(cart_id, item.variant_id, item.quantity, item.unit_amount)
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


def _insert_line(
    cart_id: int, variant_id: int, quantity: int, seen_amount: int
) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(CartItem).values(
        cart_id=cart_id,
        variant_id=variant_id,
        quantity=quantity,
        seen_amount=seen_amount,
        created_at=now(),
    )


def _lock_cart(owner: CartOwner) -> int | None:
    mine = (
        Cart.user_id == owner.user_id
        if owner.user_id is not None
        else Cart.token_hash == owner.token_hash
    )
    return db.session.scalar(update(Cart).where(mine).values(updated_at=now()).returning(Cart.id))


def _make_cart(owner: CartOwner) -> int:
    token_hash = None if owner.user_id is not None else owner.token_hash
    insert_new(Cart, user_id=owner.user_id, token_hash=token_hash)
    found = _lock_cart(owner)  # ours, or that of a request that was faster
    if found is None:
        raise NotFound
    return found


def _variants(cart_id: int) -> Select[*tuple[Any, ...]]:
    return select(
        ProductVariant.id,
        ProductVariant.unit_amount,
        ProductVariant.option_values,
        ProductVariant.stock_policy,
        ProductVariant.stock_on_hand,
        (ProductVariant.stock_reserved - own_hold(cart_id)).label("stock_reserved"),
        (ProductVariant.is_active & Product.is_active).label("is_on_sale"),
        Product.name,
    ).join(Product, Product.id == ProductVariant.product_id)


def _get_variant(cart_id: int, variant_id: int) -> Row[*tuple[Any, ...]]:
    row = db.session.execute(
        _variants(cart_id).where(ProductVariant.id == variant_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    if not row.is_on_sale:
        raise ProductUnavailable
    return row


def _cap(variant: Row[*tuple[Any, ...]]) -> int:
    """Return how many of a variant a cart may hold now."""
    if variant.stock_policy is not StockPolicy.DENY:
        return MAX_QUANTITY
    available: int = variant.stock_on_hand - variant.stock_reserved
    return min(MAX_QUANTITY, max(0, available))


def _move_lines(guest: int, mine: int) -> tuple[str, ...]:
    """Add the guest's lines to mine; return the names of those that had to be cut short."""
    capped = []
    rows = db.session.execute(
        _variants(mine)
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
        fits = max(1, min(wanted, _cap(row)))  # a sold-out line stays and says so
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
