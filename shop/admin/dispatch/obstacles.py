"""Why an order is not sent together with others. Pure."""

from collections.abc import Iterable

from shop.models import Attention, FulfilmentStatus, Order, OrderItem, PaymentStatus
from shop.models.order import OPEN, SENDABLE


def obstacle(order: Order, items: Iterable[OrderItem]) -> str:
    """Return why an order with these items cannot be sent whole, "" where it can.

    What staff have to look at, or was begun, is not for a hundred at once: it has its own page.
    """
    if order.payment_status not in SENDABLE:
        return _unpaid(order.payment_status)
    if order.attention is not Attention.NONE:
        return "Somebody has to look at it first."
    if order.fulfilment_status is FulfilmentStatus.PARTIALLY_SHIPPED:
        return "A part of it was sent. Send the rest on its own page."
    if order.fulfilment_status is not FulfilmentStatus.UNFULFILLED:
        return "It was sent already."
    return "" if any(item.left_to_send for item in items) else "Nothing of it is left to send."


def _unpaid(status: PaymentStatus) -> str:
    if status in OPEN:
        return "It is not paid."
    return "It was refunded." if status is PaymentStatus.REFUNDED else "It was canceled."
