"""The payment page of an attempt at its provider: opened once, found again, ended."""

from contextlib import suppress
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from shop.core.clock import now
from shop.core.db import crash_point, db, end_read, retried, transaction
from shop.core.errors import InvalidTransition
from shop.models import AttemptState, CheckoutAttempt, Order, Provider, WebhookEvent
from shop.orders.checkout_details import FORGOTTEN
from shop.orders.payment.inbox import recheck_kept_events
from shop.orders.payment.moves import move_attempt
from shop.payments.current import find_gateway, gateway, is_play_money
from shop.payments.errors import PaymentRefused, PaymentUnavailable, SessionUnknown
from shop.payments.gateway import SessionState, SessionStatus

WINDOW = timedelta(minutes=5)  # clocks differ


def open_page(attempt: CheckoutAttempt) -> str | None:
    """Have the provider make the page of an attempt that has none yet; return its address.

    None when the attempt has been paid meanwhile. Raises InvalidTransition when it has ended
    meanwhile, and PaymentError as the gateway does.
    """
    _ensure_discount(attempt)
    end_read()
    crash_point("before-session")
    state = gateway(attempt.provider).create_session(attempt.params, attempt.id)
    crash_point("after-session")
    if store_page(attempt, state) or state.status is not SessionStatus.OPEN:
        return state.url
    return _not_ours(attempt, state)


def _ensure_discount(attempt: CheckoutAttempt) -> None:
    """Have the discount made that the attempt's page refers to. No network without one.

    Raises PaymentError as the gateway does.
    """
    provider = gateway(attempt.provider)
    ref = provider.discount_of(attempt.params)
    if ref is None:
        return
    amount, code = db.session.execute(
        select(Order.amount_discount, Order.coupon_code).where(Order.id == attempt.order_id)
    ).one()
    end_read()
    provider.ensure_discount(ref, amount=amount, currency=attempt.currency, name=code)


@retried
def store_page(attempt: CheckoutAttempt, state: SessionState) -> bool:
    """Remember the page that was made for an attempt; False when the attempt has moved on.

    News about the page that came before is looked at again.
    """
    values = {"provider_ref": state.ref, "session_url": state.url}
    awaited = _is_awaited(state.ref).label("is_awaited")
    with transaction():
        stored = move_attempt(attempt.id, AttemptState.OPEN, awaited, **values)
        if stored is not None and stored.is_awaited:
            recheck_kept_events(state.ref, attempt.id)
    return stored is not None


def _is_awaited(ref: str) -> ColumnElement[bool]:
    """Tell whether events about `ref` wait, for a statement that writes it beside an attempt."""
    waiting = select(WebhookEvent.id).where(
        WebhookEvent.object_ref == ref,
        WebhookEvent.provider == CheckoutAttempt.provider,
        WebhookEvent.processed_at.is_(None),
    )
    return waiting.correlate(CheckoutAttempt).exists()


def _not_ours(attempt: CheckoutAttempt, state: SessionState) -> str | None:
    """A page came for an attempt that has moved on meanwhile: it is open already, or has ended."""
    end_read()
    fresh = db.session.get_one(CheckoutAttempt, attempt.id, populate_existing=True)
    if fresh.state is AttemptState.OPEN:
        return fresh.session_url
    if fresh.state is not AttemptState.COMPLETE:
        gateway(attempt.provider).expire_session(state.ref)
        raise InvalidTransition("This order has ended. Your bag is as you left it.")
    return None


def look_up_page(attempt: CheckoutAttempt) -> SessionState | None:
    """Return the page that the provider lists for an attempt."""
    end_read()
    number = db.session.scalar(select(Order.number).where(Order.id == attempt.order_id))
    end_read()
    states = gateway(attempt.provider).find_sessions(
        created_after=attempt.created_at - WINDOW,
        created_before=attempt.expires_at + WINDOW,
        reference=number,
    )
    return next((state for state in states if state.attempt_id == attempt.id), None)


def end_page(attempt: CheckoutAttempt) -> SessionState | None:
    """Have a live attempt's page ended at the provider and return its real state.

    None when there is provably no page. Raises PaymentUnavailable when the provider cannot be
    reached, InvalidTransition while it cannot be known what became of the page.
    """
    if attempt.provider is Provider.FREE:
        return None
    if find_gateway(attempt.provider) is None:
        # Nobody can be asked about its page: play money is void, the rest ends by itself.
        if not is_play_money(attempt.provider):
            _check_is_dead(attempt)
        return None
    ref = attempt.provider_ref or _find_lost(attempt)
    if ref is None:
        return None
    end_read()
    try:
        return gateway(attempt.provider).expire_session(ref)
    except SessionUnknown:
        _check_is_dead(attempt)
        return None


def _check_is_dead(attempt: CheckoutAttempt) -> None:
    """A page the provider does not know is dead a day after it would have ended by itself."""
    if now() < attempt.expires_at + FORGOTTEN:
        raise InvalidTransition("The payment service does not know this payment yet.")


def _find_lost(attempt: CheckoutAttempt) -> str | None:
    """Return the page of an attempt whose answer was lost; None when there is provably none.

    The same key and parameters bring back the page that was made, or make it now; either way it
    is then known and can be ended. A refusal, or a stored failure beside an empty list, proves
    that there is none.
    """
    state = look_up_page(attempt)
    if state is None:
        with suppress(PaymentRefused):  # what the page itself says is the proof
            _ensure_discount(attempt)
        try:
            state = gateway(attempt.provider).create_session(attempt.params, attempt.id)
        except PaymentRefused:
            return None
        except PaymentUnavailable as failure:
            if failure.is_replayed:
                return None
            raise
    store_page(attempt, state)
    return state.ref
