"""Pieces that an order gets back because the refund that gave them away has failed."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from shop.core.db import db, transaction
from shop.models import (
    HoldState,
    MovementKind,
    OrderItem,
    Refund,
    RefundItem,
    StockHold,
    StockMovement,
    StockPolicy,
)
from shop.models.payment import GONE
from shop.stock import updates

STANDING = Refund.state.not_in(GONE)


def rereserve_stock(order_id: int, refund_id: str) -> None:
    """Give a paid order again what its failed refund had put on the shelf or let go.

    Call it when the refund has failed and its lines no longer count as refunded. What is free
    leaves the shelf; what others bought meanwhile is owed to the order, unless it was sent to the
    customer before. Safe to run twice.
    """
    with transaction():
        for variant_id in db.session.scalars(
            select(StockHold.variant_id)
            .where(StockHold.order_id == order_id)
            .order_by(StockHold.variant_id)
        ).all():
            if updates.lock_stock(variant_id).policy is not StockPolicy.UNTRACKED:
                _reclaim(order_id, refund_id, variant_id)


def _reclaim(order_id: int, refund_id: str, variant_id: int) -> None:
    of_order = (OrderItem.order_id == order_id, OrderItem.variant_id == variant_id)
    held = (StockHold.order_id == order_id, StockHold.variant_id == variant_id)
    owed = _sum(StockHold.quantity, *held, StockHold.state == HoldState.ACTIVE)
    has = owed - _sum(
        StockMovement.quantity,
        StockMovement.order_id == order_id,
        StockMovement.variant_id == variant_id,
    )
    due = _sum(OrderItem.quantity, *of_order) - _restocked(*of_order, STANDING)
    # Each piece is owed, left the shelf for the order, or was sent without having lain there.
    missing = due - has - _sum(StockHold.quantity_made, *held)
    if missing <= 0:
        return
    taken, _ = updates.take(variant_id, missing, is_late=True)
    updates.add_movements(MovementKind.RETURN, order_id, [(variant_id, -taken)])
    gone = missing - taken
    if gone:
        owing = min(gone, missing - _came_back(*of_order, Refund.id == refund_id))
        updates.change_stock(variant_id, reserved=owing - gone)
        if owing:
            updates.reopen_hold(order_id, variant_id, owed + owing)
        if gone > owing:
            updates.add_made(order_id, variant_id, gone - owing)


def _restocked(*conditions: ColumnElement[bool]) -> int:
    """Return how many pieces refunds under `conditions` gave back to stock."""
    return _sum_of_refunds(RefundItem.quantity_restocked, *conditions)


def _came_back(*conditions: ColumnElement[bool]) -> int:
    """Return how many of those had been sent; unsent ones go back to stock before them."""
    unsent = RefundItem.quantity - RefundItem.quantity_returned
    more = RefundItem.quantity_restocked - unsent
    return _sum_of_refunds(case((more > 0, more), else_=0), *conditions)


def _sum_of_refunds(value: Any, *conditions: ColumnElement[bool]) -> int:
    return (
        db.session.scalar(
            select(func.coalesce(func.sum(value), 0))
            .select_from(RefundItem)
            .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
            .join(Refund, Refund.id == RefundItem.refund_id)
            .where(*conditions)
        )
        or 0
    )


def _sum(value: Any, *conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.coalesce(func.sum(value), 0)).where(*conditions)) or 0
