"""Pieces that an order gets back because the refund that gave them away has failed."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from shop.core.db import db, transaction
from shop.models import (
    HoldState,
    MovementKind,
    OrderItem,
    Refund,
    RefundItem,
    RefundState,
    StockHold,
    StockMovement,
    StockPolicy,
)
from shop.stock import rows

STANDING = Refund.state.not_in((RefundState.FAILED, RefundState.CANCELED))


def reclaim_stock(order_id: int, refund_id: str) -> None:
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
            if rows.lock_stock(variant_id).policy is not StockPolicy.UNTRACKED:
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
    unsent = _sum(
        OrderItem.quantity - OrderItem.quantity_refunded - OrderItem.quantity_shipped, *of_order
    )
    # A piece made to order and sent never was in the books: only what is unsent or came back is
    # due.
    given = _restocked(*of_order, Refund.id == refund_id)
    missing = min(due - has, unsent + given)
    if missing <= 0:
        return
    taken, _ = rows.take(variant_id, missing, is_late=True)
    rows.add_movements(MovementKind.RETURN, order_id, [(variant_id, -taken)])
    gone = missing - taken
    if gone:
        owing = min(gone, unsent)
        rows.change_stock(variant_id, reserved=owing - gone)
        if owing:
            rows.keep_owed(order_id, variant_id, owed + owing)


def _restocked(*conditions: ColumnElement[bool]) -> int:
    """Return how many pieces refunds under `conditions` gave back to stock."""
    return (
        db.session.scalar(
            select(func.coalesce(func.sum(RefundItem.quantity), 0))
            .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
            .join(Refund, Refund.id == RefundItem.refund_id)
            .where(RefundItem.is_restocked, *conditions)
        )
        or 0
    )


def _sum(value: Any, *conditions: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.coalesce(func.sum(value), 0)).where(*conditions)) or 0
