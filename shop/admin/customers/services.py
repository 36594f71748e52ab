"""What staff do about customers: block, erase, sign out, notes; each with its trail."""

from sqlalchemy import func, select, update

from shop.account.services import erase_account
from shop.admin.staff.owners import check_owner
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.auth.enqueue import enqueue_once
from shop.auth.sessions import close_all_sessions
from shop.core import plaintext
from shop.core.db import changed, db
from shop.core.errors import BadInput, NotFound, NotPermitted, OrderError
from shop.customers.booking import follow_account
from shop.models import Customer, CustomerNote, Role, User
from shop.shared.rate_limits import By, Limit, count_try

LONGEST_NOTE = 2000
_RESETS = (Limit(5, 3600, By.SUBJECT),)  # mails that staff have sent to one customer
NO_ACCOUNT = "They have no account: they ordered with their e-mail address alone."


@done_once
def block_customer(customer_id: int, *, is_blocked: bool, staff: Staff) -> Entry:
    """Sell nothing more to somebody and sign them out everywhere, or let them buy again.

    Raises NotFound, NotPermitted and OrderError as `_lock`.
    """
    with audited("customers.block", "customer", customer_id, staff=staff) as entry:
        customer, user = _lock(customer_id, staff)
        entry.before, entry.after = {"is_blocked": customer.is_blocked}, {"is_blocked": is_blocked}
        mine = Customer.id == customer_id
        changed(update(Customer).where(mine).values(is_blocked=is_blocked))
        if user is not None:
            changed(update(User).where(User.id == user.id).values(is_active=not is_blocked))
            follow_account(user.id)
            if is_blocked:
                close_all_sessions(user.id)
    return entry


@done_once
def erase_customer(customer_id: int, *, staff: Staff) -> Entry:
    """Erase the account of somebody; their orders stay in the books without it.

    Raises NotFound, NotPermitted, and OrderError, also while an order waits for its payment.
    """
    with audited("customers.erase", "customer", customer_id, staff=staff) as entry:
        _customer, user = _lock(customer_id, staff)
        if user is None:
            raise OrderError(NO_ACCOUNT)
        entry.before, entry.after = {"account": True}, {"account": False}
        erase_account(user.id)
    return entry


@done_once
def sign_customer_out(customer_id: int, *, staff: Staff) -> Entry:
    """End all sessions of somebody. Raises NotFound, NotPermitted, OrderError."""
    with audited("customers.end_sessions", "customer", customer_id, staff=staff) as entry:
        _customer, user = _lock(customer_id, staff)
        if user is None:
            raise OrderError(NO_ACCOUNT)
        ended = close_all_sessions(user.id)
        entry.before, entry.after = {"sessions": ended}, {"sessions": 0}
    return entry


def send_password_link(customer_id: int, ip: str, *, staff: Staff) -> None:
    """Send somebody the link to choose a new password, as if they had asked for it.

    Raises NotFound, NotPermitted, OrderError, TooManyRequests.
    """
    count_try("staff-reset", str(customer_id), ip, *_RESETS)
    _send_password_link(customer_id, staff=staff)


@done_once
def _send_password_link(customer_id: int, *, staff: Staff) -> Entry:
    with audited("customers.reset_password", "customer", customer_id, staff=staff) as entry:
        _customer, user = _lock(customer_id, staff)
        if user is None:
            raise OrderError(NO_ACCOUNT)
        if not user.is_active:
            raise OrderError("They are blocked: unblock them first.")
        enqueue_once("mail.password_reset", email_key=user.email_key)
        entry.after = {"mail": "password_reset"}
    return entry


@done_once
def write_customer_note(customer_id: int, text: str, *, staff: Staff) -> Entry:
    """Write a note for colleagues. Raises NotFound, BadInput (`note`)."""
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise BadInput(note=f"Write a note of at most {LONGEST_NOTE:,} characters.")
    with audited("customers.note", "customer", customer_id, staff=staff) as entry:
        if db.session.get(Customer, customer_id, with_for_update=True) is None:
            raise NotFound
        note = CustomerNote(
            customer_id=customer_id, user_id=staff.user_id, text=plaintext.prose(text)
        )
        db.session.add(note)
        mine = CustomerNote.customer_id == customer_id
        entry.after = {"notes": db.session.scalar(select(func.count(CustomerNote.id)).where(mine))}
    return entry


def _lock(customer_id: int, staff: Staff) -> tuple[Customer, User | None]:
    """Return a customer and their account, which nobody else changes until the commit.

    Raises NotFound, OrderError for oneself, NotPermitted for an owner's account, and for that of
    a colleague unless an owner acts.
    """
    user_id = db.session.scalar(select(Customer.user_id).where(Customer.id == customer_id))
    user = db.session.get(User, user_id, with_for_update=True) if user_id is not None else None
    if user is not None:
        _check_account(user, staff)
    customer = db.session.get(
        Customer, customer_id, with_for_update=user is None, populate_existing=True
    )
    if customer is None:
        raise NotFound
    return customer, user


def _check_account(user: User, staff: Staff) -> None:
    if user.id == staff.user_id:
        raise OrderError("Nobody does this to their own account here.")
    if user.role_id is None:
        return
    if db.session.scalar(select(Role.is_owner).where(Role.id == user.role_id)):
        raise NotPermitted("This is an account of an owner of the shop.")
    try:
        check_owner(staff.user_id)
    except NotPermitted as error:
        raise NotPermitted("This is a colleague’s account: an owner does that.") from error
