"""What is kept for how long, and how it goes: in small transactions, oldest first, again and again.

Books and history stay (orders, payments, stock, who changed what); what names people or was only
needed for a while goes. Each function returns how many rows or files it has dealt with.
"""

import logging
import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, delete, func, null, or_, select, update

from shop.core.addresses import FIELDS
from shop.core.clock import now, today
from shop.core.config import config
from shop.core.db import abandon, changed, db, retried
from shop.core.errors import Busy
from shop.core.isolation import Run, each
from shop.core.long_writes import Pace, turn
from shop.customers.booking import follow_customer
from shop.customers.facts import key_of_order
from shop.mail.transport import mail_folder
from shop.models import (
    Attention,
    AuditEntry,
    Cart,
    CheckoutAttempt,
    ContactMessage,
    CouponRedemption,
    Job,
    JobState,
    LoginAttempt,
    MailMessage,
    Order,
    OrderNote,
    Payment,
    Refund,
    StaffInvitation,
    UserSession,
    Visit,
    VisitSalt,
    WebhookEvent,
)
from shop.models.order import CHECKOUT_TEXTS, DEAD, OPEN
from shop.models.payment import UNDER_WAY

log = logging.getLogger(__name__)

CHUNK: Final = 200  # rows in one transaction at most
DAYS: Final = {
    "done_jobs": 7,
    "webhook_payloads": 30,
    "login_attempts": 30,
    "guest_carts": 60,
    "drafts": 60,
    "mail_bodies": 90,
    "messages": 180,
    "failed_jobs": 90,
    "invitations": 90,
    "unpaid_orders": 90,
}

Act = Callable[[list[Any]], object]


def apply_retention() -> dict[str, int]:
    """Let go of everything whose time is over, but for carts; return how much of each.

    Each kind, and each row that cannot go, by itself. Raises SomeFailed at the end.
    """
    kinds: dict[str, Callable[[], int]] = {
        "done_jobs": lambda: forget_jobs(JobState.DONE, _before("done_jobs")),
        "failed_jobs": lambda: forget_jobs(JobState.FAILED, _before("failed_jobs")),
        "webhook_payloads": lambda: drop_payloads(_before("webhook_payloads")),
        "login_attempts": lambda: forget_login_attempts(_before("login_attempts")),
        "sessions": lambda: end_sessions(now()),
        "invitations": lambda: forget_invitations(_before("invitations")),
        "visits": lambda: forget_visits(today(config().timezone) - timedelta(days=1)),
        "mail_bodies": lambda: drop_mail_bodies(_before("mail_bodies")),
        "mail_files": lambda: remove_mail_files(_before("mail_bodies")),
        "messages": lambda: forget_messages(_before("messages")),
        "drafts": lambda: forget_drafts(_before("drafts")),
        "unpaid_orders": lambda: anonymise_orders(_before("unpaid_orders")),
    }
    done: dict[str, int] = {}

    def let_go(kind: str) -> None:
        done[kind] = kinds[kind]()

    run = each("letting go", kinds, let_go)
    log.info("retention", extra={kind: count for kind, count in done.items() if count})
    run.check()
    return done


def clean_up_carts() -> int:
    """Delete guests' carts that nobody has touched for 60 days and no open order needs."""
    needed = select(Order.id).where(Order.cart_id == Cart.id, Order.payment_status.in_(OPEN))
    idle = select(Cart.id).where(
        Cart.user_id.is_(None), Cart.updated_at < _before("guest_carts"), ~needed.exists()
    )
    return _in_chunks(idle.order_by(Cart.updated_at), _delete(Cart))


def forget_drafts(before: datetime) -> int:
    """Forget what was typed at checkout of carts that nobody has touched since the moment.

    A customer's cart stays, and is no fresher for it.
    """
    old = select(Cart.id).where(Cart.draft.is_not(null()), Cart.updated_at < before)
    forget = _set(Cart, draft=null(), updated_at=Cart.updated_at)
    return _in_chunks(old.order_by(Cart.updated_at), forget)


def forget_jobs(state: JobState, before: datetime) -> int:
    """Delete jobs that ended before the moment; their keys may be used again."""
    old = select(Job.id).where(Job.state == state, Job.finished_at < before)
    return _in_chunks(old.order_by(Job.id), _delete(Job))


def drop_payloads(before: datetime) -> int:
    """Empty webhook events received before the moment; that they came stays on record.

    Those that were kept because nobody knew what they are about wait no longer.
    """
    old = select(WebhookEvent.id).where(
        WebhookEvent.received_at < before, WebhookEvent.payload.is_not(null())
    )
    ended = func.coalesce(WebhookEvent.processed_at, now())
    return _in_chunks(
        old.order_by(WebhookEvent.id), _set(WebhookEvent, payload=null(), processed_at=ended)
    )


def forget_login_attempts(before: datetime) -> int:
    """Delete what was counted for limits before the moment."""
    old = select(LoginAttempt.id).where(LoginAttempt.created_at < before)
    return _in_chunks(old.order_by(LoginAttempt.id), _delete(LoginAttempt))


def forget_visits(before: date) -> int:
    """Forget who came on days before that one; how many came is kept.

    The salt goes first: from then on nobody can tell whose the hashes were.
    """
    with turn():
        changed(delete(VisitSalt).where(VisitSalt.day < before))
    return _in_chunks(select(Visit.id).where(Visit.day < before).order_by(Visit.id), _delete(Visit))


def end_sessions(before: datetime) -> int:
    """Delete sessions that ended before the moment."""
    old = select(UserSession.id).where(UserSession.expires_at < before)
    return _in_chunks(old.order_by(UserSession.id), _delete(UserSession))


