"""The provider's messages about an order, as they lie in the inbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import null, select, union, union_all

from shop.core.db import db
from shop.models import CheckoutAttempt, Payment, Refund, WebhookEvent

MOST = 50  # messages that the page of an order shows


@dataclass(frozen=True)
class OrderMessage:
    """A message about an order. `is_kept`: whether its content is still there to be handled."""

    id: int
    event_id: str
    type: str
    provider: str
    received_at: datetime
    processed_at: datetime | None
    error: str
    attempts: int
    is_kept: bool


def list_order_messages(order_id: int) -> Sequence[OrderMessage]:
    """Return the provider's messages about an order, the newest first; one statement.

    Those about its payment pages and its refunds, and what names its payments.
    """
    event, attempt, payment, refund = WebhookEvent, CheckoutAttempt, Payment, Refund
    providers = select(attempt.provider).where(attempt.order_id == order_id)
    intents = select(payment.payment_intent).where(payment.order_id == order_id)
    refs = union_all(
        select(attempt.provider_ref).where(attempt.order_id == order_id),
        intents,
        select(refund.provider_ref).where(refund.order_id == order_id),
    )
    found = union(
        select(event.id).where(event.object_ref.in_(refs)),
        select(event.id).where(event.payment_intent.in_(intents), event.payment_intent != ""),
    )
    rows = db.session.execute(
        select(
            event.id, event.event_id, event.type, event.provider, event.received_at,
            event.processed_at, event.error, event.attempts,
            event.payload.is_not(null()).label("is_kept"),
        )
        .where(event.id.in_(found), event.provider.in_(providers))
        .order_by(event.id.desc())
        .limit(MOST)
    )  # fmt: skip
    return [OrderMessage(*row) for row in rows]


def find_order_message(order_id: int, row_id: int) -> OrderMessage | None:
    """Return a message about an order by its row, None where it is about something else."""
    return next((each for each in list_order_messages(order_id) if each.id == row_id), None)
