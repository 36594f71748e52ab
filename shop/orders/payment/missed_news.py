"""What providers told and nobody here heard: payments and events that were missed, by provider.

Each provider has a mark up to which its news is known; what came since is asked for anew.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from shop.core.clock import now
from shop.core.db import changed, db, end_read, insert_new, retried, transaction
from shop.core.isolation import Run, each
from shop.models import CheckoutAttempt, Payment, Provider, ProviderState
from shop.orders.payment.fulfil import fulfil
from shop.orders.payment.inbox import find_kept
from shop.orders.payment.outcome import Reconciled
from shop.orders.payment.webhook import handle_event_once
from shop.payments.current import gateway
from shop.payments.errors import PaymentUnavailable
from shop.payments.gateway import GatewayEvent, SessionState, SessionStatus

OVERLAP = timedelta(hours=2)
HISTORY = timedelta(days=29)  # the provider keeps events for 30 days
EVENTS_AT_ONCE = 500


def news_of(
    take: Callable[[str, Reconciled], Run[Any]], provider: str
) -> Callable[[Reconciled], None]:
    """Return the part that takes one provider's news of one kind, and says whether it took all."""
    what = (provider, take.__name__)

    def part(result: Reconciled) -> None:
        result.unread.add(what)
        run = take(provider, result)
        if not run.left:
            result.unread.discard(what)
        result.add(run)

    return part


@retried
def move_mark(provider: str, until: datetime | None) -> None:
    """Note up to when a provider's news is known: never past what could not be dealt with."""
    if until is None:
        return
    name = Provider(provider)
    with transaction():
        if not insert_new(ProviderState, provider=name, reconciled_until=until):
            mark = update(ProviderState).where(ProviderState.provider == name)
            changed(mark.values(reconciled_until=until))


def take_missed_sessions(provider: str, result: Reconciled) -> Run[SessionState]:
    """Fulfil complete sessions of a provider that no payment row knows."""

    def take(state: SessionState) -> None:
        try:
            result.count(fulfil(Provider(provider), state.ref))
        except Exception:
            result.hold_back(provider, state.created_at)
            raise

    return each(
        "missed payments",
        _missed_sessions(provider),
        take,
        name=lambda state: f"payment of {state.reference or state.ref}",
        away=(PaymentUnavailable,),
    )


def _news_since(provider: str) -> datetime:
    """Return from when on a provider's news is asked for: all that is kept, without a mark."""
    end_read()
    mark = select(ProviderState.reconciled_until).where(ProviderState.provider == provider)
    until = db.session.scalar(mark)
    end_read()
    return (until or now() - HISTORY) - OVERLAP


def _missed_sessions(provider: str) -> list[SessionState]:
    complete = gateway(provider).find_sessions(
        created_after=_news_since(provider), created_before=now(), status=SessionStatus.COMPLETE
    )
    paid = {state.ref: state for state in complete if state.is_paid}
    if not paid:
        return []
    known = select(Payment.provider_ref).where(
        Payment.provider == provider, Payment.provider_ref.in_(paid)
    )
    unknown = select(CheckoutAttempt.provider_ref).where(
        CheckoutAttempt.provider == provider,
        CheckoutAttempt.provider_ref.in_(paid),
        CheckoutAttempt.provider_ref.not_in(known),
    )
    found = [paid[ref] for ref in db.session.scalars(unknown) if ref is not None]
    end_read()
    return found


def take_missed_events(provider: str, result: Reconciled) -> Run[GatewayEvent]:
    """Take a provider's undelivered events, oldest first, but for those kept in the inbox."""

    def take(event: GatewayEvent) -> None:
        try:
            handle_event_once(Provider(provider), event)
        except Exception:
            result.hold_back(provider, event.created)
            raise

    return each(
        "missed events",
        _missed_events(provider),
        take,
        name=lambda event: f"event {event.id} ({event.type})",
        away=(PaymentUnavailable,),
    )


def _missed_events(provider: str) -> Iterator[GatewayEvent]:
    """Yield what was not delivered, however much it is, but for what is kept in the inbox."""
    since, last = _news_since(provider), None
    while True:
        page = gateway(provider).failed_events(
            created_after=since, after=last, limit=EVENTS_AT_ONCE
        )
        kept = find_kept(Provider(provider), [event.id for event in page])
        end_read()
        yield from (event for event in page if event.id not in kept)
        if len(page) < EVENTS_AT_ONCE:
            return
        last = page[-1].id
