"""F: an order is paid when and only when money came, once; L: the counter counts; K: whose cart;
T: what was agreed to.
"""

from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from shop.audit.registry import check
from shop.models import (
    AttemptState,
    Attention,
    Cart,
    CheckoutAttempt,
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderItem,
    OrderText,
    Page,
    PageRole,
    PageVersion,
    Payment,
    PaymentState,
    PaymentStatus,
    ShipmentItem,
    ShopState,
)
from shop.models.order import CAPTURED, OPEN
from shop.models.payment import LIVE_ATTEMPT

Rows = Select[*tuple[Any, ...]]


@check("F1", "An order is paid if and only if its payment was recorded")
def paid_without_payment() -> Rows:
    """Find paid orders without a payment, and payments whose order does not know."""
    payment = select(Payment.id).where(
        Payment.order_id == Order.id, Payment.state == PaymentState.CAPTURED
    )
    is_paid = Order.payment_status.in_(CAPTURED)
    return select(Order.number.label("order"), Order.payment_status, Order.paid_at).where(
        or_(
            and_(is_paid, ~payment.exists()),
            and_(~is_paid, payment.exists()),
            and_(is_paid, Order.paid_at.is_(None)),
            and_(~is_paid, Order.paid_at.is_not(None)),
        )
    )


@check("F2", "An order became paid exactly once")
def paid_twice() -> Rows:
    """Find paid orders with more or fewer than one event that says so."""
    times = (
        select(func.count(OrderEvent.id))
        .where(OrderEvent.order_id == Order.id, OrderEvent.kind == "paid")
        .correlate(Order)
        .scalar_subquery()
    )
    return select(Order.number.label("order"), Order.paid_at, times.label("times")).where(
        or_(
            and_(Order.paid_at.is_not(None), times != 1),
            and_(Order.paid_at.is_(None), times != 0),
        )
    )


@check("F3", "Nobody can still pay an order that is paid or has ended")
def still_payable() -> Rows:
    """Find live attempts of orders that want no money."""
    return (
        select(
            Order.number.label("order"),
            Order.payment_status,
            CheckoutAttempt.n.label("attempt"),
            CheckoutAttempt.state,
        )
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .where(CheckoutAttempt.state.in_(LIVE_ATTEMPT), Order.payment_status.not_in(OPEN))
    )


@check("F3b", "A completed attempt brought a payment")
def complete_without_payment() -> Rows:
    """Find attempts that are complete without money on record."""
    payment = select(Payment.id).where(Payment.attempt_id == CheckoutAttempt.id)
    return (
        select(Order.number.label("order"), CheckoutAttempt.n.label("attempt"))
        .join(Order, Order.id == CheckoutAttempt.order_id)
        .where(CheckoutAttempt.state == AttemptState.COMPLETE, ~payment.exists())
    )


@check("F5", "Money that differs is before staff until they decide, and nobody can pay again")
def differing_money_forgotten() -> Rows:
    """Find orders with such money that are off the desk, or can still be paid."""
    return (
        select(Order.number.label("order"), Order.payment_status, Order.attention, Payment.amount)
        .join(Payment, Payment.order_id == Order.id)
        .where(
            Payment.state == PaymentState.MISMATCH,
            Payment.amount_refunded < Payment.amount,
            or_(
                Order.attention != Attention.MISMATCH,
                Order.payment_status == PaymentStatus.PENDING,
            ),
        )
    )


@check("F4", "Only paid orders are sent")
def sent_unpaid() -> Rows:
    """Find orders that left without money."""
    return select(Order.number.label("order"), Order.payment_status, Order.fulfilment_status).where(
        Order.fulfilment_status != FulfilmentStatus.UNFULFILLED,
        Order.payment_status.not_in(CAPTURED),
    )


@check("F4b", "What was sent of a line is the sum of its parcels")
def sent_differs() -> Rows:
    """Find lines whose parcels say something else."""
    sent = (
        select(func.coalesce(func.sum(ShipmentItem.quantity), 0))
        .where(ShipmentItem.order_item_id == OrderItem.id)
        .correlate(OrderItem)
        .scalar_subquery()
    )
    return (
        select(
            Order.number.label("order"),
            OrderItem.sku,
            OrderItem.quantity_shipped.label("sent"),
            sent.label("in_parcels"),
        )
        .join(Order, Order.id == OrderItem.order_id)
        .where(or_(OrderItem.quantity_shipped != sent, sent > OrderItem.quantity))
    )


@check("F6", "Where an order stands is what its lines say: what was sent, and what is left")
def fulfilment_differs() -> Rows:
    """Find orders that call themselves sent with pieces left, partly sent with none, and so on."""
    sent, left = (
        select(func.coalesce(func.sum(column), 0))
        .where(OrderItem.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
        for column in (OrderItem.quantity_shipped, OrderItem.left_to_send)
    )
    status, of = Order.fulfilment_status, FulfilmentStatus
    return select(
        Order.number.label("order"), status, sent.label("sent"), left.label("left")
    ).where(
        or_(
            (sent > 0) == (status == of.UNFULFILLED),
            and_(sent > 0, (left > 0) != (status == of.PARTIALLY_SHIPPED)),
        )
    )


@check("F4c", "An order that was refunded in full says so, and one that was not does not")
def refund_status_differs() -> Rows:
    """Find orders whose status does not follow their refunds."""
    whole = and_(Order.amount_refunded == Order.amount_paid, Order.amount_paid > 0)
    told = case(
        (whole, PaymentStatus.REFUNDED),
        (Order.amount_refunded > 0, PaymentStatus.PARTIALLY_REFUNDED),
        else_=PaymentStatus.PAID,
    )
    return select(
        Order.number.label("order"),
        Order.payment_status,
        Order.amount_paid.label("paid"),
        Order.amount_refunded.label("refunded"),
    ).where(Order.payment_status.in_(CAPTURED), Order.payment_status != told)


@check("K1", "A cart belongs to exactly one guest or one customer")
def cart_of_nobody() -> Rows:
    """Find carts that nobody or two would find."""
    return select(Cart.id.label("cart"), Cart.user_id).where(
        Cart.user_id.is_(None) == Cart.token_hash.is_(None)
    )


@check("L2", "The counter of paid orders counts each of them once")
def counter_differs() -> Rows:
    """Find the counter when it is not the number of orders that were ever paid."""
    paid = select(func.count(Order.id)).where(Order.paid_at.is_not(None)).scalar_subquery()
    return select(ShopState.paid_count.label("counter"), paid.label("orders")).where(
        ShopState.paid_count != paid
    )


@check("T1", "An order whose terms were agreed to names their version")
def agreed_to_nothing() -> Rows:
    """Find orders that were placed under terms which nobody can read any more."""
    shown = (
        select(OrderText.order_id)
        .join(PageVersion, PageVersion.id == OrderText.page_version_id)
        .join(Page, Page.id == PageVersion.page_id)
        .where(OrderText.order_id == Order.id, Page.role == PageRole.TERMS)
    )
    agreed = Order.terms_accepted_at.is_not(None)
    return select(Order.number.label("order"), Order.terms_accepted_at).where(
        agreed, ~shown.exists()
    )
