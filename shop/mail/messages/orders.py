"""What customers hear about their order."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from shop.core.money import format_money
from shop.mail.message import Attachment, Mail
from shop.mail.queries import Sale, get_instructions, get_parcel, get_refund, get_sale
from shop.mail.render import compose, day_in_words
from shop.mail.sums import order_sums
from shop.models import PaymentStatus
from shop.pages.queries import list_shown_sources

CONFIRMING: Final = frozenset({"order_paid", "order_awaiting", "order_processing"})


def order_paid(order_id: int) -> Mail | None:
    """Return the confirmation: what was bought, for how much, where it goes, when it comes."""
    sale = get_sale(order_id)
    return with_texts(_about(sale, "order_paid", arrives=arrival_sentence(sale)))


def arrival_sentence(sale: Sale) -> Callable[[], LazyString] | str:
    """Return what writes the sentence on when an order comes; "" where that is not known."""
    if not sale.order.delivery_until:
        return ""
    day = day_in_words(sale.order.delivery_until)
    return lambda: _("They should be with you by %(day)s.", day=day())


def order_processing(order_id: int, attempt_id: str) -> Mail | None:
    """Return the word that the order is noted and the money needs days.

    With what is to be done so that it comes, where that is for the customer to do. None once it
    is not awaited any more.
    """
    sale, to = get_sale(order_id), get_instructions(attempt_id)
    if sale.order.payment_status is not PaymentStatus.PROCESSING:
        return None
    if to is not None:
        return with_texts(_about(sale, "order_awaiting", {"pay": to}, day=day_in_words(to.until)))
    return with_texts(_about(sale, "order_processing"))


def payment_reminder(order_id: int, attempt_id: str) -> Mail | None:
    """Return the word that the money has not come yet; None once it has, or is not awaited."""
    sale, to = get_sale(order_id), get_instructions(attempt_id)
    if to is None or sale.order.payment_status is not PaymentStatus.PROCESSING:
        return None
    return _about(sale, "payment_reminder", {"pay": to}, day=day_in_words(to.until))


def order_expired(order_id: int) -> Mail | None:
    """Return the word that the money did not come in time and the pieces are free again."""
    return _about(get_sale(order_id), "order_expired")


def payment_review(order_id: int) -> Mail | None:
    """Return the word that money came, but not as agreed, and that people look at it."""
    return _about(get_sale(order_id), "payment_review")


def payment_asked_again(order_id: int) -> Mail | None:
    """Return the word that what came goes back, and the way to pay the agreed total."""
    sale = get_sale(order_id)
    if sale.order.payment_status is not PaymentStatus.PENDING:
        return None
    return _about(sale, "payment_asked_again")


def payment_failed(order_id: int) -> Mail | None:
    """Return the word that a delayed payment came to nothing and nothing was charged."""
    return _about(get_sale(order_id), "payment_failed")


def order_canceled(order_id: int) -> Mail | None:
    """Return the word that the order was canceled; what was paid comes in a mail of its own."""
    sale = get_sale(order_id)
    return _about(sale, "order_canceled", money=what_was_paid(was_charged=sale.was_charged))


def what_was_paid(*, was_charged: bool) -> LazyString:
    """Return the sentence on the money of an order that is canceled."""
    if was_charged:
        return _("What you paid goes back the way it came; we write to you when it is on its way.")
    return _("Nothing was charged.")


def order_sent(shipment_id: int) -> Mail | None:
    """Return the word that a parcel is on its way, with what is in it and how to follow it."""
    shipment, lines = get_parcel(shipment_id)
    context = {"shipment": shipment, "parcel": lines}
    sale = get_sale(shipment.order_id)
    return _about(sale, "order_sent", context, sent=day_in_words(shipment.sent_at))


def order_delivered(order_id: int) -> Mail | None:
    """Return the word that the order has arrived."""
    return _about(get_sale(order_id), "order_delivered")


def order_refunded(refund_id: str) -> Mail | None:
    """Return the word that money is on its way back, how much, and for what."""
    refund, lines = get_refund(refund_id)
    sale = get_sale(refund.order_id)
    amount = format_money(refund.amount, refund.currency, sale.order.locale)
    return _about(sale, "order_refunded", {"refund": refund, "returned": lines}, amount=amount)


def with_texts(mail: Mail | None) -> Mail | None:
    """Return the mail with what was agreed to beside it, where it confirms an order.

    A link can change and is no durable medium (Court of Justice, C-49/11); a file stays with
    whoever got it.
    """
    if mail is None or mail.order_id is None or mail.kind not in CONFIRMING:
        return mail
    files = [
        Attachment(name, text.encode(), subtype="plain", maintype="text")
        for name, text in list_shown_sources(mail.order_id)
    ]
    return replace(mail, attachments=files)


def _about(
    sale: Sale, kind: str, context: Mapping[str, Any] | None = None, **fill: object
) -> Mail | None:
    """Return a mail about an order; `fill`: what stands in the places of its words."""
    order = sale.order
    if order.anonymised_at is not None:
        return None
    return compose(
        kind,
        to=order.email,
        fill={"number": order.number, "name": order.customer_name, **fill},
        locale=order.locale,
        language=order.language,
        order_id=order.id,
        sale=sale,
        order=order,
        order_sums=order_sums,
        **(context or {}),
    )
