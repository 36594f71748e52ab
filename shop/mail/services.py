"""Sending a mail once: its row, its Message-ID, its way out."""

import logging
from collections.abc import Callable

from sqlalchemy import select, update

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import changed, crash_point, end_read, insert_new, retried, transaction
from shop.jobs import job
from shop.jobs.registry import Payload
from shop.mail.message import Mail, message_id, to_message
from shop.mail.transport import MailRefused, send
from shop.models import MailMessage, MailState

log = logging.getLogger(__name__)

Build = Callable[[Payload], Mail | None]
TRIES = 10  # over some four hours
TIMEOUT = 90  # seconds: connecting, greeting, TLS, login, envelope and body, 10 s each at worst


def mail_job(name: str, *keys: str) -> Callable[[Build], Build]:
    """Make the decorated function the job `name` ("mail.order_paid") that sends what it returns.

    The values of `keys` in the payload say which mail it is: it is sent once for each of them;
    a payload may lack some, where there can be one such mail alone.
    None means that there is nothing to say any more.
    """

    def register(build: Build) -> Build:
        def key_of(payload: Payload) -> str:
            return ":".join((name, *(str(payload[key]) for key in keys if key in payload)))

        def run(payload: Payload) -> None:
            mail = build(payload)
            end_read()
            if mail is not None:
                deliver(mail, dedupe_key=key_of(payload))

        run.__module__, run.__qualname__ = build.__module__, build.__qualname__
        job(
            name,
            max_attempts=TRIES,
            timeout=TIMEOUT,
            gave_up=lambda payload, error: mark_failed(key_of(payload), error),
        )(run)
        return build

    return register


def deliver(mail: Mail, *, dedupe_key: str) -> MailMessage:
    """Send `mail` unless the one under `dedupe_key` was sent before; return its row.

    Every try carries the same Message-ID, so that a mail sent just before a crash and sent again
    after it is recognised as the same. Raises what the mail server may answer differently later.
    """
    row = _record(mail, dedupe_key)
    if row.state is MailState.SENT:
        return row
    message = to_message(
        mail, sender=config().mail_from, identity=row.message_id, at=row.created_at
    )
    name = f"{row.created_at:%Y%m%d-%H%M%S}-{row.id}-{mail.kind.replace('.', '_')}"
    crash_point("before-mail")
    try:
        where = send(message, config(), name)
    except MailRefused as error:
        mark_failed(dedupe_key, str(error))
        return row
    crash_point("after-mail")
    _mark_sent(row.id)
    log.info("mail sent", extra={"kind": mail.kind, "mail_id": row.id, "where": where})
    return row


@retried
def _record(mail: Mail, dedupe_key: str) -> MailMessage:
    with transaction() as session:
        insert_new(
            MailMessage,
            kind=mail.kind,
            dedupe_key=dedupe_key,
            message_id=message_id(dedupe_key, config().mail_from),
            to_address=mail.to,
            subject=mail.subject[:255],
            text_body=None if mail.is_secret else mail.text,
            html_body=None if mail.is_secret else mail.html,
            order_id=mail.order_id,
        )
        return session.scalars(
            select(MailMessage).where(MailMessage.dedupe_key == dedupe_key)
        ).one()


@retried
def _mark_sent(mail_id: int) -> None:
    with transaction():
        sent = {"state": MailState.SENT, "sent_at": now(), "error": ""}
        changed(update(MailMessage).where(MailMessage.id == mail_id).values(**sent))


@retried
def mark_failed(dedupe_key: str, error: str) -> None:
    """Note that the mail under `dedupe_key` was given up, unless it went out after all."""
    log.error("mail given up", extra={"mail": dedupe_key, "reason": error})
    with transaction():
        unsent = MailMessage.dedupe_key == dedupe_key, MailMessage.state != MailState.SENT
        changed(
            update(MailMessage).where(*unsent).values(state=MailState.FAILED, error=error[:2000])
        )
