"""What the orders desk reads of one order."""

from collections.abc import Sequence

from sqlalchemy import func, select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    DeliveryMethod,
    MailMessage,
    Order,
    OrderItem,
    OrderNote,
    Refund,
    RefundItem,
    User,
)
from shop.models.payment import GONE


def get_desk_order(number: str) -> Order:
    """Return any order by its number. Raises NotFound."""
    order = db.session.scalar(select(Order).where(Order.number == number))
    if order is None:
        raise NotFound
    return order


def list_notes(order_id: int) -> Sequence[OrderNote]:
    """Return what staff wrote about an order, newest first."""
    return db.session.scalars(
        select(OrderNote).where(OrderNote.order_id == order_id).order_by(OrderNote.id.desc())
    ).all()


def list_mails(order_id: int) -> Sequence[MailMessage]:
    """Return the mails about an order, newest first."""
    return db.session.scalars(
        select(MailMessage).where(MailMessage.order_id == order_id).order_by(MailMessage.id.desc())
    ).all()


def list_refunds(order_id: int) -> Sequence[Refund]:
    """Return the refunds of an order, those that failed, too, oldest first."""
    return db.session.scalars(
        select(Refund).where(Refund.order_id == order_id).order_by(Refund.created_at, Refund.id)
    ).all()


def get_order_refund(order_id: int, refund_id: str) -> Refund:
    """Return a refund of the order. Raises NotFound."""
    refund = db.session.get(Refund, refund_id)
    if refund is None or refund.order_id != order_id:
        raise NotFound
    return refund


def count_restockable(order_id: int) -> dict[str, int]:
    """Return how many pieces of each refund are not back in stock; refunds by id."""
    left = func.sum(RefundItem.quantity - RefundItem.quantity_restocked)
    rows = db.session.execute(
        select(Refund.id, left)
        .join(RefundItem, RefundItem.refund_id == Refund.id)
        .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
        .where(Refund.order_id == order_id, Refund.state.not_in(GONE), OrderItem.is_tracked)
        .group_by(Refund.id)
        .having(left > 0)
    )
    return {row[0]: int(row[1]) for row in rows}


def usual_carrier(order: Order) -> int | None:
    """Return the id of who usually carries parcels of the order's delivery method."""
    mine = DeliveryMethod.id == order.delivery_method_id
    return db.session.scalar(select(DeliveryMethod.carrier_id).where(mine))


def staff_names(ids: set[int]) -> dict[int, str]:
    """Return the names of the members of staff behind `ids`."""
    rows = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {row.id: row.name or row.email for row in rows}
