"""Asking the provider about everything open, and healing what was missed. Safe to run twice."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from shop.core.clock import now
from shop.core.db import changed, db, end_read, transaction
from shop.core.errors import InvalidTransition
from shop.core.isolation import Failure, Run, SomeFailed, each
from shop.models import (
    CheckoutAttempt,
    Order,
    Payment,
    Provider,
    Refund,
    ShopState,
)
from shop.models.payment import LIVE_ATTEMPT, UNDER_WAY
from shop.orders.payment.attempt import current_provider
from shop.orders.payment.expire import end_overdue, expire_attempt
from shop.orders.payment.fulfil import act_on, fulfil
from shop.orders.payment.inbox import find_kept
from shop.orders.payment.outcome import Outcome
from shop.orders.payment.refund import send_refund
from shop.orders.payment.refund_sync import record_refund
from shop.orders.payment.webhook import take_event, take_kept_events
from shop.payments.current import payment_gateway
from shop.payments.errors import PaymentUnavailable
from shop.payments.gateway import GatewayEvent, SessionState, SessionStatus

SETTLED = timedelta(minutes=2)  # younger attempts are somebody's present click
OVERLAP = timedelta(hours=2)
HISTORY = timedelta(days=29)  # the provider keeps events for 30 days
SLOW_REFUND = timedelta(hours=1)
AT_ONCE = 200


@dataclass
class Reconciled:
    """What one run looked at and changed. `failures`: what it could not deal with, and why.

    `undone_since` is when the earliest of the provider's news came into being that could not be
    dealt with; None for none.
    """

    looked_at: int = 0
    fulfilled: int = 0
    ended: int = 0
    failures: list[Failure[Any]] = field(default_factory=list)
    undone_since: datetime | None = None
    is_news_complete: bool = True

    @property
    def failed(self) -> int:
        """How many things could not be dealt with."""
        return len(self.failures)

    def check(self) -> None:
        """Raise SomeFailed, naming how many and which, when anything failed."""
        if self.failures:
            raise SomeFailed("reconciling", self.failures)

    def count(self, outcome: Outcome | None) -> None:
        """Count what asking about something led to."""
        self.fulfilled += outcome is Outcome.PAID
        self.ended += outcome is Outcome.DEAD

    def add(self, run: Run[Any]) -> None:
        """Count what became of one loop."""
        self.looked_at += run.looked_at
        self.failures += run.failures

    def hold_back(self, came_at: datetime) -> None:
        """Keep the mark before news of `came_at`, which could not be dealt with."""
        self.undone_since = min(came_at, self.undone_since or came_at)


def reconcile() -> Reconciled:
    """Fulfil what was paid, end what died, repeat what was lost; say what failed.

    Each part, and each thing within it, by itself: what fails keeps nothing else from its turn.
    The mark up to which the provider's news is known moves at the end, and not beyond what could
    not be dealt with. Raises PaymentUnavailable, after everything else was done, when the provider
    did not even list its news.
    """
    result, started = Reconciled(), now()
    parts = {
        "open attempts": _ask_attempts,
        "kept events": _take_kept,
        "missed payments": _take_missed_sessions,
        "open refunds": _ask_refunds,
        "missed events": _take_missed_events,
        "unpaid orders": _sweep,
    }
    whole = each("reconciling", parts, lambda part: parts[part](result))
    result.failures += whole.failures
    _move_mark(result, started)
    for failure in whole.failures:
        if isinstance(failure.error, PaymentUnavailable):
            raise failure.error
    return result


def _move_mark(result: Reconciled, started: datetime) -> None:
    """Note up to when the provider's news is known: never past what could not be dealt with."""
    if not result.is_news_complete:
        return
    until = max(min(started, result.undone_since or started), started - HISTORY)
    with transaction():
        changed(update(ShopState).values(reconciled_until=until))


def _ask_attempts(result: Reconciled) -> None:
    def ask(attempt_id: str) -> None:
        result.count(_ask(attempt_id))

    numbers = _open_attempts()
    run = each(
        "open attempts",
        numbers,
        ask,
        name=lambda attempt_id: f"payment page of {numbers[attempt_id]}",
        waits=(InvalidTransition,),
        away=(PaymentUnavailable,),
    )
    result.add(run)


def _open_attempts() -> dict[str, str]:
    """Return the attempts that may have been paid without our knowing; bank payments hourly.

    By id, with the number of the order.

    Those of the sandbox too when another provider has taken over: play money is void.
    """
    end_read()
    at = now()
    settled = CheckoutAttempt.updated_at < at - SETTLED
    slow = CheckoutAttempt.is_processing & (CheckoutAttempt.updated_at < at - timedelta(hours=1))
    rows = db.session.execute(
        select(CheckoutAttempt.id, Order.number)
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .where(
            CheckoutAttempt.state.in_(LIVE_ATTEMPT),
            CheckoutAttempt.provider.in_([current_provider(), Provider.FREE, Provider.SANDBOX]),
            or_(settled & ~CheckoutAttempt.is_processing, slow),
        )
        .order_by(CheckoutAttempt.updated_at)
        .limit(AT_ONCE)
    )
    return {row.id: row.number for row in rows}


