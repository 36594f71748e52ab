"""When no money came, or not yet: what a dead page and a slow bank do to an order."""

from datetime import datetime

from sqlalchemy import select

from shop.cart.purchase import lock_cart_of, remove_purchased, restore_items
from shop.core.clock import now
from shop.core.db import crash_point, db, retried, transaction
from shop.core.errors import NotFound
from shop.coupons.luck import release_prize
from shop.coupons.services import release_coupon
from shop.jobs import enqueue
from shop.models import AttemptState, CheckoutAttempt, PaymentStatus, Provider
from shop.orders.events import add_order_event
from shop.orders.payment.asked_again import is_held_longer, was_asked_again
from shop.orders.payment.attempt import find_live
from shop.orders.payment.moves import end_attempt, move_payment
from shop.orders.payment.outcome import Outcome
from shop.orders.queries import is_under_review
from shop.stock.services import release_stock

ON_PURPOSE = {"canceled": PaymentStatus.CANCELED, "replaced": PaymentStatus.CANCELED}


def end_dead_session(provider: Provider, ref: str, why: str) -> Outcome:
    """End the attempt of a dead page, and its order. Raises NotFound for a page not ours."""
    attempt_id = db.session.scalar(
        select(CheckoutAttempt.id).where(
            CheckoutAttempt.provider == provider, CheckoutAttempt.provider_ref == ref
        )
    )
    if attempt_id is None:
        raise NotFound
    return end_dead_attempt(attempt_id, why)


@retried
def end_dead_attempt(attempt_id: str, why: str) -> Outcome:
    """End an attempt that is provably dead, and its order unless another attempt lives."""
    with transaction() as session:
        attempt = session.get_one(CheckoutAttempt, attempt_id)
        lock_cart_of(attempt.order_id)
        end_attempt(attempt_id, AttemptState.EXPIRED)
        if find_live(attempt.order_id) is not None:
            return Outcome.DEAD
        if why == "expired" and is_held_longer(attempt.order_id):
            return Outcome.DEAD
        return end_unpaid(attempt.order_id, why)


@retried
def end_unpaid(order_id: int, why: str, *, is_decided: bool = False) -> Outcome:
    """Move an unpaid order to its end and let its holds go, once.

    Not one for which money came about which staff have not decided: nothing ends that by itself.
    """
    with transaction():
        cart_id = lock_cart_of(order_id)
        if not is_decided and is_under_review(order_id):
            return Outcome.ALREADY
        was_processing = _end(order_id, why, PaymentStatus.PROCESSING)
        if was_processing:
            if cart_id is not None:
                restore_items(cart_id, order_id)
        elif not _end(order_id, why, PaymentStatus.PENDING):
            return Outcome.ALREADY
        elif cart_id is not None and was_asked_again(order_id):  # its pieces had left the bag
            restore_items(cart_id, order_id)
        crash_point("after-end")
        release_coupon(order_id)
        release_prize(order_id)
        release_stock(order_id, now())
        add_order_event(order_id, why)
        if mail := _mail_about(why, was_processing=was_processing):
            enqueue(mail, {"order_id": order_id}, dedupe_key=f"{mail}:{order_id}")
    return Outcome.DEAD


def _mail_about(why: str, *, was_processing: bool) -> str:
    """Return the mail about an end that its customer does not see coming, "" for none."""
    if why == "expired" and was_processing:  # they were told that the money is awaited for days
        return "mail.order_expired"
    return "mail.payment_failed" if why == "payment_failed" else ""


def _end(order_id: int, why: str, source: PaymentStatus) -> bool:
    to = ON_PURPOSE.get(why, PaymentStatus.EXPIRED)
    return move_payment(order_id, to, among={source}, closed_at=now(), hold_until=None)


@retried
def mark_processing(provider: Provider, ref: str, *, remind_at: datetime | None = None) -> Outcome:
    """The buyer is done, the money needs days: keep the holds and tell the customer, once.

    And once more at `remind_at`, should it not have come by then. What was ordered leaves the bag,
    so that nobody orders it twice; it comes back with the money's failure.
    """
    with transaction():
        attempt = db.session.scalar(
            select(CheckoutAttempt).where(
                CheckoutAttempt.provider == provider, CheckoutAttempt.provider_ref == ref
            )
        )
        if attempt is None:
            raise NotFound
        cart_id = lock_cart_of(attempt.order_id)
        attempt.is_processing = True
        if move_to_processing(attempt.order_id, cart_id):
            add_order_event(attempt.order_id, "processing")
            key = f"mail.order_processing:{attempt.id}"
            payload = {"order_id": attempt.order_id, "attempt_id": attempt.id}
            enqueue("mail.order_processing", payload, dedupe_key=key)
            if remind_at is not None:
                key = f"mail.payment_reminder:{attempt.id}"
                enqueue("mail.payment_reminder", payload, dedupe_key=key, run_at=remind_at)
    return Outcome.PROCESSING


def move_to_processing(order_id: int, cart_id: int | None) -> bool:
    """Let a pending order wait for somebody else than its customer; its pieces leave the bag.

    In the caller's transaction, which has the cart's row. False when it was not pending.
    """
    moved = move_payment(order_id, PaymentStatus.PROCESSING)
    if moved and cart_id is not None and not was_asked_again(order_id):
        remove_purchased(cart_id, order_id)
    return moved
