"""Money going back: the row first, then the call, then what the provider says about it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import func, select, update

from shop.clock import now
from shop.db import changed, crash_point, db, end_read, guarded, retried, transaction
from shop.errors import BadInput, NotFound, RefundTooLarge
from shop.jobs import enqueue
from shop.models import (
    Attention,
    Order,
    OrderItem,
    Payment,
    PaymentState,
    PaymentStatus,
    Provider,
    Refund,
    RefundItem,
    RefundState,
)
from shop.models.order import sources_of
from shop.orders.services.record import flag, record
from shop.payments.current import payment_gateway
from shop.payments.errors import PaymentRefused
from shop.payments.gateway import RefundReason
from shop.payments.gateway import RefundState as Told
from shop.stock.services import release_stock, return_stock

log = logging.getLogger(__name__)

OPEN = (RefundState.PENDING, RefundState.REQUIRES_ACTION)
GONE = (RefundState.FAILED, RefundState.CANCELED)


@dataclass(frozen=True)
class RefundLine:
    """How many pieces of an order's item a refund is for, and whether they go back to stock."""

    order_item_id: int
    quantity: int
    amount: int
    is_restocked: bool = False


@retried
def refund_order(
    order_id: int,
    amount: int,
    *,
    form_token: str,
    lines: Sequence[RefundLine] = (),
    amount_shipping: int = 0,
    reason: str = "requested_by_customer",
    note: str = "",
    user_id: int | None = None,
) -> Refund:
    """Write a refund of `amount` (minor units) and queue its way to the provider.

    `form_token` names one rendered form: sent twice, it is one refund. Raises RefundTooLarge when
    more would go back than came in, NotFound for an order that was never paid, BadInput.
    """
    with transaction() as session:
        payment = _captured(order_id)  # locked: the same form sent twice comes one after the other
        before = session.scalar(select(Refund).where(Refund.form_token == form_token))
        if before is not None:
            return before
        if amount <= 0:
            raise BadInput(amount="Enter an amount above zero.")
        if payment is None:
            raise NotFound
        _reserve(payment.id, amount)
        refund = Refund(
            id=str(uuid4()),
            order_id=order_id,
            payment_id=payment.id,
            provider=payment.provider,
            amount=amount,
            currency=payment.currency,
            amount_shipping=amount_shipping,
            reason=reason,
            note=note,
            form_token=form_token,
            user_id=user_id,
        )
        session.add(refund)
        session.flush()
        _write_lines(refund, lines, user_id)
        record(order_id, "refund_asked", user_id=user_id, amount=amount)
        enqueue("orders.send_refund", {"refund_id": refund.id}, dedupe_key=f"refund:{refund.id}")
        crash_point("after-refund-row")
        return refund


def _captured(order_id: int) -> Payment | None:
    return db.session.scalar(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.CAPTURED)
        .with_for_update()
    )


def _reserve(payment_id: int, amount: int) -> None:
    """Count `amount` as going back, if that much is left of the payment."""
    statement = update(Payment).where(Payment.id == payment_id)
    if guarded("refund.where"):
        statement = statement.where(Payment.amount_refunded + amount <= Payment.amount)
    if not changed(statement.values(amount_refunded=Payment.amount_refunded + amount)):
        raise RefundTooLarge


def _write_lines(refund: Refund, lines: Sequence[RefundLine], user_id: int | None) -> None:
    for line in sorted(lines, key=lambda line: line.order_item_id):
        counted = changed(
            update(OrderItem)
            .where(
                OrderItem.id == line.order_item_id,
                OrderItem.order_id == refund.order_id,
                OrderItem.quantity_refunded + line.quantity <= OrderItem.quantity,
            )
            .values(quantity_refunded=OrderItem.quantity_refunded + line.quantity)
        )
        if not counted:
            raise RefundTooLarge("More pieces than were bought cannot be refunded.")
        db.session.add(
            RefundItem(
                refund_id=refund.id,
                order_item_id=line.order_item_id,
                quantity=line.quantity,
                amount=line.amount,
                is_restocked=line.is_restocked,
            )
        )
        if line.is_restocked:
            item = db.session.get_one(OrderItem, line.order_item_id)
            if item.is_tracked:
                return_stock(refund.order_id, item.variant_id, line.quantity, user_id)


