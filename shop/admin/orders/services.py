"""What staff do to an order beside the use cases of a sale, and the states that its trail shows."""

import re
import secrets
from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import func, select

from shop.admin.orders.queries import get_order_refund
from shop.admin.staff_actions import Staff, State, do_once
from shop.cart.services import lock_cart_of
from shop.core import plaintext
from shop.core.db import db, retried, transaction
from shop.core.errors import BadInput, InvalidTransition, NotFound
from shop.jobs import enqueue
from shop.models import Attention, MailMessage, Order, OrderNote
from shop.orders.events import add_order_event
from shop.orders.payment.expire import cancel_closed, check_canceled, close_page
from shop.orders.payment.outcome import ClosedPage, Ending
from shop.orders.queries import is_under_review
from shop.orders.services import (
    accept_payment,
    complete_payment,
    end_open_page,
    receive_payment,
    restock_refund,
    send_payment_back,
    send_refund,
    settle_refund,
)
from shop.payments.current import is_by_hand
from shop.shared.audit_log import write_audit_entry

_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def order_state(number: str) -> State:
    """Return what the trail of an order shows; the order stays locked until the transaction ends.

    Raises NotFound.
    """
    locked = select(Order).where(Order.number == number).with_for_update()
    order = db.session.scalar(locked.execution_options(populate_existing=True))
    if order is None:
        raise NotFound
    return {
        "payment": str(order.payment_status),
        "fulfilment": str(order.fulfilment_status),
        "refunded": order.amount_refunded,
        "attention": str(order.attention),
    }


def add_note(order: Order, text: str, *, staff: Staff) -> None:
    """Write a note for colleagues. Raises BadInput."""
    if not text.strip() or len(text) > 2000:
        raise BadInput(note="Write a note of at most 2,000 characters.")

    def count(_number: str) -> State:
        mine = OrderNote.order_id == order.id
        return {"notes": db.session.scalar(select(func.count(OrderNote.id)).where(mine))}

    def write() -> None:
        note = OrderNote(order_id=order.id, user_id=staff.user_id, text=plaintext.prose(text))
        db.session.add(note)

    do_once("orders.note", "order", order.number, write, staff=staff, state=count)


DECISIONS: dict[str, Callable[..., None]] = {
    "accept": accept_payment,
    "complete": complete_payment,
    "return": send_payment_back,
}


def decide_payment(order: Order, decision: str, payment: str, *, staff: Staff) -> None:
    """Decide about money that came but differs; a key of DECISIONS.

    `payment`: the id of the payment that the form showed. Raises as they and `end_open_page`, and
    BadInput.
    """
    decide = DECISIONS.get(decision)
    if decide is None or not _ID.fullmatch(payment):
        raise BadInput("Choose what is to become of the payment.")
    end_open_page(order.id)
    act = partial(decide, order.id, int(payment), user_id=staff.user_id)
    action = f"orders.payment_{decision}"
    do_once(action, "order", order.number, act, staff=staff, state=_with_cart(order))


def _with_cart(order: Order) -> Callable[[str], State]:
    """Return what the trail shows of an order, its cart's row taken first, as everybody does."""

    def state(number: str) -> State:
        lock_cart_of(order.id)
        return order_state(number)

    return state


def note_receipt(order: Order, amount: int, day: date, note: str, *, staff: Staff) -> None:
    """Note that money came for the order; `amount` in minor units. Raises as `receive_payment`."""
    act = partial(receive_payment, order.id, amount, day, note=note, user_id=staff.user_id)
    more = {"amount": amount, "day": day.isoformat()}
    do_once(
        "orders.receive", "order", order.number, act,
        staff=staff, state=_with_cart(order), more=more,
    )  # fmt: skip


def note_refund(order: Order, refund_id: str, outcome: str, *, staff: Staff) -> None:
    """Note what became of a refund that goes back by hand: "sent" or "dropped".

    It is handed over first, should its job not have run yet. Raises as `settle_refund`, BadInput.
    """
    if outcome not in OUTCOMES:
        raise BadInput("Say whether the money was sent back.")
    is_sent = outcome == "sent"
    refund = get_order_refund(order.id, refund_id)
    if refund.provider_ref is None and is_by_hand(refund.provider):
        send_refund(refund_id)
    act = partial(settle_refund, order.id, refund_id, is_sent=is_sent, user_id=staff.user_id)
    do_once(
        f"orders.refund_{outcome}", "order", order.number, act,
        staff=staff, state=order_state, more={"refund": refund_id},
    )  # fmt: skip


OUTCOMES = ("sent", "dropped")


def settle_attention(order: Order, *, staff: Staff) -> None:
    """Take an order off the desk: somebody has looked at it.

    Raises InvalidTransition while money that came waits for a decision.
    """

    def settle() -> None:
        if is_under_review(order.id):
            raise InvalidTransition("Decide about the payment first: take it, or send it back.")
        found = db.session.get_one(Order, order.id)
        add_order_event(
            order.id, "attention_settled", user_id=staff.user_id, reason=str(found.attention)
        )
        found.attention = Attention.NONE

    do_once("orders.attention", "order", order.number, settle, staff=staff, state=order_state)


def cancel(order: Order, *, staff: Staff) -> None:
    """Cancel an unpaid order and tell its customer; the trail comes with the end of the order.

    The payment page dies first, at the provider, which no transaction waits for; an order that
    has ended is not ended again. Raises as `cancel_order`.
    """
    page = close_page(order.id)
    check_canceled(_cancel(order, page, staff))


@retried
def _cancel(order: Order, page: ClosedPage, staff: Staff) -> Ending:
    before = {"payment": str(order.payment_status)}
    with transaction():
        ending = cancel_closed(page, user_id=staff.user_id, notify=True)
        if ending is Ending.NOW:
            after = {"payment": "canceled"}
            write_audit_entry(
                "orders.cancel",
                "order",
                order.number,
                user_id=staff.user_id,
                before=before,
                after=after,
            )
        return ending


def restock_items(order: Order, refund_id: str, *, staff: Staff) -> None:
    """Put the pieces of a refund back to stock. Raises as `restock_refund`."""
    act = partial(restock_refund, order.id, refund_id, user_id=staff.user_id)
    more = {"refund": refund_id}
    do_once("orders.restock", "order", order.number, act, staff=staff, state=order_state, more=more)


def resend_mail(order: Order, mail_id: int, *, staff: Staff) -> None:
    """Send a mail about the order again. Raises NotFound for a mail about something else."""

    def send() -> None:
        mail = db.session.get(MailMessage, mail_id)
        if mail is None or mail.order_id != order.id or mail.text_body is None:
            raise NotFound
        nth = secrets.token_hex(4)  # a number could come again once old jobs are forgotten
        key = f"mail.again:{mail_id}:{nth}"
        enqueue("mail.again", {"mail_id": mail_id, "nth": nth}, dedupe_key=key)

    more = {"mail": mail_id}
    do_once("orders.mail", "order", order.number, send, staff=staff, more=more)
