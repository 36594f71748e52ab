"""The use cases of a sale, by the stage of its life."""

from shop.orders.fulfilment.correct import correct_parcel
from shop.orders.fulfilment.returns import RefundLine, restock_refund
from shop.orders.fulfilment.ship import deliver_order, ship_order
from shop.orders.payment.by_hand import receive_payment, settle_refund
from shop.orders.payment.expire import cancel_order, end_overdue, expire_attempt, sweep
from shop.orders.payment.fulfil import fulfil
from shop.orders.payment.outcome import Outcome
from shop.orders.payment.pay import start_payment
from shop.orders.payment.reconcile import reconcile
from shop.orders.payment.refund import refund_order, refund_unsent, send_refund
from shop.orders.payment.refund_sync import record_refund
from shop.orders.payment.review import (
    accept_payment,
    complete_payment,
    end_open_page,
    send_payment_back,
)
from shop.orders.payment.webhook import receive_event
from shop.orders.place import PlacedOrder, place_order

__all__ = [
    "Outcome",
    "PlacedOrder",
    "RefundLine",
    "accept_payment",
    "cancel_order",
    "complete_payment",
    "correct_parcel",
    "deliver_order",
    "end_open_page",
    "end_overdue",
    "expire_attempt",
    "fulfil",
    "place_order",
    "receive_event",
    "receive_payment",
    "reconcile",
    "record_refund",
    "refund_order",
    "refund_unsent",
    "restock_refund",
    "send_payment_back",
    "send_refund",
    "settle_refund",
    "ship_order",
    "start_payment",
    "sweep",
]
