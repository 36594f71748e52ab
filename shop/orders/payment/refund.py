"""Money going back: the row first, then the call, then what the provider says about it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select

from shop.core.clock import now
from shop.core.db import crash_point, db, end_read, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.jobs import enqueue
from shop.models import (
    Attention,
    Order,
    Payment,
    PaymentState,
    Refund,
    RefundState,
)
from shop.models.payment import UNDER_WAY
from shop.orders.events import add_order_event
from shop.orders.fulfilment.returns import RefundLine, refund_items
from shop.orders.fulfilment.status import lock_order
from shop.orders.payment.refund_sync import apply_refund, reserve_refund
from shop.orders.payment.refundable import get_remainder
from shop.orders.queries import list_items
from shop.orders.remainder import RefundChoice, part_of
from shop.orders.version import next_version
from shop.payments.current import gateway, has_gateway
from shop.payments.errors import PaymentRefused
from shop.payments.gateway import RefundReason
from shop.settings.queries import shop_settings
from shop.settings.registry import ShopSettings

log = logging.getLogger(__name__)


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

    `form_token` names one rendered form of the order: sent twice, it is one refund. Raises
    RefundTooLarge when more would go back than came in, NotFound for an order that was never
    paid, BadInput.
    """
    with transaction() as session:
        lock_order(order_id)
        payment = _captured(order_id)  # locked: the same form sent twice comes one after the other
        before = session.scalar(
            select(Refund).where(Refund.order_id == order_id, Refund.form_token == form_token)
        )
        if before is not None:
            return before
        if amount <= 0:
            raise BadInput(amount="Enter an amount above zero.")
        if sum(line.amount for line in lines) + amount_shipping > amount:
            raise BadInput(amount="The pieces and the delivery cost more than this amount.")
        if payment is None:
            raise NotFound
        reserve_refund(payment.id, amount)
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
        refund_items(refund, lines, user_id)
        next_version(order_id)
        add_order_event(order_id, "refund_asked", user_id=user_id, amount=amount)
        enqueue("orders.send_refund", {"refund_id": refund.id}, dedupe_key=f"refund:{refund.id}")
        crash_point("after-refund-row")
        return refund


def _captured(order_id: int) -> Payment | None:
    return db.session.scalar(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.CAPTURED)
        .with_for_update()
    )


@retried
def refund_unsent(order_id: int) -> Refund | None:
    """Refund by itself what cannot be sent, where the policy that is in force now says so.

    What has left the house stays paid, with the delivery: staff decide about it. Returns None
    once they have settled the matter, where the policy is to ask, where nothing is unsent, and
    while the time to wait, should it be longer by now, is not over: then the job runs again.
    Raises NotFound.
    """
    with transaction():
        due = when_refunded(lock_order(order_id), shop_settings())
        if due is None:
            return None
        if now() < due:
            queue_refund_of_unsent(order_id, due)
            return None
        items = list_items(order_id)
        is_whole = not any(item.quantity_shipped for item in items)
        unsent = {item.id: item.left_to_send for item in items}
        choice = RefundChoice(unsent, with_shipping=is_whole, with_surplus=is_whole)
        part = part_of(get_remainder(order_id), choice)
        if not part.amount:
            return None
        return refund_order(
            order_id,
            part.amount,
            form_token=f"attention-{order_id}",
            lines=[RefundLine(item_id, *line) for item_id, line in part.lines.items()],
            amount_shipping=part.amount_shipping,
            reason="stock_short",
        )


def when_refunded(order: Order, settings: ShopSettings) -> datetime | None:
    """Return when what cannot be sent of an order is refunded by itself; None for never."""
    if order.attention is not Attention.STOCK_SHORT or settings.attention_policy != "refund":
        return None
    return (order.paid_at or now()) + timedelta(hours=settings.attention_refund_hours)


def queue_refund_of_unsent(order_id: int, due: datetime) -> None:
    """Have `refund_unsent` run at `due`, in the caller's transaction."""
    key = f"orders.refund_attention:{order_id}:{due.timestamp():.0f}"
    enqueue("orders.refund_attention", {"order_id": order_id}, dedupe_key=key, run_at=due)


def send_refund(refund_id: str) -> RefundState:
    """Hand a refund to the provider under its own key; called by the job, safe to repeat.

    Raises PaymentUnavailable: the job tries again, with the same key.
    """
    end_read()
    refund = db.session.get(Refund, refund_id)
    if refund is None:
        raise NotFound
    if refund.state not in UNDER_WAY or refund.provider_ref is not None:
        return refund.state
    if not has_gateway(refund.provider):
        return apply_refund(refund_id, None, RefundState.SUCCEEDED, "")
    payment = db.session.get_one(Payment, refund.payment_id)
    number = db.session.scalar(select(Order.number).where(Order.id == refund.order_id)) or ""
    end_read()
    crash_point("before-refund-call")
    try:
        answer = gateway(refund.provider).create_refund(
            payment_intent=payment.payment_intent or "",
            amount=refund.amount,
            key=refund_id,
            reason=_reason(refund.reason),
            metadata={"order": number},
        )
    except PaymentRefused as refusal:
        log.warning("refund refused", extra={"refund": refund_id, "code": refusal.code})
        return apply_refund(refund_id, None, RefundState.FAILED, refusal.reason[:200])
    crash_point("after-refund-call")
    return apply_refund(
        refund_id, answer.ref, RefundState(answer.status), answer.failure_reason or ""
    )


def _reason(word: str) -> RefundReason:
    known = set(RefundReason)
    return RefundReason(word) if word in known else RefundReason.REQUESTED_BY_CUSTOMER
