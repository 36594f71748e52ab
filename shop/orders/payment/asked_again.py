"""Orders whose customers were asked to pay anew, because what came was not as agreed."""

from sqlalchemy import ColumnElement, and_, or_, select

from shop.core.clock import now
from shop.core.db import db
from shop.models import Order, OrderEvent, PaymentStatus


def is_held_longer(order_id: int) -> bool:
    """Tell whether the order outlives its page: it was asked to pay anew, and its time runs."""
    waits = select(Order.id).where(
        Order.id == order_id,
        Order.payment_status == PaymentStatus.PENDING,
        Order.hold_until > now(),
    )
    return db.session.scalar(waits) is not None and was_asked_again(order_id)


def was_asked_again(order_id: int) -> bool:
    """Tell whether what came for the order was not as agreed, and its customer was asked anew."""
    return bool(db.session.scalar(select(_asked_again(order_id))))


def has_left_cart(order_id: int) -> ColumnElement[bool]:
    """Tell whether an order's pieces are out of its bag before it is paid, for a statement on it.

    They leave with the first money that comes, or is under way, and do not come back while the
    order waits to be paid anew: what lies in the bag since is something else.
    """
    is_waiting = Order.payment_status == PaymentStatus.PENDING
    is_out = Order.payment_status == PaymentStatus.PROCESSING
    return or_(is_out, and_(is_waiting, _asked_again(order_id)))


def _asked_again(order_id: int) -> ColumnElement[bool]:
    asked = select(OrderEvent.id).where(
        OrderEvent.order_id == order_id, OrderEvent.kind == "asked_again"
    )
    return asked.exists()
