"""Ending unpaid orders: holds are let go only once the payment that could claim them is dead."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from shop.core.clock import now
from shop.core.db import crash_point, db, end_read, guarded, retried, transaction
from shop.core.errors import InvalidTransition, NotFound, OrderError
from shop.core.isolation import Run, each
from shop.jobs import enqueue
from shop.models import AttemptState, CheckoutAttempt, Order, PaymentStatus, Provider
from shop.models.order import DEAD
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.details import FORGOTTEN
from shop.orders.payment.attempt import (
    end_attempt,
    ensure_discount,
    find_live,
    store_session,
)
from shop.orders.payment.end import bury_attempt, end_unpaid
from shop.orders.payment.fulfil import act_on, fulfil
from shop.orders.payment.outcome import Outcome
from shop.orders.record import record
from shop.payments.current import find_gateway, gateway, is_play_money
from shop.payments.errors import PaymentRefused, PaymentUnavailable, SessionUnknown
from shop.payments.gateway import SessionState

WINDOW = timedelta(minutes=5)  # clocks differ
AT_ONCE = 100  # orders ended in one run; the rest wait a minute
LOOKED_AT = 500  # orders a run looks at for that: those that cannot be ended yet hold up nobody


def expire_attempt(attempt_id: str, why: str = "expired") -> Outcome:
    """Have the attempt's page ended at the provider and act on what it turned out to be.

    Expired: the order ends and its holds are let go. Complete: the buyer was faster, the order is
    paid. `why` is noted on the order: "expired" or "canceled". Raises PaymentUnavailable when the
    provider cannot be reached, InvalidTransition while it cannot be known: then the hold stays.
    """
    attempt = _get_attempt(attempt_id)
    if attempt.state not in LIVE_ATTEMPT:
        return Outcome.ALREADY
    state = end_page(attempt)
    crash_point("after-expire-call")
    return _believe(attempt, state, why)


def _believe(attempt: CheckoutAttempt, state: SessionState | None, why: str) -> Outcome:
    """Act on what an attempt's page turned out to be; None: there is provably none."""
    if state is None:
        return bury_attempt(attempt.id, why)
    return act_on(attempt.provider, state, why)


def end_page(attempt: CheckoutAttempt) -> SessionState | None:
    """Have a live attempt's page ended at the provider and return its real state.

    None when there is provably no page. Raises as `expire_attempt`.
    """
    if not guarded("expire.ask"):
        return None
    if attempt.provider is Provider.FREE:
        return None
    if find_gateway(attempt.provider) is None:
        # Nobody can be asked about its page: play money is void, the rest ends by itself.
        if not is_play_money(attempt.provider):
            _believe_dead(attempt)
        return None
    ref = attempt.provider_ref or _find_lost(attempt)
    if ref is None:
        return None
    end_read()
    try:
        return gateway(attempt.provider).expire_session(ref)
    except SessionUnknown:
        _believe_dead(attempt)
        return None


def _get_attempt(attempt_id: str) -> CheckoutAttempt:
    end_read()
    attempt = db.session.get(CheckoutAttempt, attempt_id, populate_existing=True)
    if attempt is None:
        raise NotFound
    return attempt


def _believe_dead(attempt: CheckoutAttempt) -> None:
    """A page the provider does not know is dead a day after it would have ended by itself."""
    if now() < attempt.expires_at + FORGOTTEN:
        raise InvalidTransition("The payment service does not know this payment yet.")


def _find_lost(attempt: CheckoutAttempt) -> str | None:
    """Return the page of an attempt whose answer was lost; None when there is provably none.

    The same key and parameters bring back the page that was made, or make it now; either way it
    is then known and can be ended. A refusal, or a stored failure beside an empty list, proves
    that there is none.
    """
    state = _listed(attempt)
    if state is None:
        with suppress(PaymentRefused):  # what the page itself says is the proof
            ensure_discount(attempt)
        try:
            state = gateway(attempt.provider).create_session(attempt.params, attempt.id)
        except PaymentRefused:
            return None
        except PaymentUnavailable as failure:
            if failure.is_replayed:
                return None
            raise
    with transaction():
        store_session(attempt.id, state)
    return state.ref


def _listed(attempt: CheckoutAttempt) -> SessionState | None:
    """Return the page that the provider lists for an attempt."""
    end_read()
    number = db.session.scalar(select(Order.number).where(Order.id == attempt.order_id))
    end_read()
    found = gateway(attempt.provider).find_sessions(
        created_after=attempt.created_at - WINDOW,
        created_before=attempt.expires_at + WINDOW,
        reference=number,
    )
    return next((state for state in found if state.attempt_id == attempt.id), None)


