"""What the provider says about money going back, and what the order makes of it."""

from sqlalchemy import func, select, update

from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import RefundTooLarge
from shop.customers.booking import follow_order
from shop.jobs import enqueue
from shop.models import (
    Attention,
    Order,
    Payment,
    PaymentState,
    PaymentStatus,
    Provider,
    Refund,
    RefundState,
)
from shop.models.order import CAPTURED
from shop.models.payment import GONE, UNDER_WAY
from shop.orders.events import add_order_event, raise_attention
from shop.orders.fulfilment.returns import undo_refunded_items
from shop.orders.payment.attempt import find_live
from shop.orders.payment.end import move_to_processing
from shop.orders.payment.moves import move_payment
from shop.orders.version import next_version
from shop.payments.gateway import GatewayRefund
from shop.sales.booking import book_refunds
from shop.stock.services import release_stock


def reserve_refund(payment_id: int, amount: int) -> None:
    """Count `amount` (minor units) as going back; RefundTooLarge unless so much is left."""
    gone = Payment.amount_refunded + amount
    is_left = (Payment.id == payment_id) & (gone <= Payment.amount)
    if not changed(update(Payment).where(is_left).values(amount_refunded=gone)):
        raise RefundTooLarge


@retried
def record_refund(provider: Provider, news: GatewayRefund) -> RefundState | None:
    """Take over what the provider says about a refund, also one made in its dashboard.

    Returns None for a refund of a payment that is not ours.
    """
    with transaction():
        refund = _find(provider, news) or _write_external(provider, news)
        if refund is None:
            return None
        return apply_refund(
            refund.id, news.ref, RefundState(news.status), news.failure_reason or ""
        )


def _find(provider: Provider, news: GatewayRefund) -> Refund | None:
    return db.session.scalar(
        select(Refund).where(
            Refund.provider == provider,
            (Refund.id == news.refund_key) | (Refund.provider_ref == news.ref),
        )
    )


def _write_external(provider: Provider, news: GatewayRefund) -> Refund | None:
    payment = db.session.scalar(
        select(Payment)
        .where(Payment.provider == provider, Payment.payment_intent == news.payment_intent)
        .with_for_update()
    )
    if payment is None:
        return None
    known = _find(provider, news)
    if known is not None:  # another event of the same moment was faster
        return known
    reserve_refund(payment.id, news.amount)
    refund = Refund(
        order_id=payment.order_id,
        payment_id=payment.id,
        provider=provider,
        provider_ref=news.ref,
        amount=news.amount,
        currency=payment.currency,
        reason=news.reason or "",
        is_external=True,
    )
    db.session.add(refund)
    db.session.flush()
    next_version(payment.order_id)
    add_order_event(payment.order_id, "refund_external", amount=news.amount)
    return refund


@retried
def apply_refund(refund_id: str, ref: str | None, state: RefundState, failure: str) -> RefundState:
    """Move a refund to `state` and make the order's sums follow; the same news twice is once."""
    with transaction() as session:
        refund = session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
        before = refund.state
        if ref is not None:
            refund.provider_ref = ref
        # Answers overtake each other: money that has gone back is not on its way again.
        is_older = before is RefundState.SUCCEEDED and state in UNDER_WAY
        if before is state or before in GONE or is_older:
            return before
        refund.state, refund.failure = state, failure
        session.flush()
        order = session.get_one(Order, refund.order_id, with_for_update=True)
        if state in GONE:
            _take_back(order, refund)
        elif state is RefundState.SUCCEEDED:
            _count(order, refund)
        return state


def _take_back(order: Order, refund: Refund) -> None:
    """The money did not go, or came back: it can be refunded again, and staff must know."""
    changed(
        update(Payment)
        .where(Payment.id == refund.payment_id)
        .values(amount_refunded=Payment.amount_refunded - refund.amount)
    )
    undo_refunded_items(refund)
    next_version(order.id)
    sum_refunds(order)
    add_order_event(order.id, "refund_failed", amount=refund.amount, reason=refund.failure)
    raise_attention(order, Attention.REFUND_FAILED, about=refund.id, amount=refund.amount)
    payment = db.session.get_one(Payment, refund.payment_id)
    if payment.state is not PaymentState.CAPTURED:
        payment.state = PaymentState.MISMATCH  # no second payment stays here undecided either
        _put_before_staff(order)


def _put_before_staff(order: Order) -> None:
    """Have it decided what becomes of money that is not the order's and could not be sent back.

    An order that waited to be paid once more does so no longer, and its open page ends. Its pieces
    had left the bag when the money came.
    """
    move_to_processing(order.id, None)
    db.session.refresh(order)
    order.attention = Attention.MISMATCH
    live = find_live(order.id)
    if live is not None:
        enqueue("orders.end_page", {"attempt_id": live.id}, dedupe_key=f"orders.end_page:{live.id}")


def _count(order: Order, refund: Refund) -> None:
    add_order_event(order.id, "refunded", amount=refund.amount, reason=refund.reason)
    payment = db.session.get_one(Payment, refund.payment_id)
    if payment.state is PaymentState.CAPTURED:  # a second payment that goes back changes no order
        sum_refunds(order)
    if payment.state is not PaymentState.DUPLICATE:
        key = f"mail.order_refunded:{refund.id}"
        enqueue("mail.order_refunded", {"refund_id": refund.id}, dedupe_key=key)


def sum_refunds(order: Order) -> None:
    """Write the order's refunded sum and status from the refunds of its captured payment."""
    refunded = (
        db.session.scalar(
            select(func.coalesce(func.sum(Refund.amount), 0))
            .join(Payment, Payment.id == Refund.payment_id)
            .where(
                Refund.order_id == order.id,
                Refund.state == RefundState.SUCCEEDED,
                Payment.state == PaymentState.CAPTURED,
            )
        )
        or 0
    )
    order.amount_refunded = refunded
    book_refunds(order.id)
    follow_order(order)
    to = _status(refunded, order.amount_paid)
    db.session.flush()
    move_payment(order.id, to, among=CAPTURED)
    if to is PaymentStatus.REFUNDED:
        release_stock(order.id, now())  # what it was still owed, for whoever comes next


def _status(refunded: int, paid: int) -> PaymentStatus:
    if refunded == 0:
        return PaymentStatus.PAID
    return PaymentStatus.REFUNDED if refunded == paid else PaymentStatus.PARTIALLY_REFUNDED