def _ask(attempt_id: str) -> Outcome:
    """Look an attempt's page up; one whose answer was lost is only ended when its time is over."""
    end_read()
    attempt = db.session.get_one(CheckoutAttempt, attempt_id, populate_existing=True)
    _note_asked(attempt_id)
    if attempt.provider is Provider.FREE:  # placed, and the process ended before it was settled
        return fulfil(attempt.provider, attempt.provider_ref or "")
    if attempt.provider is not current_provider():
        return expire_attempt(attempt_id)
    if attempt.provider_ref is None:
        hold_until = db.session.scalar(select(Order.hold_until).where(Order.id == attempt.order_id))
        over = hold_until is None or hold_until <= now()
        return expire_attempt(attempt_id) if over else Outcome.OPEN
    end_read()
    return act_on(attempt.provider, payment_gateway().get_session(attempt.provider_ref))


def _note_asked(attempt_id: str) -> None:
    """Send the attempt to the end of the queue, so that one without an answer holds up nobody."""
    with transaction():
        asked = update(CheckoutAttempt).where(CheckoutAttempt.id == attempt_id)
        changed(asked.values(updated_at=now()))


def _take_missed_sessions(result: Reconciled) -> None:
    """Fulfil complete sessions of the provider that no payment row knows."""

    def take(state: SessionState) -> None:
        try:
            result.count(fulfil(current_provider(), state.ref))
        except Exception:
            result.hold_back(state.created_at)
            raise

    result.is_news_complete = False
    run = each(
        "missed payments",
        _missed_sessions(),
        take,
        name=lambda state: f"payment of {state.reference or state.ref}",
        away=(PaymentUnavailable,),
    )
    result.is_news_complete = not run.left
    result.add(run)


def _missed_sessions() -> list[SessionState]:
    end_read()
    until = db.session.scalar(select(ShopState.reconciled_until))
    end_read()
    after = (until or now() - HISTORY) - OVERLAP
    complete = payment_gateway().find_sessions(
        created_after=after, created_before=now(), status=SessionStatus.COMPLETE
    )
    paid = {state.ref: state for state in complete if state.is_paid}
    if not paid:
        return []
    known = select(Payment.provider_ref).where(Payment.provider_ref.in_(paid))
    unknown = select(CheckoutAttempt.provider_ref).where(
        CheckoutAttempt.provider_ref.in_(paid), CheckoutAttempt.provider_ref.not_in(known)
    )
    found = [paid[ref] for ref in db.session.scalars(unknown) if ref is not None]
    end_read()
    return found


def _ask_refunds(result: Reconciled) -> None:
    run = each(
        "open refunds",
        _open_refunds(),
        _ask_refund,
        name=lambda refund_id: f"refund {refund_id}",
        away=(PaymentUnavailable,),
    )
    result.add(run)


def _open_refunds() -> list[str]:
    end_read()
    return list(
        db.session.scalars(
            select(Refund.id)
            .where(
                Refund.state.in_(UNDER_WAY),
                Refund.updated_at < now() - SLOW_REFUND,
            )
            .limit(AT_ONCE)
        )
    )


def _ask_refund(refund_id: str) -> None:
    end_read()
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    if refund.provider_ref is None:
        send_refund(refund_id)
    else:
        end_read()
        record_refund(refund.provider, payment_gateway().get_refund(refund.provider_ref))


def _take_kept(result: Reconciled) -> None:
    """Look again at events that could not be acted upon when they came."""
    result.add(take_kept_events())


def _take_missed_events(result: Reconciled) -> None:
    """Take events that could not be delivered, oldest first, but for those kept in the inbox."""

    def take(event: GatewayEvent) -> None:
        try:
            take_event(current_provider(), event)
        except Exception:
            result.hold_back(event.created)
            raise

    end_read()
    until = db.session.scalar(select(ShopState.reconciled_until))
    end_read()
    missed = payment_gateway().failed_events(created_after=(until or now()) - OVERLAP)
    kept = find_kept(current_provider(), [event.id for event in missed])
    end_read()
    were_payments_complete, result.is_news_complete = result.is_news_complete, False
    run = each(
        "missed events",
        [event for event in missed if event.id not in kept],
        take,
        name=lambda event: f"event {event.id} ({event.type})",
        away=(PaymentUnavailable,),
    )
    result.is_news_complete = were_payments_complete and not run.left
    result.add(run)


def _sweep(result: Reconciled) -> None:
    result.failures += end_overdue().failures
