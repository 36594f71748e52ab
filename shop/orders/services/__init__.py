"""The use cases of a sale, by the stage of its life."""

from shop.orders.services.expire import cancel_order, end_overdue, expire_attempt, sweep
from shop.orders.services.fulfil import fulfil
from shop.orders.services.outcome import Outcome
from shop.orders.services.pay import start_payment
from shop.orders.services.place import PlacedOrder, place_order
from shop.orders.services.reconcile import reconcile
from shop.orders.services.refund import RefundLine, refund_order, send_refund
from shop.orders.services.refund_news import record_refund
from shop.orders.services.review import (
    accept_payment,
    complete_payment,
    end_open_page,
    send_payment_back,
)
from shop.orders.services.ship import deliver_order, ship_order
from shop.orders.services.webhook import receive_event

__all__ = [
    "Outcome",
    "PlacedOrder",
    "RefundLine",
    "accept_payment",
    "cancel_order",
    "complete_payment",
    "deliver_order",
    "end_open_page",
    "end_overdue",
    "expire_attempt",
    "fulfil",
    "place_order",
    "receive_event",
    "reconcile",
    "record_refund",
    "refund_order",
    "send_payment_back",
    "send_refund",
    "ship_order",
    "start_payment",
    "sweep",
]
