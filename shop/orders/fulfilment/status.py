"""Where the parcels of an order stand: the one place that moves it, by the table of moves."""

from sqlalchemy import func, select, update

from shop.core.clock import now
from shop.core.db import changed, db
from shop.core.errors import InvalidTransition, NotFound
from shop.models import FulfilmentStatus, Order, OrderItem
from shop.models.moves import sources_of
from shop.models.order import FULFILMENT_MOVES, UNSENT


def lock_order(order_id: int) -> Order:
    """Return the order as it is now, its row locked until the transaction ends. Raises NotFound.

    Whoever changes what was sent or refunded of its lines locks it first.
    """
    order = db.session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    return order


def move_fulfilment(order_id: int, target: FulfilmentStatus) -> None:
    """Move an order to `target` if the table of moves allows it; else raise InvalidTransition."""
    sources = sources_of(FULFILMENT_MOVES, target)
    moved = changed(
        update(Order)
        .where(Order.id == order_id, Order.fulfilment_status.in_(sources))
        .values(fulfilment_status=target, updated_at=now())
    )
    if not moved:
        raise InvalidTransition


def follow_items(order_id: int) -> None:
    """Let a locked order's status say what its lines say: what was sent, and what is left."""
    sent, left = db.session.execute(
        select(
            func.coalesce(func.sum(OrderItem.quantity_shipped), 0),
            func.coalesce(func.sum(OrderItem.left_to_send), 0),
        ).where(OrderItem.order_id == order_id)
    ).one()
    current = db.session.scalars(select(Order.fulfilment_status).where(Order.id == order_id)).one()
    target = _status(current, sent=sent, left=left)
    if target is not current:
        move_fulfilment(order_id, target)


def _status(current: FulfilmentStatus, *, sent: int, left: int) -> FulfilmentStatus:
    if not sent:
        return FulfilmentStatus.UNFULFILLED
    if left:
        return FulfilmentStatus.PARTIALLY_SHIPPED
    return FulfilmentStatus.SHIPPED if current in UNSENT else current
