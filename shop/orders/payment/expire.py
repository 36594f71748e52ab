"""Ending unpaid orders: holds are let go only once the payment that could claim them is dead."""

from collections.abc import Iterator

from sqlalchemy import Row, select

from shop.core.clock import now
from shop.core.db import crash_point, db, end_read, retried, transaction
from shop.core.errors import InvalidTransition, NotFound, OrderError
from shop.core.isolation import Run, each
from shop.jobs import enqueue
from shop.models import AttemptState, CheckoutAttempt, Order, PaymentStatus, Provider
from shop.models.order import DEAD
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.events import add_order_event
from shop.orders.payment.attempt import find_live
from shop.orders.payment.end import end_dead_attempt, end_unpaid
from shop.orders.payment.fulfil import apply_session_state, fulfil
from shop.orders.payment.moves import end_attempt
from shop.orders.payment.outcome import ClosedPage, Ending, Outcome
from shop.orders.payment.page import end_page, look_up_page, store_page
from shop.payments.current import gateway
from shop.payments.errors import PaymentUnavailable
from shop.payments.gateway import SessionState

UNDER_WAY = "A payment for this order is still under way."
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
    return _apply_page_state(attempt, state, why)


def _apply_page_state(attempt: CheckoutAttempt, state: SessionState | None, why: str) -> Outcome:
    """Act on what an attempt's page turned out to be; None: there is provably none."""
    if state is None:
        return end_dead_attempt(attempt.id, why)
    return apply_session_state(attempt.provider, state, why)


def _get_attempt(attempt_id: str) -> CheckoutAttempt:
    end_read()
    attempt = db.session.get(CheckoutAttempt, attempt_id, populate_existing=True)
    if attempt is None:
        raise NotFound
    return attempt


def abandon_attempt(attempt: CheckoutAttempt) -> bool:
    """Give up an attempt that only repeats a stored failure; its order goes on with the next.

    A page that was made all the same is ended first. False when it turned out to be paid.
    """
    state = look_up_page(attempt)
    if state is not None:
        store_page(attempt, state)
        state = gateway(attempt.provider).expire_session(state.ref)
        if state.is_paid or state.is_processing:
            apply_session_state(attempt.provider, state)
            return False
    with transaction():
        end_attempt(attempt.id, AttemptState.FAILED)
    return True


def end_order(order_id: int, why: str) -> bool:
    """End an unpaid order for good; return True when it turned out to be paid instead.

    One that costs nothing does not expire: it is settled. Otherwise the payment page dies first,
    at the provider. Raises as `close_page`, and InvalidTransition while a bank payment is under
    way.
    """
    end_read()
    live = find_live(order_id)
    if live is not None and live.provider is Provider.FREE and why == "expired":
        # Time to pay runs out for nobody.
        return fulfil(live.provider, live.provider_ref or "") in (Outcome.PAID, Outcome.ALREADY)
    ending = end_closed(_close(order_id, live), why)
    if ending is Ending.UNDER_WAY:
        raise InvalidTransition(UNDER_WAY)
    return ending is Ending.PAID


def close_page(order_id: int) -> ClosedPage:
    """Have the payment page of an order that is to end closed at the provider, if it has one.

    No transaction may be open. Raises PaymentUnavailable when the page cannot be ended.
    """
    end_read()
    return _close(order_id, find_live(order_id))


def _close(order_id: int, live: CheckoutAttempt | None) -> ClosedPage:
    if live is None:
        return ClosedPage(order_id)
    state = end_page(live)
    crash_point("after-expire-call")
    return ClosedPage(order_id, live.id, state)


@retried
def end_closed(page: ClosedPage, why: str) -> Ending:
    """End the order whose page is closed, once; return what became of it.

    It may turn out to be paid: then that is settled. Joins the caller's transaction.
    """
    with transaction() as session:
        outcome = Outcome.ALREADY
        if page.attempt_id is not None:
            attempt = session.get_one(CheckoutAttempt, page.attempt_id)
            outcome = _apply_page_state(attempt, page.state, why)
        if outcome in (Outcome.PAID, Outcome.MISMATCH, Outcome.DUPLICATE):
            return Ending.PAID
        if outcome in (Outcome.OPEN, Outcome.PROCESSING):
            return Ending.UNDER_WAY
        is_ended = Outcome.DEAD in (outcome, end_unpaid(page.order_id, why))
        status = session.scalar(select(Order.payment_status).where(Order.id == page.order_id))
        if status not in DEAD:
            return Ending.PAID
        return Ending.NOW if is_ended else Ending.BEFORE


def cancel_order(order_id: int, *, user_id: int | None = None, notify: bool = False) -> None:
    """Cancel an order that is not paid; one that has ended is not ended again.

    `notify` mails the customer: for staff; who cancels an own order knows. Raises
    InvalidTransition when it is paid or a payment is under way, and as `close_page`.
    """
    page = close_page(order_id)
    check_canceled(cancel_closed(page, user_id=user_id, notify=notify))


@retried
def cancel_closed(page: ClosedPage, *, user_id: int | None, notify: bool) -> Ending:
    """Cancel the order whose page is closed; joins the caller's transaction.

    Whatever is returned is to be committed: see `check_canceled`.
    """
    order_id = page.order_id
    with transaction():
        ending = end_closed(page, "canceled")
        if ending is Ending.NOW:
            add_order_event(order_id, "canceled_by", user_id=user_id)
            if notify:
                key = f"mail.order_canceled:{order_id}"
                enqueue("mail.order_canceled", {"order_id": order_id}, dedupe_key=key)
        return ending


def check_canceled(ending: Ending) -> None:
    """Raise InvalidTransition, after the commit, for an order that could not be canceled."""
    if ending is Ending.UNDER_WAY:
        raise InvalidTransition(UNDER_WAY)
    if ending is Ending.PAID:
        raise InvalidTransition("This order has been paid; refund it instead.")


def sweep(at_most: int = AT_ONCE) -> int:
    """End what was not paid in time; return how many were ended or found paid."""
    return end_overdue(at_most).done


def end_overdue(at_most: int = AT_ONCE) -> Run[int]:
    """End what was not paid in time, each order by itself, and say what became of them.

    Orders that cannot be ended yet (the provider does not know them, or fails for them) do not
    keep the others waiting; a provider that is away is asked again in the next run.
    """
    overdue = _overdue()
    ended = 0

    def waiting() -> Iterator[int]:
        for order_id in overdue:
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
        name=lambda order_id: f"order {overdue[order_id].number}",
        waits=(OrderError,),
        away=(PaymentUnavailable,),
        whom=lambda order_id: overdue[order_id].provider,
    )


def _overdue() -> dict[int, Row[int, str, Provider]]:
    """Return the orders whose time to pay is over, longest first: id → number, live provider."""
    end_read()
    is_live = CheckoutAttempt.state.in_(LIVE_ATTEMPT) & (CheckoutAttempt.order_id == Order.id)
    overdue = (
        select(Order.id, Order.number, CheckoutAttempt.provider)
        .outerjoin(CheckoutAttempt, is_live)
        .where(Order.payment_status == PaymentStatus.PENDING, Order.hold_until <= now())
    )
    rows = db.session.execute(overdue.order_by(Order.hold_until).limit(LOOKED_AT)).all()
    end_read()
    return {row.id: row for row in rows}
