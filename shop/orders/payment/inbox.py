"""Events of payments that could not be acted upon when they came: kept, and looked at again.

An event may overtake the answer that tells the shop which payment page it is about; then it is
kept. Whoever writes the page down has it looked at at once; the process that kept it looks once
more a moment later, should the two have missed each other; the reconciler looks at whatever else
is left. Events about pages of others (several shops may share one account) cost nothing after
that, and their content goes with that of all the others.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, false, not_, null, or_, select, update

from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.jobs import enqueue
from shop.models import CheckoutAttempt, Provider, WebhookEvent
from shop.payments.current import gateway
from shop.payments.gateway import EventKind
from shop.shared.inbox import is_message

UNKNOWN = "about something unknown"
JOB = "orders.take_kept_events"
SOON = timedelta(seconds=10)
PRESENT = timedelta(minutes=1)  # younger ones are in somebody's hands
HISTORY = timedelta(days=29)  # their content is kept for 30
LOOKS = 6  # at events whose subject only the provider can name
AT_ONCE = 200


@retried
def keep_event(provider: Provider, event_id: str) -> None:
    """Leave an event in the inbox until its subject is known, and look at it soon."""
    with transaction():
        row_id = db.session.scalar(
            update(WebhookEvent)
            .where(*is_message(provider, event_id), WebhookEvent.processed_at.is_(None))
            .values(error=UNKNOWN)
            .returning(WebhookEvent.id),
            execution_options={"synchronize_session": False},
        )
        if row_id is not None:
            enqueue(JOB, {"row": row_id}, dedupe_key=f"kept:{row_id}", run_at=now() + SOON)


def recheck_kept_events(ref: str, attempt_id: str) -> None:
    """Have the events about `ref` looked at, which has just become that of an attempt of ours.

    In the caller's transaction, which writes the reference down.
    """
    enqueue(JOB, {"ref": ref}, dedupe_key=f"woken:{attempt_id}")


def list_kept(
    providers: Sequence[str], *, ref: str | None = None, row: int | None = None
) -> Sequence[WebhookEvent]:
    """Return the events to be looked at again, least often tried first: of `ref`, `row`, or all.

    Those of `providers` alone: about others nobody can be asked.
    """
    kept = select(WebhookEvent).where(
        WebhookEvent.provider.in_(providers),
        WebhookEvent.processed_at.is_(None),
        WebhookEvent.payload.is_not(null()),
        WebhookEvent.received_at >= now() - HISTORY,
    )
    if ref is not None:
        kept = kept.where(WebhookEvent.object_ref == ref)
    elif row is not None:
        kept = kept.where(WebhookEvent.id == row, _is_promising(providers))
    else:
        kept = kept.where(WebhookEvent.received_at < now() - PRESENT, _is_promising(providers))
    return db.session.scalars(
        kept.order_by(WebhookEvent.attempts, WebhookEvent.id).limit(AT_ONCE)
    ).all()


def find_kept(provider: Provider, event_ids: Sequence[str]) -> set[str]:
    """Return which of the events are in the inbox because nobody knows what they are about."""
    kept = select(WebhookEvent.event_id).where(
        WebhookEvent.provider == provider,
        WebhookEvent.event_id.in_(event_ids),
        WebhookEvent.processed_at.is_(None),
        WebhookEvent.error == UNKNOWN,
    )
    return set(db.session.scalars(kept)) if event_ids else set()


def _page_events(provider: str) -> list[str]:
    """Return what a provider calls news of a page, whose reference alone says whose it is."""
    handled = gateway(provider).handled_events
    return [name for name, kind in handled.items() if kind is EventKind.PAGE]


def _is_promising(providers: Sequence[str]) -> ColumnElement[bool]:
    """Tell events that failed, or whose page is known by now, from those of other shops."""
    page = select(CheckoutAttempt.id).where(
        CheckoutAttempt.provider == WebhookEvent.provider,
        CheckoutAttempt.provider_ref == WebhookEvent.object_ref,
    )
    of_pages = [
        and_(WebhookEvent.provider == name, WebhookEvent.type.in_(_page_events(name)))
        for name in providers
    ]
    may_be_ours = and_(not_(or_(false(), *of_pages)), WebhookEvent.attempts < LOOKS)
    return or_(WebhookEvent.error != UNKNOWN, page.exists(), may_be_ours)


@retried
def count_look(row_id: int) -> None:
    """Count one more look at an event."""
    with transaction():
        again = update(WebhookEvent).where(WebhookEvent.id == row_id)
        changed(again.values(attempts=WebhookEvent.attempts + 1))
