"""What staff do to an order beside the use cases of a sale; each leaves its trail."""

from collections.abc import Callable

from sqlalchemy import func, select

from shop.db import db, retried, transaction
from shop.errors import BadInput, NotFound
from shop.jobs import enqueue
from shop.models import Attention, MailMessage, Order, OrderNote
from shop.orders.services.record import record
from shop.trail import leave_trail


@retried
def add_note(order_id: int, text: str, *, user_id: int | None) -> None:
    """Write a note for colleagues. Raises BadInput."""
    if not text.strip() or len(text) > 2000:
        raise BadInput(note="Write a note of at most 2,000 characters.")
    with transaction() as session:
        session.add(OrderNote(order_id=order_id, user_id=user_id, text=text.strip()))


@retried
def settle_attention(order_id: int, *, user_id: int | None) -> None:
    """Take an order off the desk: somebody has looked at it. Raises NotFound."""
    with transaction() as session:
        order = session.get(Order, order_id)
        if order is None:
            raise NotFound
        before = order.attention
        order.attention = Attention.NONE
        record(order_id, "attention_settled", user_id=user_id, reason=str(before))
        _trail(order, "orders.attention", user_id, {"attention": str(before)}, {"attention": ""})


def tracked(order_id: int, action: str, act: Callable[[], object], *, user_id: int | None) -> None:
    """Run a use case of a sale and leave a trail of the states before and after it."""
    before = _states(order_id)
    act()
    after = _states(order_id)
    with transaction() as session:
        _trail(session.get_one(Order, order_id), action, user_id, before, after)


def _states(order_id: int) -> dict[str, object]:
    order = db.session.get_one(Order, order_id, populate_existing=True)
    return {
        "payment": str(order.payment_status),
        "fulfilment": str(order.fulfilment_status),
        "refunded": order.amount_refunded,
    }


def _trail(
    order: Order,
    action: str,
    user_id: int | None,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    leave_trail(action, "order", order.number, user_id=user_id, before=before, after=after)


@retried
def resend_mail(order_id: int, mail_id: int) -> None:
    """Send a mail about the order again. Raises NotFound for a mail about something else."""
    with transaction() as session:
        mail = session.get(MailMessage, mail_id)
        if mail is None or mail.order_id != order_id or mail.text_body is None:
            raise NotFound
        again = MailMessage.dedupe_key.startswith(f"mail.again:{mail_id}:")
        nth = session.scalar(select(func.count()).select_from(MailMessage).where(again)) or 0
        key = f"mail.again:{mail_id}:{nth + 1}"
        enqueue("mail.again", {"mail_id": mail_id, "nth": nth + 1}, dedupe_key=key)