def send_refund(refund_id: str) -> RefundState:
    """Hand a refund to the provider under its own key; called by the job, safe to repeat.

    Raises PaymentUnavailable: the job tries again, with the same key.
    """
    end_read()
    refund = db.session.get(Refund, refund_id)
    if refund is None:
        raise NotFound
    if refund.state not in OPEN or refund.provider_ref is not None:
        return refund.state
    if refund.provider in (Provider.FREE, Provider.MANUAL):
        return _apply(refund_id, None, RefundState.SUCCEEDED, "")
    payment = db.session.get_one(Payment, refund.payment_id)
    number = db.session.scalar(select(Order.number).where(Order.id == refund.order_id)) or ""
    end_read()
    crash_point("before-refund-call")
    try:
        told = payment_gateway().create_refund(
            payment_intent=payment.payment_intent or "",
            amount=refund.amount,
            key=refund_id,
            reason=_reason(refund.reason),
            metadata={"order": number},
        )
    except PaymentRefused as refusal:
        log.warning("refund refused", extra={"refund": refund_id, "code": refusal.code})
        return _apply(refund_id, None, RefundState.FAILED, refusal.reason[:200])
    crash_point("after-refund-call")
    return _apply(refund_id, told.ref, RefundState(told.status), told.failure_reason or "")


def _reason(word: str) -> RefundReason:
    known = set(RefundReason)
    return RefundReason(word) if word in known else RefundReason.REQUESTED_BY_CUSTOMER


def record_refund(provider: Provider, told: Told) -> RefundState | None:
    """Take over what the provider says about a refund, also one made in its dashboard.

    Returns None for a refund of a payment that is not ours.
    """
    with transaction() as session:
        refund = session.scalar(
            select(Refund).where(
                (Refund.id == told.refund_key)
                | ((Refund.provider == provider) & (Refund.provider_ref == told.ref))
            )
        )
        if refund is None:
            refund = _write_external(provider, told)
        if refund is None:
            return None
        return _apply(refund.id, told.ref, RefundState(told.status), told.failure_reason or "")


def _write_external(provider: Provider, told: Told) -> Refund | None:
    payment = db.session.scalar(
        select(Payment).where(
            Payment.provider == provider, Payment.payment_intent == told.payment_intent
        )
    )
    if payment is None:
        return None
    _reserve(payment.id, told.amount)
    refund = Refund(
        order_id=payment.order_id,
        payment_id=payment.id,
        provider=provider,
        provider_ref=told.ref,
        amount=told.amount,
        currency=payment.currency,
        reason=told.reason or "",
        is_external=True,
    )
    db.session.add(refund)
    db.session.flush()
    record(payment.order_id, "refund_external", amount=told.amount)
    return refund


@retried
def _apply(refund_id: str, ref: str | None, state: RefundState, failure: str) -> RefundState:
    """Move a refund to `state` and make the order's sums follow; the same news twice is once."""
    with transaction() as session:
        refund = session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
        before = refund.state
        if ref is not None:
            refund.provider_ref = ref
        # Answers overtake each other: money that has gone back is not on its way again.
        is_older = before is RefundState.SUCCEEDED and state in OPEN
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
    for item_id, quantity in db.session.execute(
        select(RefundItem.order_item_id, RefundItem.quantity)
        .where(RefundItem.refund_id == refund.id)
        .order_by(RefundItem.order_item_id)
    ).all():
        back = OrderItem.quantity_refunded - quantity
        changed(update(OrderItem).where(OrderItem.id == item_id).values(quantity_refunded=back))
    _sum_refunds(order)
    record(order.id, "refund_failed", amount=refund.amount, reason=refund.failure)
    flag(order, Attention.REFUND_FAILED, amount=refund.amount)


def _count(order: Order, refund: Refund) -> None:
    record(order.id, "refunded", amount=refund.amount, reason=refund.reason)
    payment = db.session.get_one(Payment, refund.payment_id)
    if payment.state is PaymentState.CAPTURED:  # a second payment that goes back changes no order
        _sum_refunds(order)
        key = f"mail.order_refunded:{refund.id}"
        enqueue("mail.order_refunded", {"refund_id": refund.id}, dedupe_key=key)


def _sum_refunds(order: Order) -> None:
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
    whole = refunded == order.amount_paid
    to = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    db.session.flush()
    if refunded:
        changed(
            update(Order)
            .where(Order.id == order.id, Order.payment_status.in_(sources_of(to)))
            .values(payment_status=to, updated_at=now())
        )
    if refunded and whole:
        release_stock(order.id, now())  # what it was still owed, for whoever comes next
