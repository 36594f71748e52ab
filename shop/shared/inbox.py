"""The inbox of what outside services send: each message is stored once, and handled until it is.

Whoever receives messages proves one first, stores it, acts on it, and marks it; a sender that gets
an error sends it again. `sender` is any name of at most 24 characters, its own for each service;
payments use that of the provider. What is kept of a message goes after 30 days.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from shop.core.clock import now
from shop.core.db import changed, insert_new, retried, transaction
from shop.models import WebhookEvent

REASON = 300  # characters


@dataclass(frozen=True)
class Message:
    """A message whose origin is proved; `id` is the sender's own, by which it is known again.

    `object_ref`: what it is about, in the sender's words; `payment_intent`: the payment which that
    belongs to, "" for none. `payload` is plain JSON.
    """

    id: str
    type: str
    object_ref: str
    livemode: bool
    payload: dict[str, Any]
    payment_intent: str = ""


@retried
def store_message(sender: str, message: Message) -> bool:
    """Put a message into the inbox; False when it has been handled before."""
    with transaction() as session:
        new = insert_new(
            WebhookEvent,
            provider=sender,
            event_id=message.id,
            type=message.type,
            object_ref=message.object_ref,
            payment_intent=message.payment_intent,
            livemode=message.livemode,
            payload=message.payload,
            attempts=1,
        )
        if new:
            return True
        processed_at = session.scalar(
            select(WebhookEvent.processed_at).where(*is_message(sender, message.id))
        )
        return processed_at is None


@retried
def mark_handled(sender: str, message_id: str) -> None:
    """Note that a message was acted upon."""
    with transaction():
        mine = update(WebhookEvent).where(*is_message(sender, message_id))
        changed(mine.values(processed_at=now(), error=""))


@retried
def note_failure(sender: str, message_id: str, error: Exception) -> None:
    """Write beside a message why it could not be acted upon; it is handled again."""
    reason = f"{type(error).__name__}: {error}".replace("\0", "").splitlines()[0][:REASON]
    with transaction():
        mine = update(WebhookEvent).where(*is_message(sender, message_id))
        changed(mine.values(error=reason))


def is_message(sender: str, message_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that tell one message from all others."""
    return WebhookEvent.provider == sender, WebhookEvent.event_id == message_id
