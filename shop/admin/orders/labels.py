"""An order's history in words for staff: everything, with who did it."""

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.admin.orders.payments import WayBack
from shop.models import OrderEvent
from shop.web.templating import page_money

KINDS = {
    "placed": "Order placed",
    "received": "Money noted as received",
    "refund_sent": "Money noted as sent back",
    "refund_dropped": "Refund canceled by hand",
    "replaced": "Replaced by a newer order",
    "attempt": "New payment page",
    "attempt_failed": "Payment page refused",
    "processing": "Payment on its way",
    "paid": "Payment confirmed",
    "payment_came": "Money came that differs",
    "payment_accepted": "Taken as paid",
    "payment_returned": "What came goes back",
    "asked_again": "Payment asked for once more",
    "payment_declined": "Card declined",
    "payment_failed": "The bank payment failed",
    "expired": "The time to pay was over",
    "canceled": "Canceled",
    "canceled_by": "Canceled",
    "sent": "Sent",
    "parcel_corrected": "Parcel corrected",
    "contact_changed": "Addresses changed",
    "delivered": "Delivered",
    "refund_asked": "Refund asked for",
    "refund_external": "Refund made at the provider",
    "refunded": "Refunded",
    "refund_failed": "Refund failed",
    "restocked": "Put back to stock",
    "dispute": "Dispute",
    "attention": "Needs attention",
    "attention_settled": "Looked at",
}


REASONS = {
    "requested_by_customer": "the customer asked for it",
    "duplicate": "paid twice",
    "fraudulent": "fraud",
    "stock_short": "paid, but the pieces are gone",
    "mismatch": "the payment differs from what was agreed",
    "second_payment": "paid twice",
    "late_payment": "paid after it was canceled",
    "refund_failed": "a refund failed",
    "disputed": "the payment is disputed",
}


def refund_words(way_back: WayBack) -> str:
    """Return what happens next to a refund that was asked for."""
    words = {
        WayBack.PROVIDER: _("The refund is on its way to the payment provider."),
        WayBack.BY_HAND: _("Now send the money back, then note it here as sent."),
        WayBack.NOBODY: _("The refund waits: its payment provider is not configured."),
    }
    return str(words[way_back])


def order_event_label(
    events: list[OrderEvent], names: dict[int, str], currency: str
) -> list[tuple[str, object, str]]:
    """Return (title, when, detail) of each event, as the time line shows them."""
    return [
        (_(KINDS.get(event.kind, event.kind)), event.created_at, _detail(event, names, currency))
        for event in events
    ]


def _detail(event: OrderEvent, names: dict[int, str], currency: str) -> str:
    parts = []
    for key in ("carrier", "tracking", "reason", "because", "status", "differs"):
        value = event.data.get(key)
        if value and key in ("carrier", "tracking"):
            parts.append(str(value))
        elif value:
            parts.append(_(REASONS.get(str(value), str(value).replace("_", " "))))
    if event.data.get("amount"):
        parts.append(page_money(event.data["amount"], currency))
    if event.data.get("pieces"):
        parts.append(ngettext("%(num)d piece", "%(num)d pieces", event.data["pieces"]))
    if event.user_id in names:
        parts.append(_("by %(name)s", name=names[event.user_id]))
    return ", ".join(parts)
