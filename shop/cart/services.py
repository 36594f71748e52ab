"""Changing a cart. Quantities are capped where SQL can see the stock; nothing is reserved here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, case, delete, null, select, update

from shop.cart.lines import insert_line, live_variants
from shop.cart.owner import CartOwner, lock_cart, make_cart
from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import InsufficientStock, NotFound, ProductUnavailable
from shop.models import Cart, CartItem, ProductVariant
from shop.stock.quantity import quantity_cap


@dataclass(frozen=True)
class AddedItem:
    """What `add_item` did: the line's present quantity."""

    cart_id: int
    name: str
    label: str
    quantity: int


@retried
def add_item(owner: CartOwner, variant_id: int, quantity: int) -> AddedItem:
    """Put `quantity` more of a variant into the owner's cart, making the cart at need.

    Raises NotFound for an unknown variant, ProductUnavailable for one not on sale, and
    InsufficientStock when the line would exceed what is available or 99; the cart is unchanged.
    """
    with transaction() as session:
        cart_id = lock_cart(owner) or make_cart(owner)
        variant = _get_variant(cart_id, variant_id)
        cap = quantity_cap(variant)
        line = insert_line(cart_id, variant_id, quantity, variant.unit_amount)
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
        cap = quantity_cap(variant)
        if quantity > cap:
            raise InsufficientStock(variant.name, cap, variant.id)
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
            live_variants(cart_id or 0)
            .join(CartItem, CartItem.variant_id == ProductVariant.id)
            .where(CartItem.cart_id == cart_id)
        ).all()
        for row in rows:
            here = (CartItem.cart_id == cart_id) & (CartItem.variant_id == row.id)
            cap = quantity_cap(row)
            if not row.is_on_sale or cap == 0:
                changed(delete(CartItem).where(here))
                continue
            least = case((CartItem.quantity > cap, cap), else_=CartItem.quantity)
            changed(
                update(CartItem).where(here).values(quantity=least, seen_amount=row.unit_amount)
            )
        _forget_draft_if_empty(cart_id)


def touch_cart(cart_id: int | None, *, draft: Mapping[str, str] | None = None) -> None:
    """Take the cart's row, the first in the order of locks, and keep what was typed, if anything.

    Raises NotFound without a cart.
    """
    values: dict[str, Any] = {"updated_at": now()} | ({"draft": dict(draft)} if draft else {})
    if cart_id is None or not changed(update(Cart).where(Cart.id == cart_id).values(**values)):
        raise NotFound


def _get_variant(cart_id: int, variant_id: int) -> Row[*tuple[Any, ...]]:
    row = db.session.execute(
        live_variants(cart_id).where(ProductVariant.id == variant_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    if not row.is_on_sale:
        raise ProductUnavailable
    return row
