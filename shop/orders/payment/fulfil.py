"""The only way an order becomes paid. Called by success page, webhook, sweeper, reconciler, staff.

Whoever comes first wins one conditional update; everybody else finds the work done.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from shop.cart.purchase import lock_cart_of, remove_purchased
from shop.core.clock import now
from shop.core.db import (
    before_commit,
    crash_point,
    db,
    end_read,
    insert_new,
    retried,
    transaction,
)
from shop.core.errors import InvalidTransition, NotFound
from shop.coupons.luck import expire_slot, redeem_prize
from shop.coupons.services import commit_coupon
from shop.customers.booking import add_sale
from shop.jobs import enqueue
from shop.models import (
    Attention,
    CheckoutAttempt,
    Order,
    Payment,
    PaymentState,
    Provider,
    Refund,
    ShopState,
)
from shop.models.order import DEAD
from shop.orders.events import add_order_event, raise_attention
from shop.orders.payment.end import end_dead_session, mark_processing, move_to_processing
from shop.orders.payment.moves import Former, complete_attempt, move_to_paid, settle_attempt
from shop.orders.payment.outcome import Outcome
from shop.orders.payment.refund import queue_refund_of_unsent
from shop.payments.current import gateway
from shop.payments.gateway import SessionState, SessionStatus
from shop.sales.booking import book_sale
from shop.settings.queries import shop_settings
from shop.stock.services import Shortage, claim_stock

log = logging.getLogger(__name__)

LARGEST = 2**63 - 1  # BIGINT


def fulfil(provider: Provider, ref: str) -> Outcome:
    """Ask the provider what became of the session `ref` and act on it, exactly once.

    No transaction may be open. Raises NotFound for a session that is not ours, SessionUnknown,
    PaymentUnavailable.
    """
    if provider is Provider.FREE:
        return _settle(provider, ref, None)
    end_read()
    state = gateway(provider).get_session(ref)
    return apply_session_state(provider, state)


def apply_session_state(provider: Provider, state: SessionState, why: str = "expired") -> Outcome:
    """Do what a session's state calls for; `why` is the reason noted when it is dead."""
    if state.is_paid:
        return _settle(provider, state.ref, state)
    if state.is_processing:
        return mark_processing(provider, state.ref, remind_at=state.remind_at)
    if state.is_failed or state.status is SessionStatus.EXPIRED:
        return end_dead_session(provider, state.ref, "payment_failed" if state.is_failed else why)
    return Outcome.OPEN


@retried
def _settle(provider: Provider, ref: str, state: SessionState | None) -> Outcome:
    """Record the money and move the order, in one transaction and in the order of locks."""
    with transaction():
        attempt, order, is_recorded = _find(provider, ref)
        if is_recorded:
            return Outcome.ALREADY
        cart_id = lock_cart_of(order.id)
        if problem := _mismatch(attempt, order, state):
            return _record_mismatch(attempt, order, state, problem, cart_id)
        crash_point("before-paid")
        former = settle_attempt(attempt)
        kind = PaymentState.CAPTURED if former else PaymentState.DUPLICATE
        if not _record_payment(attempt, order, state, kind):
            return Outcome.ALREADY
        if former is None:
            return _send_back(order, provider, ref)
        _apply_paid_effects(order, former, cart_id)
    crash_point("after-paid-commit")
    return Outcome.PAID


def _find(provider: Provider, ref: str) -> tuple[CheckoutAttempt, Order, bool]:
    row = db.session.execute(
        select(CheckoutAttempt, Order, Payment.id)
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .outerjoin(
            Payment,
            (Payment.provider == CheckoutAttempt.provider)
            & (Payment.provider_ref == CheckoutAttempt.provider_ref),
        )
        .where(CheckoutAttempt.provider == provider, CheckoutAttempt.provider_ref == ref)
    ).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1], row[2] is not None


def _mismatch(attempt: CheckoutAttempt, order: Order, state: SessionState | None) -> str:
    """Return in what the session differs from what was agreed; "" when it does not."""
    if state is None:
        return "" if attempt.provider is Provider.FREE and attempt.amount == 0 else "provider"
    agreed = {
        "reference": (state.reference, order.number),
        "attempt": (state.attempt_id, attempt.id),
        "mode": (state.mode, "payment"),
        "amount": (state.amount, attempt.amount),
        "currency": (state.currency, attempt.currency),
        "livemode": (state.livemode, gateway(attempt.provider).livemode),
    }
    return ", ".join(name for name, (came, expected) in agreed.items() if came != expected)


