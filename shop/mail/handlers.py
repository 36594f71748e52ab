"""The jobs that send mails about orders."""

from dataclasses import replace
from datetime import date
from typing import Any

from shop.core.db import db
from shop.mail.message import Mail
from shop.mail.messages import figures, orders, staff
from shop.mail.messages.test_mail import make_test_mail
from shop.mail.samples import sample_mail
from shop.mail.services import mail_job
from shop.models import MailMessage
from shop.settings.queries import shop_settings

Payload = dict[str, Any]


@mail_job("mail.text_sample", "nth")
def text_sample(payload: Payload) -> Mail:
    """Send a mail with made-up data to whoever wrote its words."""
    sample = sample_mail(payload["kind"], payload["language"], payload["to"])
    return replace(sample, kind="text_sample")


@mail_job("mail.order_paid", "order_id")
def order_paid(payload: Payload) -> Mail | None:
    """Confirm a paid order."""
    return orders.order_paid(payload["order_id"])


@mail_job("mail.order_processing", "order_id", "attempt_id")
def order_processing(payload: Payload) -> Mail | None:
    """Say that the money needs days, and how it comes."""
    return orders.order_processing(payload["order_id"], payload["attempt_id"])


@mail_job("mail.payment_reminder", "order_id", "attempt_id")
def payment_reminder(payload: Payload) -> Mail | None:
    """Remind of money that has not come yet."""
    return orders.payment_reminder(payload["order_id"], payload["attempt_id"])


@mail_job("mail.order_expired", "order_id")
def order_expired(payload: Payload) -> Mail | None:
    """Say that the money did not come in time."""
    return orders.order_expired(payload["order_id"])


@mail_job("mail.payment_review", "order_id", "attempt_id")
def payment_review(payload: Payload) -> Mail | None:
    """Say that money came, but not as agreed."""
    return orders.payment_review(payload["order_id"])


@mail_job("mail.payment_asked_again", "order_id", "about")
def payment_asked_again(payload: Payload) -> Mail | None:
    """Ask for the agreed total once more."""
    return orders.payment_asked_again(payload["order_id"])


@mail_job("mail.payment_failed", "order_id")
def payment_failed(payload: Payload) -> Mail | None:
    """Say that a delayed payment failed."""
    return orders.payment_failed(payload["order_id"])


@mail_job("mail.order_canceled", "order_id")
def order_canceled(payload: Payload) -> Mail | None:
    """Say that the order is canceled."""
    return orders.order_canceled(payload["order_id"])


@mail_job("mail.order_sent", "shipment_id", "correction")
def order_sent(payload: Payload) -> Mail | None:
    """Say that a parcel is on its way; once more for each correction."""
    return orders.order_sent(payload["shipment_id"])


@mail_job("mail.order_delivered", "order_id", "about")
def order_delivered(payload: Payload) -> Mail | None:
    """Say that the order has arrived."""
    return orders.order_delivered(payload["order_id"])


@mail_job("mail.order_refunded", "refund_id")
def order_refunded(payload: Payload) -> Mail | None:
    """Say that money is on its way back."""
    return orders.order_refunded(payload["refund_id"])


@mail_job("mail.again", "mail_id", "nth")
def again(payload: Payload) -> Mail | None:
    """Send a mail once more, as it was, `to` where it goes now; bodies are kept for 90 days."""
    sent = db.session.get(MailMessage, payload["mail_id"])
    if sent is None or sent.text_body is None:
        return None
    mail = Mail(
        kind=sent.kind,
        to=payload.get("to", sent.to_address),
        subject=sent.subject,
        text=sent.text_body,
        html=sent.html_body or "",
        order_id=sent.order_id,
        reply_to=shop_settings().contact_email,  # whoever reads answers now
    )
    return orders.with_texts(mail)


@mail_job("mail.staff_attention", "order_id", "reason", "about")
def staff_attention(payload: Payload) -> Mail | None:
    """Tell staff that an order needs them."""
    return staff.staff_attention(payload["order_id"], payload["reason"])


@mail_job("mail.staff_message", "message_id")
def staff_message(payload: Payload) -> Mail | None:
    """Tell staff what a visitor wrote."""
    return staff.staff_message(payload["message_id"])


@mail_job("mail.staff_trial", "nth")
def staff_trial(payload: Payload) -> Mail | None:
    """Prove to staff that mails arrive."""
    return make_test_mail(payload["to"])


@mail_job("mail.staff_daily_sales", "day")
def staff_daily_sales(payload: Payload) -> Mail | None:
    """Tell staff what a day brought."""
    return figures.staff_daily_sales(date.fromisoformat(payload["day"]))


@mail_job("mail.staff_low_stock", "batch")
def staff_low_stock(payload: Payload) -> Mail | None:
    """Tell staff what has begun to run low."""
    return figures.staff_low_stock(payload["variant_ids"])
