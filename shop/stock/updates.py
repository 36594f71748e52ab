"""The single statements of stock, with their guards. Used by `services` alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, insert, or_, select, update

from shop.core.db import changed, db
from shop.core.errors import InsufficientStock, NotFound, ProductUnavailable
from shop.models import (
    HoldState,
    MovementKind,
    Product,
    ProductVariant,
    StockHold,
    StockMovement,
    StockPolicy,
)
from shop.stock.availability import note_change
from shop.stock.display import StockLevel

_V = ProductVariant


def _is_free(quantity: int) -> ColumnElement[bool]:
    return _V.stock_on_hand - _V.stock_reserved >= quantity


def _may_be_reserved(quantity: int) -> ColumnElement[bool]:
    """Tell variants of which so many pieces more may be reserved: free ones, or made to order."""
    return or_(_V.stock_policy == StockPolicy.CONTINUE, _is_free(quantity))


class Stock(NamedTuple):
    """A variant's stock as it is now, its row locked."""

    policy: StockPolicy
    on_hand: int
    reserved: int


def lock_stock(variant_id: int) -> Stock:
    """Return the variant's stock and keep its row locked. Raises NotFound."""
    row = db.session.execute(
        select(_V.stock_policy, _V.stock_on_hand, _V.stock_reserved)
        .where(_V.id == variant_id)
        .with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Stock(*row)


def change_stock(
    variant_id: int, *conditions: ColumnElement[bool], on_hand: int = 0, reserved: int = 0
) -> bool:
    """Add to on hand and reserved if `conditions` hold; returns whether they did."""
    row = db.session.execute(
        update(_V)
        .where(_V.id == variant_id, *conditions)
        .values(
            stock_on_hand=_V.stock_on_hand + on_hand, stock_reserved=_V.stock_reserved + reserved
        )
        .returning(_V.product_id, _V.stock_policy, _V.stock_on_hand, _V.stock_reserved),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    if row is None:
        return False
    after = StockLevel(row.stock_policy, row.stock_on_hand, row.stock_reserved)
    before = StockLevel(after.policy, after.on_hand - on_hand, after.reserved - reserved)
    note_change(row.product_id, before, after)
    return True


def reserve(variant_id: int, quantity: int) -> bool:
    """Reserve pieces; False when the variant is not counted and needs no hold.

    Raises InsufficientStock, ProductUnavailable or NotFound.
    """
    is_for_sale = (
        _V.is_active.is_(True),
        exists().where(Product.id == _V.product_id, Product.is_active),
        _V.stock_policy != StockPolicy.UNTRACKED,
    )
    if change_stock(variant_id, *is_for_sale, _may_be_reserved(quantity), reserved=quantity):
        return True
    row = db.session.execute(
        select(Product.name, Product.is_active, _V)
        .join(Product, Product.id == _V.product_id)
        .where(_V.id == variant_id),
        execution_options={"populate_existing": True},
    ).one_or_none()
    if row is None:
        raise NotFound
    name, is_on_sale, variant = row
    if not (is_on_sale and variant.is_active):
        raise ProductUnavailable
    if variant.stock_policy is StockPolicy.UNTRACKED:
        return False
    title = f"{name} ({variant.label})" if variant.label else name
    raise InsufficientStock(title, variant.available or 0, variant_id)


def take(variant_id: int, quantity: int, *, is_late: bool) -> tuple[int, StockPolicy | None]:
    """Move pieces out of stock: (how many were there, the policy when some were not).

    On time, the pieces are reserved and leave both counts. Late, they are not: only what nobody
    holds is taken, and what is missing becomes reserved.
    """
    reserved = 0 if is_late else -quantity
    enough = _is_free(quantity) if is_late else _V.stock_on_hand >= quantity
    if change_stock(variant_id, enough, on_hand=-quantity, reserved=reserved):
        return quantity, None
    stock = lock_stock(variant_id)
    there = stock.on_hand - stock.reserved if is_late else stock.on_hand
    taken = max(0, min(quantity, there))
    owed = quantity - taken
    change_stock(variant_id, on_hand=-taken, reserved=owed if is_late else -taken)
    return taken, stock.policy


def close_holds(
    order_id: int, to: HoldState, at: datetime, source: HoldState = HoldState.ACTIVE
) -> list[tuple[int, int]]:
    """Move the order's holds from `source` to `to`: (variant id, quantity) of those it moved."""
    moved = db.session.execute(
        update(StockHold)
        .where(_is_held(order_id, source))
        .values(state=to, closed_at=at)
        .returning(StockHold.variant_id, StockHold.quantity),
        execution_options={"synchronize_session": False},
    )
    return sorted((row.variant_id, row.quantity) for row in moved)


def _is_held(order_id: int, state: HoldState = HoldState.ACTIVE) -> ColumnElement[bool]:
    """Tell the order's holds that are in `state` still: one is claimed or released once."""
    return and_(StockHold.order_id == order_id, StockHold.state == state)


def owed_quantity(order_id: int, variant_id: int) -> int:
    """Return over how many pieces of the variant the order has an active hold."""
    hold = select(StockHold.quantity).where(_is_owed(order_id, variant_id))
    return db.session.scalar(hold) or 0


def shorten_hold(order_id: int, variant_id: int, left: int, to: HoldState, at: datetime) -> int:
    """Let the order's active hold be over `left` pieces at most, and be `to` when none is left.

    Returns how many fewer it is over. The variant's row is locked.
    """
    fewer = owed_quantity(order_id, variant_id) - left
    if fewer <= 0:
        return 0
    values = {"quantity": left} if left else {"state": to, "closed_at": at}
    hold = update(StockHold).where(
        _is_owed(order_id, variant_id), StockHold.quantity == left + fewer
    )
    return fewer if changed(hold.values(values)) else 0


def _is_owed(order_id: int, variant_id: int) -> ColumnElement[bool]:
    return and_(_is_held(order_id), StockHold.variant_id == variant_id)


def add_made(order_id: int, variant_id: int, pieces: int) -> None:
    """Note pieces that the customer has and that never left the shelf for the order."""
    hold = (StockHold.order_id == order_id) & (StockHold.variant_id == variant_id)
    changed(update(StockHold).where(hold).values(quantity_made=StockHold.quantity_made + pieces))


def reopen_hold(order_id: int, variant_id: int, quantity: int) -> None:
    """Open the order's hold again over the pieces that are still owed."""
    changed(
        update(StockHold)
        .where(StockHold.order_id == order_id, StockHold.variant_id == variant_id)
        .values(state=HoldState.ACTIVE, quantity=quantity, closed_at=None)
    )


def add_holds(order_id: int, lines: Iterable[tuple[int, int]]) -> None:
    """Write the holds of an order."""
    rows = [{"order_id": order_id, "variant_id": v, "quantity": n} for v, n in lines]
    if rows:
        db.session.execute(insert(StockHold), rows)


def add_movements(
    kind: MovementKind,
    order_id: int,
    lines: Iterable[tuple[int, int]],
    user_id: int | None = None,
    reason: str = "",
) -> None:
    """Write one movement a line, (variant id, signed quantity), for an order."""
    shared = {"kind": kind, "order_id": order_id, "user_id": user_id, "reason": reason}
    rows = [{**shared, "variant_id": v, "quantity": n} for v, n in lines if n]
    if rows:
        db.session.execute(insert(StockMovement), rows)
