"""Opening the payment page of an order: exactly one payable page at any time."""

import logging

from shop.core.clock import now
from shop.core.db import db, end_read, retried, transaction
from shop.core.errors import InvalidTransition, NotFound, PaymentError
from shop.models import AttemptState, CheckoutAttempt, Order, PaymentStatus, Provider
from shop.models.payment import LIVE_ATTEMPT
from shop.orders.checkout_details import HOLD
from shop.orders.events import add_order_event
from shop.orders.payment.asked_again import is_held_longer
from shop.orders.payment.attempt import live_or_next, write_next
from shop.orders.payment.expire import abandon_attempt, end_order, expire_attempt
from shop.orders.payment.fulfil import fulfil
from shop.orders.payment.moves import end_attempt, move_attempt
from shop.orders.payment.page import open_page
from shop.payments.errors import PaymentRefused, PaymentUnavailable

log = logging.getLogger(__name__)

REPLAYS = 2  # a stored failure comes back for as long as its key lives: then settle and go on


def start_payment(order_id: int, attempt: CheckoutAttempt | None = None) -> str | None:
    """Return the address where the order can be paid; None when nothing is left to pay.

    An open page is returned as it is; an attempt whose answer was lost is sent again, with the
    same key and parameters, which brings back the page it made. `attempt` spares a look-up right
    after the order was placed. Raises NotFound, InvalidTransition when the order has ended, and
    PaymentError when the provider failed: nothing was charged, and the same call may be repeated.
    """
    for _ in range(3):
        if attempt is None or attempt.state not in LIVE_ATTEMPT:
            attempt = _attempt_to_pay(order_id)
        if attempt is None:
            return None
        if attempt.provider is Provider.FREE:
            fulfil(Provider.FREE, attempt.provider_ref or "")
            return None
        if attempt.state is AttemptState.OPEN:
            return _page_in_time(attempt)
        try:
            return _open(attempt)
        except PaymentRefused as refusal:
            _give_up(attempt, refusal)
            if not (refusal.is_about_expiry or refusal.is_about_product):
                raise
            attempt = write_next(order_id, are_products_linked=not refusal.is_about_product)
        except PaymentUnavailable as failure:
            is_stuck = _remember_failure(attempt, failure) >= REPLAYS and failure.is_replayed
            if not is_stuck or not abandon_attempt(attempt):
                raise
            attempt = write_next(order_id)
    raise PaymentError


def _open(attempt: CheckoutAttempt) -> str | None:
    url = open_page(attempt)
    if url is None:
        _complete(attempt.id)
    return url


def _complete(attempt_id: str) -> None:
    """Act on a page that has no address, because it was complete as soon as it was made."""
    end_read()
    attempt = db.session.get_one(CheckoutAttempt, attempt_id, populate_existing=True)
    if attempt.state is AttemptState.OPEN:
        fulfil(attempt.provider, attempt.provider_ref or "")


def _page_in_time(attempt: CheckoutAttempt) -> str | None:
    """Return the page of an open attempt, unless its time to be paid is over."""
    if attempt.session_url is None:
        _complete(attempt.id)
        return None
    if now() < attempt.created_at + HOLD:
        return attempt.session_url
    if end_order(attempt.order_id, "expired"):
        return None
    raise InvalidTransition("The time to pay this order is over. Your bag is as you left it.")


def _attempt_to_pay(order_id: int) -> CheckoutAttempt | None:
    """Return the attempt to be paid, making the next one when the last has failed."""
    end_read()
    order = db.session.get(Order, order_id, populate_existing=True)
    if order is None:
        raise NotFound
    if order.payment_status is not PaymentStatus.PENDING:
        if order.payment_status in (PaymentStatus.EXPIRED, PaymentStatus.CANCELED):
            raise InvalidTransition("This order has ended. Your bag is as you left it.")
        return None
    attempt = live_or_next(order_id)
    if _is_outlived(attempt):
        expire_attempt(attempt.id)
        return _attempt_to_pay(order_id)
    return attempt


def _is_outlived(attempt: CheckoutAttempt) -> bool:
    is_over = attempt.state is AttemptState.OPEN and now() >= attempt.created_at + HOLD
    return is_over and is_held_longer(attempt.order_id)


@retried
def _remember_failure(attempt: CheckoutAttempt, failure: PaymentUnavailable) -> int:
    """Note that the outcome may be unknown; return how often the attempt has failed."""
    state = AttemptState.UNKNOWN if failure.is_outcome_unknown else AttemptState.CREATING
    with transaction():
        count = CheckoutAttempt.failures
        failed = move_attempt(attempt.id, state, count, failures=count + 1)
    failures = failed.failures if failed is not None else 0
    log.warning("payment page failed", extra={"attempt": attempt.id, "failures": failures})
    return failures


@retried
def _give_up(attempt: CheckoutAttempt, refusal: PaymentRefused) -> None:
    """The provider said no, so no page exists: the next attempt may be made."""
    log.warning(
        "payment page refused",
        extra={"attempt": attempt.id, "code": refusal.code, "reason": refusal.reason},
    )
    with transaction():
        end_attempt(attempt.id, AttemptState.FAILED)
        add_order_event(attempt.order_id, "attempt_failed", n=attempt.n, code=refusal.code)
