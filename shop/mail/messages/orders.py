"""What customers hear about their order."""

from dataclasses import replace
from typing import Any, Final

from flask_babel import lazy_gettext as _

from shop.core.money import format_money
from shop.mail.message import Attachment, Mail
from shop.mail.queries import Sale, get_instructions, get_parcel, get_refund, get_sale
from shop.mail.render import compose
from shop.mail.sums import order_sums
from shop.models import PaymentStatus
from shop.pages.queries import list_shown_sources

CONFIRMING: Final = frozenset({"order_paid", "order_awaiting", "order_processing"})


def order_paid(order_id: int) -> Mail | None:
    """Return the confirmation: what was bought, for how much, where it goes, when it comes."""
    sale = get_sale(order_id)
    subject = _("Your order %(number)s: thank you", number=sale.order.number)
    return with_texts(_about(sale, "order_paid", subject))


def order_processing(order_id: int, attempt_id: str) -> Mail | None:
    """Return the word that the order is noted and the money needs days.

    With what is to be done so that it comes, where that is for the customer to do. None once it
    is not awaited any more.
    """
    sale, to = get_sale(order_id), get_instructions(attempt_id)
    if sale.order.payment_status is not PaymentStatus.PROCESSING:
        return None
    if to is not None:
        subject = _("Order %(number)s: how to pay", number=sale.order.number)
        return with_texts(_about(sale, "order_awaiting", subject, pay=to))
    subject = _("Order %(number)s: your bank needs a few days", number=sale.order.number)
    return with_texts(_about(sale, "order_processing", subject))


def payment_reminder(order_id: int, attempt_id: str) -> Mail | None:
    """Return the word that the money has not come yet; None once it has, or is not awaited."""
    sale, to = get_sale(order_id), get_instructions(attempt_id)
    if to is None or sale.order.payment_status is not PaymentStatus.PROCESSING:
        return None
    subject = _("Order %(number)s: your payment has not come yet", number=sale.order.number)
    return _about(sale, "payment_reminder", subject, pay=to)


def order_expired(order_id: int) -> Mail | None:
    """Return the word that the money did not come in time and the pieces are free again."""
    sale = get_sale(order_id)
    subject = _("Order %(number)s has ended: no payment came", number=sale.order.number)
    return _about(sale, "order_expired", subject)


def payment_review(order_id: int) -> Mail | None:
    """Return the word that money came, but not as agreed, and that people look at it."""
    sale = get_sale(order_id)
    subject = _("Order %(number)s: your payment has come", number=sale.order.number)
    return _about(sale, "payment_review", subject)


def payment_asked_again(order_id: int) -> Mail | None:
    """Return the word that what came goes back, and the way to pay the agreed total."""
    sale = get_sale(order_id)
    if sale.order.payment_status is not PaymentStatus.PENDING:
        return None
    subject = _("Order %(number)s: please pay once more", number=sale.order.number)
    return _about(sale, "payment_asked_again", subject)


def payment_failed(order_id: int) -> Mail | None:
    """Return the word that a delayed payment came to nothing and nothing was charged."""
    sale = get_sale(order_id)
    subject = _("Order %(number)s: the payment did not go through", number=sale.order.number)
    return _about(sale, "payment_failed", subject)


def order_canceled(order_id: int) -> Mail | None:
    """Return the word that the order was canceled; what was paid comes in a mail of its own."""
    sale = get_sale(order_id)
    return _about(
        sale, "order_canceled", _("Order %(number)s is canceled", number=sale.order.number)
    )


def order_sent(shipment_id: int) -> Mail | None:
    """Return the word that a parcel is on its way, with what is in it and how to follow it."""
    shipment, lines = get_parcel(shipment_id)
    sale = get_sale(shipment.order_id)
    subject = _("Order %(number)s is on its way", number=sale.order.number)
    return _about(sale, "order_sent", subject, shipment=shipment, parcel=lines)


def order_delivered(order_id: int) -> Mail | None:
    """Return the word that the order has arrived."""
    sale = get_sale(order_id)
    subject = _("Order %(number)s has been delivered", number=sale.order.number)
    return _about(sale, "order_delivered", subject)


def order_refunded(refund_id: str) -> Mail | None:
    """Return the word that money is on its way back, how much, and for what."""
    refund, lines = get_refund(refund_id)
    sale = get_sale(refund.order_id)
    amount = format_money(refund.amount, refund.currency, sale.order.locale)
    subject = _("%(amount)s refunded for order %(number)s", amount=amount, number=sale.order.number)
    return _about(sale, "order_refunded", subject, refund=refund, returned=lines)


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


def _about(sale: Sale, kind: str, subject: object, **context: Any) -> Mail | None:
    if sale.order.anonymised_at is not None:
        return None
    return compose(
        kind,
        to=sale.order.email,
        subject=subject,
        locale=sale.order.locale,
        language=sale.order.language,
        order_id=sale.order.id,
        sale=sale,
        order=sale.order,
        order_sums=order_sums,
        **context,
    )
