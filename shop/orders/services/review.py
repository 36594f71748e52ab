"""Money that came, but not as agreed: what staff may decide about it. Each decision counts once.

While they look at it the order is on its way to be paid: its pieces are held and have left the
bag, and nobody can pay it a second time.
"""

from datetime import timedelta

from sqlalchemy import select, update

from shop.cart.services import lock_cart_of
from shop.clock import now
from shop.db import changed, db, retried, transaction
from shop.errors import InvalidTransition, NotFound
from shop.jobs import enqueue
from shop.models import Attention, Order, Payment, PaymentState, PaymentStatus, Refund
from shop.models.order import CAPTURED, OPEN
from shop.orders.details import HOLD
from shop.orders.queries import under_review
from shop.orders.services.bury import end_unpaid
from shop.orders.services.fulfil import settle_as_paid
from shop.orders.services.record import record
from shop.orders.services.refund import refund_order
from shop.orders.services.refund_news import reserve_refund

ASKED = timedelta(days=3)  # how long the pieces wait for a customer who is asked to pay anew
SURPLUS = "mismatch"


@retried
def accept_payment(order_id: int, *, user_id: int | None = None) -> None:
    """Take what came as the payment of the order, be it more or less than its total.

    Raises InvalidTransition when nothing is to be decided, when the order is paid already, or
    when what came is in another currency.
    """
    with transaction():
        order, payment = _get(order_id)
        _accept(order, payment, user_id)


@retried
def complete_payment(order_id: int, *, user_id: int | None = None) -> None:
    """Bring the order to the total that was agreed.

    Too much came: the surplus goes back, the order is paid. Otherwise (too little, or another
    currency) everything goes back and the customer is asked by mail to pay the total; the pieces
    are held for three days. Raises InvalidTransition as `accept_payment`, and for an order that
    has ended.
    """
    with transaction():
        order, payment = _get(order_id)
        surplus = payment.amount - order.amount_total
        if payment.currency == order.currency and surplus >= 0:
            _accept(order, payment, user_id)
            if surplus:
                token = f"surplus-{payment.id}"
                refund_order(order_id, surplus, form_token=token, reason=SURPLUS, user_id=user_id)
            return
        _ask_again(order)
        _return(order, payment, user_id)
        record(order_id, "asked_again", user_id=user_id)
        key = f"mail.payment_asked_again:{payment.id}"
        enqueue("mail.payment_asked_again", {"order_id": order_id}, dedupe_key=key)


@retried
def send_payment_back(order_id: int, *, user_id: int | None = None) -> None:
    """Send back what came; an order that is not paid otherwise ends, and its customer is told.

    Raises InvalidTransition when nothing is to be decided.
    """
    with transaction():
        order, payment = _get(order_id)
        _return(order, payment, user_id)
        if order.payment_status in OPEN:
            end_unpaid(order_id, "canceled", is_decided=True)
            record(order_id, "canceled_by", user_id=user_id)
            key = f"mail.order_canceled:{order_id}"
            enqueue("mail.order_canceled", {"order_id": order_id}, dedupe_key=key)


def _get(order_id: int) -> tuple[Order, Payment]:
    """Return the order and its undecided payment, both locked, the cart before them."""
    lock_cart_of(order_id)
    order = db.session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    payment = db.session.scalars(
        select(Payment)
        .join(Order, Order.id == Payment.order_id)
        .where(Payment.order_id == order_id, under_review())
        .order_by(Payment.id)
        .limit(1)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    ).first()
    if payment is None:
        raise InvalidTransition("There is no payment to decide about any more.")
    return order, payment


def _accept(order: Order, payment: Payment, user_id: int | None) -> None:
    if order.payment_status in CAPTURED:
        raise InvalidTransition("The order is paid already; this payment can only be sent back.")
    if payment.currency != order.currency or payment.amount <= 0 or payment.amount_refunded:
        raise InvalidTransition("What came cannot stand for this order; send it back.")
    differs = payment.amount - order.amount_total
    record(order.id, "payment_accepted", user_id=user_id, came=payment.amount, differs_by=differs)
    payment.state = PaymentState.CAPTURED
    order.attention = Attention.NONE
    db.session.flush()
    settle_as_paid(order, payment.amount)


def _return(order: Order, payment: Payment, user_id: int | None) -> None:
    """Queue the way back of what is left of a payment, and take it off the desk."""
    left = payment.amount - payment.amount_refunded
    order.attention = Attention.NONE
    record(order.id, "payment_returned", user_id=user_id, came=left)
    db.session.flush()
    if left <= 0 or payment.payment_intent is None:
        return
    reserve_refund(payment.id, left)
    refund = Refund(
        order_id=order.id,
        payment_id=payment.id,
        provider=payment.provider,
        amount=left,
        currency=payment.currency,
        reason=SURPLUS,
        user_id=user_id,
    )
    db.session.add(refund)
    db.session.flush()
    enqueue("orders.send_refund", {"refund_id": refund.id}, dedupe_key=f"refund:{refund.id}")


def _ask_again(order: Order) -> None:
    """Let the order wait for its payment once more; beside another that the same bag waits for."""
    if order.payment_status not in OPEN:
        raise InvalidTransition("The order has ended; what came can be taken or sent back.")
    waiting = select(Order.id).where(
        Order.cart_id == order.cart_id,
        Order.payment_status == PaymentStatus.PENDING,
        Order.id != order.id,
    )
    values = {"payment_status": PaymentStatus.PENDING, "hold_until": now() + max(ASKED, HOLD)}
    if order.cart_id is not None and db.session.scalar(waiting.limit(1)) is not None:
        values["cart_id"] = None
    db.session.flush()
    changed(update(Order).where(Order.id == order.id).values(**values, updated_at=now()))
    db.session.refresh(order)