def _record_mismatch(
    attempt: CheckoutAttempt,
    order: Order,
    state: SessionState | None,
    problem: str,
    cart_id: int | None,
) -> Outcome:
    """Keep the money on record, put the order before staff; nothing is sent, nothing refunded.

    Until they have decided the order counts as on its way to be paid: nobody pays it again, its
    pieces stay held and leave the bag.
    """
    if _record_payment(attempt, order, state, PaymentState.MISMATCH):
        complete_attempt(attempt.id)
        move_to_processing(order.id, cart_id)
        came = {"amount": str(state.amount), "currency": state.currency[:40]} if state else {}
        raise_attention(order, Attention.MISMATCH, about=attempt.id, differs=problem, came=came)
        add_order_event(order.id, "payment_came")
        key = f"mail.payment_review:{attempt.id}"
        payload = {"order_id": order.id, "attempt_id": attempt.id}
        enqueue("mail.payment_review", payload, dedupe_key=key)
        log.error("payment differs", extra={"order": order.number, "differs": problem})
    return Outcome.MISMATCH


def settle_as_paid(order: Order, amount: int) -> None:
    """Make the order paid with `amount`, which staff have accepted; in their transaction.

    It has the cart's row. Raises InvalidTransition when the order is paid already.
    """
    cart_id = lock_cart_of(order.id)
    former = move_to_paid(order.id, amount)
    if former is None:
        raise InvalidTransition
    db.session.refresh(order)
    _apply_paid_effects(order, former, cart_id)


def _record_payment(
    attempt: CheckoutAttempt, order: Order, state: SessionState | None, kind: PaymentState
) -> bool:
    """Insert the payment once per session; False when another call has done so."""
    columns = (
        {"amount": 0, "currency": attempt.currency} if state is None else payment_columns(state)
    )
    return insert_new(
        Payment,
        order_id=order.id,
        attempt_id=attempt.id,
        provider=attempt.provider,
        provider_ref=attempt.provider_ref,
        state=kind,
        **columns,
    )


def payment_columns(state: SessionState) -> dict[str, Any]:
    """Return the columns of a payment that the provider decides on, within their bounds.

    What does not fit differs from what was agreed, so staff see it: the order's history has the
    provider's own words.
    """
    return {
        "payment_intent": _text(state.payment_intent, 255) or None,
        "charge": _text(state.charge, 255) or None,
        "amount": min(max(state.amount, 0), LARGEST),
        "currency": _text(state.currency, 3),
        "method": _text(state.method, 40),
        "method_label": _text(state.method_label, 80),
        "livemode": state.livemode,
    }


def _text(value: str | None, most: int) -> str:
    return (value or "").replace("\0", "")[:most]


def _apply_paid_effects(order: Order, former: Former, cart_id: int | None) -> None:
    """Everything that follows from being paid: stock, cart, counter, mail; the hot rows last."""
    if cart_id is not None and former.is_in_cart:
        remove_purchased(cart_id, order.id)
    if order.coupon_code:
        commit_coupon(order.id)
        redeem_prize(order.id)
    short = [s for s in claim_stock(order.id, now()) if not s.is_backorder]
    add_order_event(order.id, "paid", late=former.status in DEAD)
    if short:
        _stock_is_short(order, short)
    enqueue("mail.order_paid", {"order_id": order.id}, dedupe_key=f"mail.order_paid:{order.id}")
    before_commit("stamps:2:counter", _count_paid)
    book_sale(order.id)
    add_sale(order)


def _count_paid() -> None:
    counted = db.session.scalar(
        update(ShopState)
        .values(paid_count=ShopState.paid_count + 1)
        .returning(ShopState.paid_count),
        execution_options={"synchronize_session": False},
    )
    expire_slot(counted or 0)


def _stock_is_short(order: Order, short: Sequence[Shortage]) -> None:
    """Paid, but the pieces are gone: staff decide, or the merchant's policy does after N hours."""
    settings = shop_settings()
    raise_attention(
        order, Attention.STOCK_SHORT, short={str(s.variant_id): s.quantity for s in short}
    )
    if settings.attention_policy == "refund":
        due = now() + timedelta(hours=settings.attention_refund_hours)
        queue_refund_of_unsent(order.id, due)


def _send_back(order: Order, provider: Provider, ref: str) -> Outcome:
    """Queue the full refund of money that came for an order that was paid already."""
    payment = db.session.scalars(
        select(Payment).where(Payment.provider == provider, Payment.provider_ref == ref)
    ).one()
    raise_attention(order, Attention.SECOND_PAYMENT, about=str(payment.id), amount=payment.amount)
    if payment.amount == 0 or payment.payment_intent is None:
        return Outcome.DUPLICATE
    payment.amount_refunded = payment.amount
    refund = Refund(
        order_id=order.id,
        payment_id=payment.id,
        provider=provider,
        amount=payment.amount,
        currency=payment.currency,
        reason="duplicate",
    )
    db.session.add(refund)
    db.session.flush()
    enqueue("orders.send_refund", {"refund_id": refund.id}, dedupe_key=f"refund:{refund.id}")
    return Outcome.DUPLICATE