def abandon_attempt(attempt: CheckoutAttempt) -> bool:
    """Give up an attempt that only repeats a stored failure; its order goes on with the next.

    A page that was made all the same is ended first. False when it turned out to be paid.
    """
    state = _listed(attempt)
    if state is not None:
        with transaction():
            store_session(attempt.id, state)
        state = gateway(attempt.provider).expire_session(state.ref)
        if state.is_paid or state.is_processing:
            act_on(attempt.provider, state)
            return False
    with transaction():
        end_attempt(attempt.id, AttemptState.FAILED)
    return True


def end_order(order_id: int, why: str, beside: Callable[[], object] | None = None) -> bool:
    """End an unpaid order for good; return True when it turned out to be paid instead.

    One that costs nothing does not expire: it is settled. Otherwise the payment page dies first,
    at the provider. `beside` runs in the transaction that ends the order, and only there. Raises
    PaymentUnavailable when the page cannot be ended, and InvalidTransition while a bank payment is
    under way.
    """
    end_read()
    live = find_live(order_id)
    if live is None:
        return _end(order_id, None, None, why, beside)
    if live.provider is Provider.FREE and why == "expired":  # time to pay runs out for nobody
        return fulfil(live.provider, live.provider_ref or "") in (Outcome.PAID, Outcome.ALREADY)
    state = end_page(live)
    crash_point("after-expire-call")
    return _end(order_id, live.id, state, why, beside)


@retried
def _end(
    order_id: int,
    attempt_id: str | None,
    state: SessionState | None,
    why: str,
    beside: Callable[[], object] | None,
) -> bool:
    """End the order now that its page is dead; True when it turned out to be paid instead."""
    with transaction() as session:
        outcome = Outcome.ALREADY
        if attempt_id is not None:
            outcome = _believe(session.get_one(CheckoutAttempt, attempt_id), state, why)
        if outcome in (Outcome.PAID, Outcome.MISMATCH, Outcome.DUPLICATE):
            return True
        if outcome not in (Outcome.OPEN, Outcome.PROCESSING):
            is_ended = Outcome.DEAD in (outcome, end_unpaid(order_id, why))
            if is_ended and beside is not None:
                beside()
            ended = select(Order.payment_status).where(Order.id == order_id)
            return session.scalar(ended) not in DEAD
    raise InvalidTransition("A payment for this order is still under way.")


def cancel_order(
    order_id: int,
    *,
    user_id: int | None = None,
    notify: bool = False,
    beside: Callable[[], object] | None = None,
) -> None:
    """Cancel an order that is not paid. Raises InvalidTransition when it is, PaymentError.

    `notify` mails the customer: for staff; who cancels an own order knows. `beside` runs in the
    transaction that ends the order.
    """

    def tell() -> None:
        record(order_id, "canceled_by", user_id=user_id)
        if notify:
            key = f"mail.order_canceled:{order_id}"
            enqueue("mail.order_canceled", {"order_id": order_id}, dedupe_key=key)
        if beside is not None:
            beside()

    if end_order(order_id, "canceled", tell):
        raise InvalidTransition("This order has been paid; refund it instead.")


def sweep(at_most: int = AT_ONCE) -> int:
    """End what was not paid in time; return how many were ended or found paid."""
    return end_overdue(at_most).done


def end_overdue(at_most: int = AT_ONCE) -> Run[int]:
    """End what was not paid in time, each order by itself, and say what became of them.

    Orders that cannot be ended yet (the provider does not know them, or fails for them) do not
    keep the others waiting; a provider that is away is asked again in the next run.
    """
    numbers = _overdue()
    ended = 0

    def waiting() -> Iterator[int]:
        for order_id in numbers:
            if ended == at_most:
                return
            yield order_id

    def end(order_id: int) -> None:
        nonlocal ended
        end_order(order_id, "expired")
        ended += 1

    return each(
        "unpaid orders",
        waiting(),
        end,
        name=lambda order_id: f"order {numbers[order_id]}",
        waits=(OrderError,),
        away=(PaymentUnavailable,),
    )


def _overdue() -> dict[int, str]:
    """Return the orders whose time to pay is over, longest first: id → number."""
    end_read()
    overdue = select(Order.id, Order.number).where(
        Order.payment_status == PaymentStatus.PENDING, Order.hold_until <= now()
    )
    found = db.session.execute(overdue.order_by(Order.hold_until).limit(LOOKED_AT)).all()
    end_read()
    return {row.id: row.number for row in found}