def drop_mail_bodies(before: datetime) -> int:
    """Empty mails written before the moment; that they were sent stays on record."""
    old = select(MailMessage.id).where(
        MailMessage.created_at < before,
        MailMessage.text_body.is_not(None) | MailMessage.html_body.is_not(None),
    )
    return _in_chunks(old, _set(MailMessage, text_body=None, html_body=None))


def forget_messages(before: datetime) -> int:
    """Delete messages of visitors that were done before the moment; open ones stay."""
    old = select(ContactMessage.id).where(ContactMessage.done_at < before)
    return _in_chunks(old.order_by(ContactMessage.done_at), _delete(ContactMessage))


def remove_mail_files(before: datetime) -> int:
    """Remove the files of mails that stayed on this machine."""
    old = [
        path
        for path in mail_folder(config()).glob("*.eml")
        if path.stat().st_mtime < before.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def forget_invitations(before: datetime) -> int:
    """Delete invitations, whatever became of them, whose link stopped working before the moment."""
    this = StaffInvitation
    old = select(this.id).where(this.expires_at < before).order_by(this.id)
    return _in_chunks(old, lambda ids: changed(delete(this).where(this.id.in_(ids))))


def anonymise_orders(before: datetime) -> int:
    """Take the person out of orders that ended unpaid before the moment; the books stay whole."""
    here = select(Payment.id).where(
        Payment.order_id == Order.id, Payment.amount_refunded < Payment.amount
    )
    # What is on its way back may not arrive, and what arrived may be returned by the bank.
    going = select(Refund.id).where(
        Refund.order_id == Order.id,
        or_(Refund.state.in_(UNDER_WAY), Refund.updated_at >= before),
    )
    old = select(Order.id).where(
        Order.payment_status.in_(DEAD),
        ~here.exists(),
        ~going.exists(),
        Order.attention != Attention.MISMATCH,  # money came that belongs to somebody
        Order.closed_at < before,
        Order.anonymised_at.is_(None),
    )
    return _in_chunks(old.order_by(Order.id), _anonymise)


def _anonymise(order_ids: list[int]) -> None:
    nobody: dict[str, Any] = {
        "email": "", "email_key": "", "phone": "", "customer_name": "", "company": "",
        "search_text": "", "vat_id": "", "ip": "", "user_id": None, "checkout_token": None,
        **dict.fromkeys(CHECKOUT_TEXTS.values(), ""),
        "anonymised_at": now(),
    }  # fmt: skip
    whose = select(Order.user_id, Order.email_key).where(Order.id.in_(order_ids)).distinct()
    for user_id, email_key in db.session.execute(whose).all():
        follow_customer(key_of_order(user_id, email_key))
    countries = select(Order.id, Order.country).where(Order.id.in_(order_ids))
    for order_id, country in db.session.execute(countries).all():
        nowhere = {**dict.fromkeys(FIELDS, ""), "country": country}  # taxes are counted by it
        values = {**nobody, "shipping_address": nowhere, "access_token": secrets.token_urlsafe(24)}
        changed(update(Order).where(Order.id == order_id).values(**values))
    gone = {"to_address": "", "to_key": "", "subject": "", "text_body": None, "html_body": None}
    changed(update(MailMessage).where(MailMessage.order_id.in_(order_ids)).values(**gone))
    numbers = select(Order.number).where(Order.id.in_(order_ids))
    told = update(AuditEntry).where(
        AuditEntry.action == "orders.contact", AuditEntry.object_id.in_(numbers)
    )
    changed(told.values(before=None, after=None))
    changed(delete(OrderNote).where(OrderNote.order_id.in_(order_ids)))
    # An order that died gave its use back: it counts for nobody any more.
    used = update(CouponRedemption).where(CouponRedemption.order_id.in_(order_ids))
    changed(used.values(email_key="", user_id=None))
    bare = update(CheckoutAttempt).where(CheckoutAttempt.order_id.in_(order_ids))
    changed(bare.values(params={}, session_url=None))


def _before(what: str) -> datetime:
    return now() - timedelta(days=DAYS[what])


def _in_chunks(find: Select[Any], act: Act) -> int:
    """Find the next ids and act on them, a transaction each, until there are none.

    A chunk that fails is gone through row by row, so that one row keeps no other. Raises
    SomeFailed at the end.
    """
    key = next(iter(find.selected_columns))
    total, stuck, pace = 0, Run[Any]("rows"), Pace(min(10, CHUNK), CHUNK)
    while True:
        ids: list[Any] = []
        try:
            wanted = find.where(key.not_in([f.item for f in stuck.failures]))
            done = _next_chunk(wanted, act, ids, pace)
        except Busy:
            raise
        except Exception:
            log.exception("a chunk failed; now row by row", extra={"table": str(key)})
            abandon()
            rows = each(str(key), ids, lambda row_id: _act_on([row_id], act))
            if not rows.looked_at:
                raise
            stuck.failures += rows.failures
            done = rows.looked_at
            total -= len(rows.failures)
        if not done:
            stuck.check()
            return total
        total += done


@retried
def _next_chunk(find: Select[Any], act: Act, ids: list[Any], pace: Pace) -> int:
    if db.session.execute(find.limit(1)).first() is None:
        return 0  # without asking for the lock
    with pace.turn() as session:
        ids[:] = session.scalars(find.limit(pace.size))
        if ids:
            act(ids)
        return len(ids)


@retried
def _act_on(ids: list[Any], act: Act) -> None:
    with turn():
        act(ids)


def _delete(model: Any) -> Act:
    return lambda ids: changed(delete(model).where(model.id.in_(ids)))


def _set(model: Any, **values: Any) -> Act:
    return lambda ids: changed(update(model).where(model.id.in_(ids)).values(**values))
