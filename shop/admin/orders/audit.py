"""The trail of what staff do to an order: its statuses before and after."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from shop.admin.staff_actions import Entry, Staff, State, audited
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Order


@contextmanager
def audited_order(action: str, number: str, *, staff: Staff) -> Iterator[Entry]:
    """Open the transaction of what staff do to an order, which stays locked until its end.

    Raises NotFound, and as `audited`.
    """
    with audited(action, "order", number, staff=staff) as entry:
        entry.before = order_state(number)
        yield entry
        entry.after = order_state(number)


def order_state(number: str) -> State:
    """Return what the trail of an order shows, and lock the order. Raises NotFound."""
    locked = select(Order).where(Order.number == number).with_for_update()
    order = db.session.scalar(locked.execution_options(populate_existing=True))
    if order is None:
        raise NotFound
    return {
        "payment": str(order.payment_status),
        "fulfilment": str(order.fulfilment_status),
        "refunded": order.amount_refunded,
        "attention": str(order.attention),
    }
