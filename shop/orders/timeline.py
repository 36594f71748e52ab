"""Where an order stands, in words for the customer. Pure but for the language."""

from datetime import datetime

from flask_babel import gettext as _gettext

from shop.models import FulfilmentStatus, OrderEvent, PaymentStatus
from shop.models.order import CAPTURED, DEAD
from shop.orders.queries import OrderPage
from shop.payments.registry import PROVIDERS
from shop.web.locales import day_and_month, days_between

Step = tuple[str, str, str]  # state, word, detail: see components/steps.html
Happening = tuple[str, datetime, str]  # title, when (UTC), detail

SENT = (FulfilmentStatus.SHIPPED, FulfilmentStatus.DELIVERED)


def gettext(text: str, **values: str) -> str:
    """Return `text` in the customer's language."""
    return str(_gettext(text, **values))


def headline(page: OrderPage) -> str:
    """Return the answer to "where is it?" in a few words."""
    order = page.order
    if page.review is not None and order.paid_at is None:
        return gettext("Your payment has come, and we are checking it")
    ended = {
        PaymentStatus.EXPIRED: gettext("This order was canceled"),
        PaymentStatus.CANCELED: gettext("This order was canceled"),
        PaymentStatus.REFUNDED: gettext("This order was refunded"),
        PaymentStatus.PROCESSING: _waiting(page),
        PaymentStatus.PENDING: gettext("Waiting for your payment"),
    }
    if order.payment_status in ended:
        return ended[order.payment_status]
    if order.fulfilment_status is FulfilmentStatus.DELIVERED:
        return gettext("Delivered")
    if order.delivery_from is None:
        return gettext("Being prepared")
    first, last = days_between(order.delivery_from, order.delivery_until or order.delivery_from)
    return gettext("Arriving %(first)s\u00a0– %(last)s", first=first, last=last)


def _waiting(page: OrderPage) -> str:
    if page.awaited_by in PROVIDERS:
        return str(PROVIDERS[page.awaited_by].words.waiting)
    return gettext("Your payment is on its way")


def progress(page: OrderPage) -> list[Step]:
    """Return the four steps of an order, or where it ended."""
    order = page.order
    ordered = ("done", gettext("Ordered"), _day(order.placed_at))
    if page.review is not None and order.paid_at is None:
        return [
            ordered,
            ("current", gettext("Payment being checked"), ""),
            ("", gettext("Sent"), ""),
        ]
    if order.payment_status in DEAD:
        return [ordered, ("fail", gettext("Canceled"), _day(order.closed_at))]
    is_paid = order.payment_status in CAPTURED
    paid = ("done" if is_paid else "current", gettext("Paid"), _day(order.paid_at))
    if order.payment_status is PaymentStatus.REFUNDED and not page.shipments:
        return [ordered, paid, ("done", gettext("Refunded"), "")]
    return [ordered, paid, _sent(page, is_paid=is_paid), _delivered(page)]


def _sent(page: OrderPage, *, is_paid: bool) -> Step:
    order, when = page.order, page.shipments[-1].sent_at if page.shipments else None
    if order.fulfilment_status in SENT:
        return ("done", gettext("Sent"), _day(when))
    if order.fulfilment_status is FulfilmentStatus.PARTIALLY_SHIPPED:
        return ("current", gettext("Partly sent"), _day(when))
    return ("current" if is_paid else "", gettext("Sent"), "")


def _delivered(page: OrderPage) -> Step:
    order = page.order
    if order.fulfilment_status is FulfilmentStatus.DELIVERED:
        last = page.shipments[-1].delivered_at if page.shipments else None
        return ("done", gettext("Delivered"), _day(last))
    state = "current" if order.fulfilment_status is FulfilmentStatus.SHIPPED else ""
    promised = day_and_month(order.delivery_until) if order.delivery_until else ""
    detail = gettext("%(day)s, est.", day=promised) if promised else ""
    return (state, gettext("Delivered"), detail)


def history(page: OrderPage) -> list[Happening]:
    """Return what customers may know of the order's history, newest first."""
    happenings = [_happening(event, page.order.amount_total) for event in page.events]
    return [happening for happening in happenings if happening is not None]


def _happening(event: OrderEvent, total: int) -> Happening | None:
    is_part = event.data.get("amount", total) < total
    words = {
        "placed": gettext("Order placed"),
        "processing": gettext("Payment awaited"),
        "paid": gettext("Payment received"),
        "payment_came": gettext("Your payment came; we are checking it"),
        "payment_returned": gettext("What you paid goes back"),
        "asked_again": gettext("Payment asked for once more"),
        "payment_failed": gettext("The payment did not go through"),
        "expired": gettext("The time to pay was over"),
        "canceled": gettext("Canceled"),
        "replaced": gettext("Replaced by a newer order"),
        "sent": gettext("Handed to the carrier"),
        "parcel_corrected": gettext("Tracking number corrected"),
        "delivered": gettext("Delivered"),
        "refunded": gettext("Refunded in part") if is_part else gettext("Refunded"),
    }
    if event.kind not in words:
        return None
    detail = ""
    if event.kind in {"sent", "parcel_corrected"}:
        detail = " ".join(filter(None, (event.data.get("carrier"), event.data.get("tracking"))))
    return words[event.kind], event.created_at, detail


def _day(when: datetime | None) -> str:
    return day_and_month(when) if when else ""
