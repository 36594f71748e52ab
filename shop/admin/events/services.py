"""Handling a message of the payment provider once more."""

from shop.admin.events.queries import OrderMessage, find_order_message
from shop.admin.orders.queries import get_desk_order
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.errors import NotFound, OrderError
from shop.orders.payment.webhook import handle_again


def replay_message(number: str, row_id: int, *, staff: Staff) -> bool:
    """Handle a message about an order once more; return whether nothing of it is left open.

    It says only that something changed, and the provider is asked for the state anew: handled
    twice it does nothing twice. Who asked is written down first, since whatever the provider is
    asked is no part of a transaction. Raises NotFound, OrderError where the content of the message
    is forgotten, and as its handler.
    """
    order_id = get_desk_order(number).id
    message = find_order_message(order_id, row_id)
    if message is None:
        raise NotFound
    if not message.is_kept:
        raise OrderError("Its content was forgotten after 30 days. It cannot be handled again.")
    _write_down(number, message, staff=staff)
    return handle_again(row_id)


@done_once
def _write_down(number: str, message: OrderMessage, *, staff: Staff) -> Entry:
    with audited("orders.event", "order", number, staff=staff) as entry:
        entry.more = {"event": message.event_id, "type": message.type}
    return entry
