"""M: every amount is the sum of its parts, what came in is what was agreed, no more goes back."""

from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from shop.audit.registry import check
from shop.models import (
    CheckoutAttempt,
    Order,
    OrderEvent,
    OrderItem,
    Payment,
    PaymentState,
    Refund,
    RefundItem,
    RefundState,
    TaxMode,
)
from shop.models.order import CAPTURED
from shop.models.payment import GONE

Rows = Select[*tuple[Any, ...]]


@check("M1", "An order's total is goods − discount + delivery (+ tax where it is added)")
def total_differs() -> Rows:
    """Find orders that do not add up."""
    tax = case((Order.tax_mode == TaxMode.EXCLUSIVE, Order.amount_tax), else_=0)
    total = Order.amount_subtotal - Order.amount_discount + Order.amount_shipping + tax
    return select(
        Order.number.label("order"), Order.amount_total.label("total"), total.label("parts")
    ).where(
        or_(
            Order.amount_total != total,
            Order.amount_total < 0,
            Order.amount_discount > Order.amount_subtotal,
        )
    )


@check("M1b", "An order's goods, discount and tax are the sums of its lines")
def lines_differ() -> Rows:
    """Find orders whose lines say something else."""
    goods = func.coalesce(func.sum(OrderItem.unit_amount * OrderItem.quantity), 0)
    discount = func.coalesce(func.sum(OrderItem.amount_discount), 0)
    tax = func.coalesce(func.sum(OrderItem.tax_amount), 0)
    return (
        select(
            Order.number.label("order"),
            Order.amount_subtotal.label("goods"),
            goods.label("of_lines"),
            Order.amount_discount.label("discount"),
            discount.label("discount_of_lines"),
            Order.amount_tax.label("tax"),
            (tax + Order.shipping_tax_amount).label("tax_of_lines"),
        )
        .outerjoin(OrderItem, OrderItem.order_id == Order.id)
        .group_by(Order.id)
        .having(
            or_(
                Order.amount_subtotal != goods,
                Order.amount_discount != discount,
                Order.amount_tax != tax + Order.shipping_tax_amount,
            )
        )
    )


@check("M2", "Every attempt to pay is for the order's total, in its currency")
def attempt_differs() -> Rows:
    """Find attempts that would take another amount."""
    return (
        select(
            Order.number.label("order"),
            CheckoutAttempt.n.label("attempt"),
            CheckoutAttempt.amount,
            Order.amount_total.label("total"),
            CheckoutAttempt.currency,
        )
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .where(
            or_(
                CheckoutAttempt.amount != Order.amount_total,
                CheckoutAttempt.currency != Order.currency,
            )
        )
    )


def _accepted() -> Rows:
    """Find the decision of staff to take another amount for the order than its total."""
    return select(OrderEvent.id).where(
        OrderEvent.order_id == Order.id, OrderEvent.kind == "payment_accepted"
    )


@check("M2b", "A paid order was paid by one payment, in full or as accepted; no other has money")
def paid_differs() -> Rows:
    """Find orders whose money is not what they say."""
    came = _sum(
        Payment.amount, Payment.order_id == Order.id, Payment.state == PaymentState.CAPTURED
    )
    return select(
        Order.number.label("order"),
        Order.payment_status,
        Order.amount_total.label("total"),
        Order.amount_paid.label("paid"),
        came.label("payments"),
    ).where(
        or_(
            Order.amount_paid != came,
            and_(
                Order.payment_status.in_(CAPTURED),
                Order.amount_paid != Order.amount_total,
                ~_accepted().exists(),
            ),
            and_(Order.payment_status.not_in(CAPTURED), Order.amount_paid != 0),
        )
    )


@check("M4", "What goes back of a payment is the sum of its refunds, and no more than came in")
def refunds_of_payment_differ() -> Rows:
    """Find payments whose refunds do not add up."""
    back = _sum(Refund.amount, Refund.payment_id == Payment.id, Refund.state.not_in(GONE))
    return select(
        Payment.id.label("payment"),
        Payment.amount,
        Payment.amount_refunded.label("refunded"),
        back.label("refunds"),
    ).where(or_(Payment.amount_refunded != back, back > Payment.amount))


@check("M4b", "What an order says was refunded is the sum of the refunds that succeeded")
def refunds_of_order_differ() -> Rows:
    """Find orders whose refunded sum is not that of their refunds."""
    back = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .join(Payment, Payment.id == Refund.payment_id)
        .where(
            Refund.order_id == Order.id,
            Refund.state == RefundState.SUCCEEDED,
            Payment.state == PaymentState.CAPTURED,
        )
        .correlate(Order)
        .scalar_subquery()
    )
    return select(
        Order.number.label("order"), Order.amount_refunded.label("refunded"), back.label("refunds")
    ).where(Order.amount_refunded != back)


@check("M4c", "The pieces and the delivery of a refund cost no more than the refund")
def refund_lines_differ() -> Rows:
    """Find refunds whose lines say more than their amount."""
    lines = func.coalesce(func.sum(RefundItem.amount), 0)
    return (
        select(Refund.id.label("refund"), Refund.amount, lines.label("lines"))
        .outerjoin(RefundItem, RefundItem.refund_id == Refund.id)
        .group_by(Refund.id)
        .having(lines + Refund.amount_shipping > Refund.amount)
    )


@check("M4d", "The refunded pieces of a line are those of its refunds, sent ones and others")
def refunded_pieces_differ() -> Rows:
    """Find lines whose refunds that have not failed are for other quantities."""
    back, returned = (
        select(func.coalesce(func.sum(quantity), 0))
        .select_from(RefundItem)
        .join(Refund, Refund.id == RefundItem.refund_id)
        .where(RefundItem.order_item_id == OrderItem.id, Refund.state.not_in(GONE))
        .correlate(OrderItem)
        .scalar_subquery()
        for quantity in (RefundItem.quantity, RefundItem.quantity_returned)
    )
    return (
        select(
            Order.number.label("order"),
            OrderItem.sku,
            OrderItem.quantity_refunded.label("refunded"),
            back.label("of_refunds"),
            OrderItem.quantity_returned.label("returned"),
            returned.label("returned_of_refunds"),
        )
        .join(Order, Order.id == OrderItem.order_id)
        .where(or_(OrderItem.quantity_refunded != back, OrderItem.quantity_returned != returned))
    )


def _sum(value: Any, *conditions: Any) -> Any:
    return (
        select(func.coalesce(func.sum(value), 0))
        .where(*conditions)
        .correlate(Order, Payment)
        .scalar_subquery()
    )
