"""Asking the provider about everything open, and healing what was missed. Safe to run twice."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import or_, select, update

from shop.core.clock import now
from shop.core.db import changed, db, end_read, transaction
from shop.core.errors import InvalidTransition
from shop.core.isolation import each
from shop.models import (
    CheckoutAttempt,
    Order,
    Provider,
    Refund,
)
from shop.models.payment import LIVE_ATTEMPT, UNDER_WAY
from shop.orders.payment.expire import end_overdue, expire_attempt
from shop.orders.payment.fulfil import apply_session_state, fulfil
from shop.orders.payment.missed_news import (
    move_mark,
    news_of,
    take_missed_events,
    take_missed_sessions,
)
from shop.orders.payment.outcome import Outcome, Reconciled
from shop.orders.payment.refund import send_refund
from shop.orders.payment.refund_sync import record_refund
from shop.orders.payment.webhook import handle_kept_events
from shop.payments.current import (
    configured_providers,
    find_gateway,
    gateway,
    has_gateway,
    is_play_money,
)
from shop.payments.errors import PaymentUnavailable

SETTLED = timedelta(minutes=2)  # younger attempts are somebody's present click
SLOW_REFUND = timedelta(hours=1)
AT_ONCE = 200


def reconcile() -> Reconciled:
    """Fulfil what was paid, end what died, repeat what was lost; say what failed.

    Each part, and each thing within it, by itself: what fails keeps nothing else from its turn.
    The mark up to which a provider's news is known moves at the end, and not beyond what could not
    be dealt with; each has its own, so that one that is away holds up no other. Raises
    PaymentUnavailable, after everything else was done, when a provider did not even list its news.
    """
    result, started = Reconciled(), now()
    providers = configured_providers()
    parts: dict[str, Callable[[Reconciled], None]] = {
        **{f"open attempts, {name}": partial(_ask_attempts, name) for name in _settled_here()},
        "kept events": _take_kept,
        **{f"missed payments, {name}": news_of(take_missed_sessions, name) for name in providers},
        **{f"open refunds, {name}": partial(_ask_refunds, name) for name in _refunded_here()},
        **{f"missed events, {name}": news_of(take_missed_events, name) for name in providers},
        "unpaid orders": _sweep,
    }
    whole = each("reconciling", parts, lambda part: parts[part](result))
    result.failures += whole.failures
    for name in providers:
        move_mark(name, result.known_until(name, started))
    for failure in whole.failures:
        if isinstance(failure.error, PaymentUnavailable):
            raise failure.error
    return result


def _ask_attempts(provider: Provider, result: Reconciled) -> None:
    def ask(attempt_id: str) -> None:
        result.count(_ask(attempt_id))

    numbers = _open_attempts(provider)
    run = each(
        "open attempts",
        numbers,
        ask,
        name=lambda attempt_id: f"payment page of {numbers[attempt_id]}",
        waits=(InvalidTransition,),
        away=(PaymentUnavailable,),
    )
    result.add(run)


def _open_attempts(provider: Provider) -> dict[str, str]:
    """Return a provider's attempts that may have been paid without our knowing, by id.

    With the number of the order; bank payments hourly.
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
            CheckoutAttempt.provider == provider,
            or_(settled & ~CheckoutAttempt.is_processing, slow),
        )
        .order_by(CheckoutAttempt.updated_at)
        .limit(AT_ONCE)
    )
    return {row.id: row.number for row in rows}


def _settled_here() -> list[Provider]:
    """Return who can be asked, or needs none, and play money that is void: its provider is gone."""
    return [
        name
        for name in Provider
        if name is Provider.FREE or find_gateway(name) is not None or is_play_money(name)
    ]


def _ask(attempt_id: str) -> Outcome:
    """Look an attempt's page up; one whose answer was lost is only ended when its time is over."""
    end_read()
    attempt = db.session.get_one(CheckoutAttempt, attempt_id, populate_existing=True)
    _note_asked(attempt_id)
    if attempt.provider is Provider.FREE:  # placed, and the process ended before it was settled
        return fulfil(attempt.provider, attempt.provider_ref or "")
    if find_gateway(attempt.provider) is None:
        return expire_attempt(attempt_id)
    if attempt.provider_ref is None:
        hold_until = db.session.scalar(select(Order.hold_until).where(Order.id == attempt.order_id))
        over = hold_until is None or hold_until <= now()
        return expire_attempt(attempt_id) if over else Outcome.OPEN
    end_read()
    return apply_session_state(
        attempt.provider, gateway(attempt.provider).get_session(attempt.provider_ref)
    )


def _note_asked(attempt_id: str) -> None:
    """Send the attempt to the end of the queue, so that one without an answer holds up nobody."""
    with transaction():
        asked = update(CheckoutAttempt).where(CheckoutAttempt.id == attempt_id)
        changed(asked.values(updated_at=now()))


def _ask_refunds(provider: Provider, result: Reconciled) -> None:
    run = each(
        "open refunds",
        _open_refunds(provider),
        _ask_refund,
        name=lambda refund_id: f"refund {refund_id}",
        away=(PaymentUnavailable,),
    )
    result.add(run)


def _refunded_here() -> list[Provider]:
    """Return the providers that can be asked about refunds, and those that need none."""
    return [name for name in Provider if find_gateway(name) is not None or not has_gateway(name)]


def _open_refunds(provider: Provider) -> list[str]:
    """Return a provider's refunds under way, those asked about longest ago first."""
    end_read()
    return list(
        db.session.scalars(
            select(Refund.id)
            .where(
                Refund.state.in_(UNDER_WAY),
                Refund.provider == provider,
                Refund.updated_at < now() - SLOW_REFUND,
            )
            .order_by(Refund.updated_at)
            .limit(AT_ONCE)
        )
    )


def _ask_refund(refund_id: str) -> None:
    end_read()
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    if refund.provider_ref is None:
        send_refund(refund_id)
        return
    _note_refund_asked(refund_id)
    record_refund(refund.provider, gateway(refund.provider).get_refund(refund.provider_ref))


def _note_refund_asked(refund_id: str) -> None:
    """Send the refund to the end of the queue: one that takes weeks holds up nobody."""
    with transaction():
        changed(update(Refund).where(Refund.id == refund_id).values(updated_at=now()))


def _take_kept(result: Reconciled) -> None:
    """Look again at events that could not be acted upon when they came."""
    result.add(handle_kept_events())


def _sweep(result: Reconciled) -> None:
    result.failures += end_overdue().failures
