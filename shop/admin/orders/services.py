"""What staff do to an order, each with its trail."""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select

from shop.admin.orders.audit import audited_order, order_state
from shop.admin.orders.input_types import ParcelFields, ReceiptFields
from shop.admin.orders.queries import get_desk_order, get_order_refund
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.cart.purchase import lock_cart_of
from shop.core import plaintext
from shop.core.db import db, retried, transaction
from shop.core.errors import BadInput, InvalidTransition, NotFound, StaleForm
from shop.jobs import enqueue
from shop.models import Attention, MailMessage, Order, OrderNote
from shop.orders.events import add_order_event
from shop.orders.fulfilment.ship import OVERTAKEN
from shop.orders.payment.expire import cancel_closed, check_canceled, close_page
from shop.orders.payment.outcome import ClosedPage, Ending
from shop.orders.queries import is_under_review
from shop.orders.services import (
    accept_payment,
    complete_payment,
    deliver_order,
    end_open_page,
    receive_payment,
    restock_refund,
    send_payment_back,
    send_refund,
    settle_refund,
    ship_order,
)
from shop.payments.current import is_by_hand
from shop.shared.audit_log import write_audit_entry

_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


@done_once
def send_parcel(number: str, parcel: ParcelFields, *, staff: Staff) -> Entry:
    """Send a parcel of an order. Raises as `ship_order`."""
    with audited_order("orders.ship", number, staff=staff) as entry:
        ship_order(
            get_desk_order(number).id,
            parcel.quantities,
            carrier=parcel.carrier,
            tracking_number=parcel.tracking_number,
            tracking_url=parcel.tracking_url,
            notify=parcel.notify,
            version=parcel.version,
            user_id=staff.user_id,
        )
    return entry


@done_once
def note_arrival(number: str, *, staff: Staff) -> Entry:
    """Note that an order has arrived. Raises as `deliver_order`."""
    with audited_order("orders.deliver", number, staff=staff) as entry:
        deliver_order(get_desk_order(number).id, user_id=staff.user_id)
    return entry


@done_once
def add_note(order: Order, text: str, *, staff: Staff) -> Entry:
    """Write a note for colleagues. Raises BadInput."""
    if not text.strip() or len(text) > 2000:
        raise BadInput(note="Write a note of at most 2,000 characters.")
    with audited("orders.note", "order", order.number, staff=staff) as entry:
        note = OrderNote(order_id=order.id, user_id=staff.user_id, text=plaintext.prose(text))
        db.session.add(note)
        mine = OrderNote.order_id == order.id
        entry.after = {"notes": db.session.scalar(select(func.count(OrderNote.id)).where(mine))}
    return entry


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
    if decision not in DECISIONS or not _ID.fullmatch(payment):
        raise BadInput("Choose what is to become of the payment.")
    end_open_page(order.id)
    _decide(order, decision, int(payment), staff=staff)


@done_once
def _decide(order: Order, decision: str, payment_id: int, *, staff: Staff) -> Entry:
    with _audited_with_cart(f"orders.payment_{decision}", order, staff) as entry:
        DECISIONS[decision](order.id, payment_id, user_id=staff.user_id)
    return entry


@contextmanager
def _audited_with_cart(action: str, order: Order, staff: Staff) -> Iterator[Entry]:
    """Do as `audited_order`, the cart's row taken before the order's, as everybody does."""
    with audited(action, "order", order.number, staff=staff) as entry:
        lock_cart_of(order.id)
        entry.before = order_state(order.number)
        yield entry
        entry.after = order_state(order.number)


@done_once
def note_receipt(order: Order, came: ReceiptFields, *, staff: Staff) -> Entry:
    """Note that money came for the order. Raises as `receive_payment`."""
    with _audited_with_cart("orders.receive", order, staff) as entry:
        receive_payment(
            order.id,
            came.amount,
            came.day,
            attempt_id=came.attempt_id,
            note=came.note,
            user_id=staff.user_id,
        )
        entry.more = {"amount": came.amount, "day": came.day.isoformat()}
    return entry


def note_refund(order: Order, refund_id: str, outcome: str, *, staff: Staff) -> None:
    """Note what became of a refund that goes back by hand: "sent" or "dropped".

    It is handed over first, should its job not have run yet. Raises as `settle_refund`, BadInput.
    """
    if outcome not in OUTCOMES:
        raise BadInput("Say whether the money was sent back.")
    refund = get_order_refund(order.id, refund_id)
    if refund.provider_ref is None and is_by_hand(refund.provider):
        send_refund(refund_id)
    _settle(order, refund_id, outcome, staff=staff)


@done_once
def _settle(order: Order, refund_id: str, outcome: str, *, staff: Staff) -> Entry:
    is_sent = outcome == "sent"
    with audited_order(f"orders.refund_{outcome}", order.number, staff=staff) as entry:
        settle_refund(order.id, refund_id, is_sent=is_sent, user_id=staff.user_id)
        entry.more = {"refund": refund_id}
    return entry


OUTCOMES = ("sent", "dropped")


@done_once
def settle_attention(order: Order, version: int | None, *, staff: Staff) -> Entry:
    """Take an order off the desk: somebody has looked at it, as it stood at `version`.

    Raises InvalidTransition while money that came waits for a decision, and StaleForm when
    something has happened since.
    """
    with audited_order("orders.attention", order.number, staff=staff) as entry:
        if is_under_review(order.id):
            raise InvalidTransition("Decide about the payment first: take it, or send it back.")
        found = db.session.get_one(Order, order.id)
        if version not in {None, found.version}:
            raise StaleForm(OVERTAKEN)
        add_order_event(
            order.id, "attention_settled", user_id=staff.user_id, reason=str(found.attention)
        )
        found.attention = Attention.NONE
    return entry


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


@done_once
def restock_items(order: Order, refund_id: str, *, staff: Staff) -> Entry:
    """Put the pieces of a refund back to stock. Raises as `restock_refund`."""
    with audited_order("orders.restock", order.number, staff=staff) as entry:
        restock_refund(order.id, refund_id, user_id=staff.user_id)
        entry.more = {"refund": refund_id}
    return entry


@done_once
def resend_mail(order: Order, mail_id: int, *, staff: Staff) -> Entry:
    """Send a mail about the order again. Raises NotFound for a mail about something else."""
    with audited("orders.mail", "order", order.number, staff=staff) as entry:
        mail = db.session.get(MailMessage, mail_id)
        if mail is None or mail.order_id != order.id or mail.text_body is None:
            raise NotFound
        nth = secrets.token_hex(4)  # a number could come again once old jobs are forgotten
        key = f"mail.again:{mail_id}:{nth}"
        payload: dict[str, Any] = {"mail_id": mail_id, "nth": nth}
        if not mail.kind.startswith("staff"):
            payload["to"] = get_desk_order(order.number).email  # it may have been mended since
        enqueue("mail.again", payload, dedupe_key=key)
        entry.more = {"mail": mail_id}
    return entry
