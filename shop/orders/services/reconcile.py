"""Asking the provider about everything open, and healing what was missed. Safe to run twice."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select, update

from shop.clock import now
from shop.db import changed, db, end_read, transaction
from shop.errors import ShopError
from shop.models import (
    CheckoutAttempt,
    Order,
    Payment,
    Provider,
    Refund,
    RefundState,
    ShopState,
)
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.services.attempt import current_provider
from shop.orders.services.expire import expire_attempt, sweep
from shop.orders.services.fulfil import act_on, fulfil
from shop.orders.services.outcome import Outcome
from shop.orders.services.refund import send_refund
from shop.orders.services.refund_news import record_refund
from shop.orders.services.webhook import take_event
from shop.payments.current import payment_gateway
from shop.payments.gateway import SessionStatus

log = logging.getLogger(__name__)

SETTLED = timedelta(minutes=2)  # younger attempts are somebody's present click
OVERLAP = timedelta(hours=2)
HISTORY = timedelta(days=29)  # the provider keeps events for 30 days
SLOW_REFUND = timedelta(hours=1)
AT_ONCE = 200


@dataclass
class Reconciled:
    """What one run looked at and changed."""

    looked_at: int = 0
    fulfilled: int = 0
    ended: int = 0
    failed: int = 0


def reconcile() -> Reconciled:
    """Fulfil what was paid, end what died, repeat what was lost; report the counts.

    Raises PaymentUnavailable when the provider cannot be reached at all.
    """
    result, started = Reconciled(), now()
    _each(result, _open_attempts(), _ask)
    _each(result, _missed_sessions(), lambda ref: fulfil(current_provider(), ref))
    _each(result, _open_refunds(), _ask_refund)
    _take_missed_events(result)
    sweep()
    with transaction():
        changed(update(ShopState).values(reconciled_until=started))
    return result


def _each(result: Reconciled, refs: list[str], act: Callable[[str], Outcome | None]) -> None:
    """Act on each; one that fails does not keep the others waiting."""
    for ref in refs:
        result.looked_at += 1
        try:
            outcome = act(ref)
        except ShopError as error:
            result.failed += 1
            log.warning("not reconciled", extra={"ref": ref, "reason": str(error)})
            continue
        result.fulfilled += outcome is Outcome.PAID
        result.ended += outcome is Outcome.DEAD


def _open_attempts() -> list[str]:
    """Return the attempts that may have been paid without our knowing; bank payments hourly.

    Those of the sandbox too when another provider has taken over: play money is void.
    """
    end_read()
    at = now()
    settled = CheckoutAttempt.updated_at < at - SETTLED
    slow = CheckoutAttempt.is_processing & (CheckoutAttempt.updated_at < at - timedelta(hours=1))
    return list(
        db.session.scalars(
            select(CheckoutAttempt.id)
            .where(
                CheckoutAttempt.state.in_(LIVE_ATTEMPT),
                CheckoutAttempt.provider.in_([current_provider(), Provider.FREE, Provider.SANDBOX]),
                or_(settled & ~CheckoutAttempt.is_processing, slow),
            )
            .order_by(CheckoutAttempt.updated_at)
            .limit(AT_ONCE)
        )
    )


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


def _missed_sessions() -> list[str]:
    """Return complete sessions of the provider that no payment row knows."""
    end_read()
    until = db.session.scalar(select(ShopState.reconciled_until))
    end_read()
    after = (until or now() - HISTORY) - OVERLAP
    complete = payment_gateway().find_sessions(
        created_after=after, created_before=now(), status=SessionStatus.COMPLETE
    )
    refs = [state.ref for state in complete if state.is_paid]
    if not refs:
        return []
    known = set(
        db.session.scalars(select(Payment.provider_ref).where(Payment.provider_ref.in_(refs)))
    )
    ours = set(
        db.session.scalars(
            select(CheckoutAttempt.provider_ref).where(CheckoutAttempt.provider_ref.in_(refs))
        )
    )
    end_read()
    return [ref for ref in refs if ref not in known and ref in ours]


def _open_refunds() -> list[str]:
    end_read()
    return list(
        db.session.scalars(
            select(Refund.id)
            .where(
                Refund.state.in_([RefundState.PENDING, RefundState.REQUIRES_ACTION]),
                Refund.updated_at < now() - SLOW_REFUND,
            )
            .limit(AT_ONCE)
        )
    )


def _ask_refund(refund_id: str) -> Outcome | None:
    end_read()
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    if refund.provider_ref is None:
        send_refund(refund_id)
    else:
        end_read()
        record_refund(refund.provider, payment_gateway().get_refund(refund.provider_ref))
    return None


def _take_missed_events(result: Reconciled) -> None:
    """Take events that could not be delivered, oldest first; a failure stops no other."""
    end_read()
    until = db.session.scalar(select(ShopState.reconciled_until))
    end_read()
    for event in payment_gateway().failed_events(created_after=(until or now()) - OVERLAP):
        end_read()
        try:
            take_event(current_provider(), event)
        except ShopError as error:
            result.failed += 1
            log.warning("event not taken", extra={"event": event.id, "reason": str(error)})
