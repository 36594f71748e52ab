"""Taking a message: once, counted, and told to staff."""

import logging
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from shop.core.db import db, end_read, insert_new, retried, transaction
from shop.core.emails import normalise_email
from shop.jobs import enqueue
from shop.models import ContactMessage
from shop.shared.rate_limits import By, Limit, count_try

log = logging.getLogger(__name__)

LONGEST_NAME: Final = 120
LONGEST_NUMBER: Final = 20
LONGEST_TEXT: Final = 5000
LIMITS: Final = (
    Limit(5, 3600, By.IP),
    Limit(5, 3600, By.SUBJECT),
)


@dataclass(frozen=True)
class ContactInput:
    """What somebody wrote; `token` names the rendered form, which is one message."""

    name: str
    email: str
    order_number: str
    text: str
    token: str


def take_message(written: ContactInput, *, ip: str, user_id: int | None) -> None:
    """Keep a message and tell staff; a form that was sent before is done already.

    Raises TooManyRequests after five within an hour, of an internet address or an e-mail address.
    """
    known = select(ContactMessage.id).where(ContactMessage.form_token == written.token)
    is_known = db.session.scalar(known) is not None
    end_read()
    if is_known:
        return
    key = normalise_email(written.email)
    count_try("contact", key, ip, *LIMITS)
    _write_message(written, key, user_id)
    log.info("message taken", extra={"user_id": user_id})


@retried
def _write_message(written: ContactInput, key: str, user_id: int | None) -> None:
    with transaction() as session:
        values = {
            "name": written.name,
            "email": written.email,
            "email_key": key,
            "order_number": written.order_number,
            "body": written.text,
            "user_id": user_id,
        }
        if not insert_new(ContactMessage, form_token=written.token, **values):
            return  # the same form, at the same moment
        message_id = session.scalar(
            select(ContactMessage.id).where(ContactMessage.form_token == written.token)
        )
        enqueue(
            "mail.staff_message",
            {"message_id": message_id},
            dedupe_key=f"mail.staff_message:{message_id}",
        )
