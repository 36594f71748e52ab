"""What is left to refund of an order, as its rows tell."""

from sqlalchemy import func, select

from shop.core.db import db, in_transaction
from shop.models import (
    Order,
    OrderItem,
    Payment,
    PaymentState,
    Refund,
    RefundItem,
    RefundState,
)
from shop.orders.remainder import RefundableLine, Remainder, split_remainder


def get_remainder(order_id: int) -> Remainder:
    """Return what a full refund of the order would give back now; nothing if it was not paid.

    Inside a transaction the payment stays locked until its end.
    """
    captured = select(Payment).where(
        Payment.order_id == order_id, Payment.state == PaymentState.CAPTURED
    )
    if in_transaction():
        captured = captured.with_for_update()
    payment = db.session.scalar(captured.execution_options(populate_existing=True))
    if payment is None:
        return Remainder(0, 0, {})
    shipping = select(Order.amount_shipping).where(Order.id == order_id).scalar_subquery()
    gone = func.coalesce(func.sum(Refund.amount_shipping), 0)
    not_failed = Refund.state.not_in([RefundState.FAILED, RefundState.CANCELED])
    shipping_left = db.session.scalar(
        select(shipping - gone).where(Refund.payment_id == payment.id, not_failed)
    )
    given_back = (
        select(func.coalesce(func.sum(RefundItem.amount), 0))
        .join(Refund, Refund.id == RefundItem.refund_id)
        .where(RefundItem.order_item_id == OrderItem.id, not_failed)
        .correlate(OrderItem)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            OrderItem.id,
            OrderItem.quantity,
            OrderItem.quantity_refunded,
            OrderItem.amount_total,
            given_back.label("given_back"),
        )
        .where(OrderItem.order_id == order_id)
        .order_by(OrderItem.position)
    )
    lines = {
        row.id: RefundableLine(
            row.quantity, row.quantity_refunded, row.amount_total, int(row.given_back)
        )
        for row in rows
    }
    left = payment.amount - payment.amount_refunded
    return split_remainder(left, max(0, int(shipping_left or 0)), lines)
