"""Money that came, but not as agreed: what staff may decide about it. Each decision counts once.

While they look at it the order is on its way to be paid: its pieces are held and have left the
bag, and nobody can pay it a second time.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from shop.cart.purchase import lock_cart_of
from shop.core.clock import now
from shop.core.db import db, end_read, retried, transaction
from shop.core.errors import InvalidTransition, NotFound
from shop.jobs import enqueue
from shop.models import Attention, Order, Payment, PaymentState, PaymentStatus, Refund
from shop.models.order import CAPTURED, OPEN
from shop.orders.checkout_details import HOLD
from shop.orders.events import add_order_event
from shop.orders.payment.attempt import find_live
from shop.orders.payment.end import end_unpaid
from shop.orders.payment.expire import expire_attempt
from shop.orders.payment.fulfil import settle_as_paid
from shop.orders.payment.moves import move_payment
from shop.orders.payment.refund import refund_order
from shop.orders.payment.refund_sync import reserve_refund, sum_refunds
from shop.orders.queries import is_under_review
from shop.orders.review import find_undecided, is_other_left, money_left, surplus_of

ASKED = timedelta(days=3)  # how long the pieces wait for a customer who is asked to pay anew
SURPLUS = "mismatch"


def end_open_page(order_id: int) -> None:
    """End the page on which the customer was to pay anew, while what came first went back.

    Before a decision about that money which has not gone; no transaction may be open. Raises as
    `expire_attempt`.
    """
    end_read()
    live = find_live(order_id) if is_under_review(order_id) else None
    if live is not None:
        expire_attempt(live.id)


@retried
def accept_payment(order_id: int, payment_id: int, *, user_id: int | None = None) -> None:
    """Take what came as the payment of the order, be it more or less than its total.

    Raises InvalidTransition when something else than `payment_id` is to be decided about, or
    nothing, when the order is paid already, or when what came is in another currency.
    """
    with transaction():
        order, payment, payments = _get(order_id, payment_id)
        _accept(order, payment, payments, user_id)


@retried
def complete_payment(order_id: int, payment_id: int, *, user_id: int | None = None) -> None:
    """Bring the order to the total that was agreed.

    Too much came: the surplus goes back, the order is paid. Otherwise (too little, or another
    currency) everything goes back and the customer is asked by mail to pay the total; the pieces
    are held for three days. Raises InvalidTransition as `accept_payment`, and for an order that
    has ended.
    """
    with transaction():
        order, payment, payments = _get(order_id, payment_id)
        surplus = surplus_of(order, payment)
        if surplus is not None and surplus >= 0:
            if surplus:
                _check_way_back(payment)
            _accept(order, payment, payments, user_id)
            if surplus:
                token = f"surplus-{payment.id}"
                refund_order(order_id, surplus, form_token=token, reason=SURPLUS, user_id=user_id)
            return
        if is_other_left(payment, payments):
            raise InvalidTransition("Another payment came for this order; send this one back.")
        _ask_again(order)
        refund_id = _return(order, payment, payments, user_id)
        add_order_event(order_id, "asked_again", user_id=user_id)
        payload = {"order_id": order_id, "about": str(refund_id or payment.id)}
        key = f"mail.payment_asked_again:{payload['about']}"
        enqueue("mail.payment_asked_again", payload, dedupe_key=key)


@retried
def send_payment_back(order_id: int, payment_id: int, *, user_id: int | None = None) -> None:
    """Send back what came; an order that is not paid otherwise ends, and its customer is told.

    It waits on while other money that came for it does. Raises InvalidTransition as
    `accept_payment`, or when the provider knows no way back.
    """
    with transaction():
        order, payment, payments = _get(order_id, payment_id)
        _return(order, payment, payments, user_id)
        if order.payment_status in OPEN and not is_other_left(payment, payments):
            end_unpaid(order_id, "canceled", is_decided=True)
            add_order_event(order_id, "canceled_by", user_id=user_id)
            key = f"mail.order_canceled:{order_id}"
            enqueue("mail.order_canceled", {"order_id": order_id}, dedupe_key=key)


def _get(order_id: int, payment_id: int) -> tuple[Order, Payment, Sequence[Payment]]:
    """Return the order, its undecided payment and all that differed, locked, the cart first.

    Raises NotFound, and InvalidTransition unless `payment_id` is what is to be decided about.
    """
    lock_cart_of(order_id)
    order = db.session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise NotFound
    payments = db.session.scalars(
        select(Payment)
        .where(Payment.order_id == order_id, Payment.state == PaymentState.MISMATCH)
        .order_by(Payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    payment = find_undecided(order, payments)
    if payment is None:
        raise InvalidTransition("There is no payment to decide about any more.")
    if payment.id != payment_id:
        raise InvalidTransition("Another payment is to be decided about by now. Look at it first.")
    if find_live(order_id) is not None:
        raise InvalidTransition("The customer can still pay the order. Please try again.")
    return order, payment, payments


def _take_off(order: Order, payment: Payment, payments: Sequence[Payment]) -> None:
    """Take the order off the desk, unless other money waits there for a decision."""
    is_left = is_other_left(payment, payments)
    order.attention = Attention.MISMATCH if is_left else Attention.NONE


def _check_way_back(payment: Payment) -> None:
    if money_left(payment) > 0 and payment.payment_intent is None:
        raise InvalidTransition(
            "The payment provider gave no reference to send this money back by. "
            "Send it back in the provider's own pages, or take it as paid."
        )


def _accept(
    order: Order, payment: Payment, payments: Sequence[Payment], user_id: int | None
) -> None:
    if order.payment_status in CAPTURED:
        raise InvalidTransition("The order is paid already; this payment can only be sent back.")
    differs, left = surplus_of(order, payment), money_left(payment)
    if differs is None:
        raise InvalidTransition("What came cannot stand for this order; send it back.")
    add_order_event(order.id, "payment_accepted", user_id=user_id, came=left, differs_by=differs)
    payment.state = PaymentState.CAPTURED
    _take_off(order, payment, payments)
    db.session.flush()
    settle_as_paid(order, payment.amount)
    if payment.amount_refunded:  # part of it went back before, in the provider's own pages
        sum_refunds(order)


def _return(
    order: Order, payment: Payment, payments: Sequence[Payment], user_id: int | None
) -> str | None:
    """Queue the way back of what is left of a payment, off the desk; return the refund's id."""
    _check_way_back(payment)
    left = money_left(payment)
    _take_off(order, payment, payments)
    add_order_event(order.id, "payment_returned", user_id=user_id, came=left)
    db.session.flush()
    if left <= 0:
        return None
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
    return refund.id


def _ask_again(order: Order) -> None:
    """Let the order wait for its payment once more; beside another that the same bag waits for."""
    waiting = select(Order.id).where(
        Order.cart_id == order.cart_id,
        Order.payment_status == PaymentStatus.PENDING,
        Order.id != order.id,
    )
    values: dict[str, Any] = {"hold_until": now() + max(ASKED, HOLD)}
    if order.cart_id is not None and db.session.scalar(waiting.limit(1)) is not None:
        values["cart_id"] = None
    db.session.flush()
    if not move_payment(order.id, PaymentStatus.PENDING, **values):
        raise InvalidTransition("The order has ended; what came can be taken or sent back.")
    db.session.refresh(order)
