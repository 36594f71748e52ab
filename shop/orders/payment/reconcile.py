"""Asking the provider about everything open, and healing what was missed. Safe to run twice."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from shop.core.clock import now
from shop.core.db import changed, db, end_read, transaction
from shop.core.errors import InvalidTransition
from shop.core.isolation import Run, each
from shop.models import (
    CheckoutAttempt,
    Order,
    Payment,
    Provider,
    Refund,
    ShopState,
)
from shop.models.payment import LIVE_ATTEMPT, UNDER_WAY
from shop.orders.payment.expire import end_overdue, expire_attempt
from shop.orders.payment.fulfil import apply_session_state, fulfil
from shop.orders.payment.inbox import find_kept
from shop.orders.payment.outcome import Outcome, Reconciled
from shop.orders.payment.refund import send_refund
from shop.orders.payment.refund_sync import record_refund
from shop.orders.payment.webhook import take_event, take_kept_events
from shop.payments.current import (
    configured_providers,
    find_gateway,
    gateway,
    has_gateway,
    is_play_money,
)
from shop.payments.errors import PaymentUnavailable
from shop.payments.gateway import GatewayEvent, SessionState, SessionStatus

SETTLED = timedelta(minutes=2)  # younger attempts are somebody's present click
OVERLAP = timedelta(hours=2)
HISTORY = timedelta(days=29)  # the provider keeps events for 30 days
SLOW_REFUND = timedelta(hours=1)
AT_ONCE = 200
EVENTS_AT_ONCE = 500


def reconcile() -> Reconciled:
    """Fulfil what was paid, end what died, repeat what was lost; say what failed.

    Each part, and each thing within it, by itself: what fails keeps nothing else from its turn.
    The mark up to which the providers' news is known moves at the end, and not beyond what could
    not be dealt with. Raises PaymentUnavailable, after everything else was done, when a provider
    did not even list its news.
    """
    result, started = Reconciled(), now()
    providers = configured_providers()
    parts = {
        "open attempts": _ask_attempts,
        "kept events": _take_kept,
        **{f"missed payments, {name}": _missed(_take_missed_sessions, name) for name in providers},
        "open refunds": _ask_refunds,
        **{f"missed events, {name}": _missed(_take_missed_events, name) for name in providers},
        "unpaid orders": _sweep,
    }
    whole = each("reconciling", parts, lambda part: parts[part](result))
    result.failures += whole.failures
    _move_mark(result, started)
    for failure in whole.failures:
        if isinstance(failure.error, PaymentUnavailable):
            raise failure.error
    return result


def _missed(
    take: Callable[[str, Reconciled], Run[Any]], provider: str
) -> Callable[[Reconciled], None]:
    """Return the part that takes one provider's news of one kind, and says whether it took all."""
    what = f"{take.__name__} {provider}"

    def part(result: Reconciled) -> None:
        result.unread.add(what)
        run = take(provider, result)
        if not run.left:
            result.unread.discard(what)
        result.add(run)

    return part


def _move_mark(result: Reconciled, started: datetime) -> None:
    """Note up to when the providers' news is known: never past what could not be dealt with."""
    if result.unread:
        return
    until = min(started, result.undone_since or started)
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

    Those of every provider that can be asked, and play money whose provider is gone: it is void.
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
            CheckoutAttempt.provider.in_(filter(_is_settled_here, Provider)),
            or_(settled & ~CheckoutAttempt.is_processing, slow),
        )
        .order_by(CheckoutAttempt.updated_at)
        .limit(AT_ONCE)
    )
    return {row.id: row.number for row in rows}


def _is_settled_here(provider: Provider) -> bool:
    is_reached = find_gateway(provider) is not None
    return provider is Provider.FREE or is_reached or is_play_money(provider)


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


def _take_missed_sessions(provider: str, result: Reconciled) -> Run[SessionState]:
    """Fulfil complete sessions of a provider that no payment row knows."""

    def take(state: SessionState) -> None:
        try:
            result.count(fulfil(Provider(provider), state.ref))
        except Exception:
            result.hold_back(state.created_at)
            raise

    return each(
        "missed payments",
        _missed_sessions(provider),
        take,
        name=lambda state: f"payment of {state.reference or state.ref}",
        away=(PaymentUnavailable,),
    )


def _news_since() -> datetime:
    """Return from when on the providers' news is asked for: all that is kept, without a mark."""
    end_read()
    until = db.session.scalar(select(ShopState.reconciled_until))
    end_read()
    return (until or now() - HISTORY) - OVERLAP


def _missed_sessions(provider: str) -> list[SessionState]:
    complete = gateway(provider).find_sessions(
        created_after=_news_since(), created_before=now(), status=SessionStatus.COMPLETE
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
    missed = [paid[ref] for ref in db.session.scalars(unknown) if ref is not None]
    end_read()
    return missed


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
    """Return the refunds under way whose provider can be asked, or that need none."""
    end_read()
    absent = [name for name in Provider if has_gateway(name) and find_gateway(name) is None]
    return list(
        db.session.scalars(
            select(Refund.id)
            .where(
                Refund.state.in_(UNDER_WAY),
                Refund.provider.not_in(absent),
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
        record_refund(refund.provider, gateway(refund.provider).get_refund(refund.provider_ref))


def _take_kept(result: Reconciled) -> None:
    """Look again at events that could not be acted upon when they came."""
    result.add(take_kept_events())


def _take_missed_events(provider: str, result: Reconciled) -> Run[GatewayEvent]:
    """Take a provider's undelivered events, oldest first, but for those kept in the inbox."""

    def take(event: GatewayEvent) -> None:
        try:
            take_event(Provider(provider), event)
        except Exception:
            result.hold_back(event.created)
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
    since, last = _news_since(), None
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


def _sweep(result: Reconciled) -> None:
    result.failures += end_overdue().failures
