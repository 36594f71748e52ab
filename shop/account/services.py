"""Changing what belongs to an account; orders found by a proven address; closing it."""

import logging
from typing import Final

from sqlalchemy import ColumnElement, delete, func, select, update

from shop.account.queries import written_by
from shop.auth.services import confirm_password
from shop.core.addresses import PostalAddress, clean_name, clean_phone
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, NotFound, NotPermitted, OrderError
from shop.coupons.services import claim_redemptions
from shop.customers.booking import follow_account, follow_customer, take_guest
from shop.models import (
    Address,
    ContactMessage,
    LoginAttempt,
    MailMessage,
    Order,
    StaffInvitation,
    User,
)
from shop.models.order import OPEN

log = logging.getLogger(__name__)

MAX_ADDRESSES: Final = 50
OPEN_OF_YOURS: Final = "An order of yours waits for its payment. Finish or cancel it first."
OPEN_OF_THEIRS: Final = "An order of theirs waits for its payment: let it be paid or cancel it."


@retried
def update_details(user_id: int, name: str, phone: str) -> None:
    """Store name and phone number. Raises BadInput (`name`, `phone`)."""
    values = {"name": clean_name(name), "phone": clean_phone(phone)}
    with transaction():
        changed(update(User).where(User.id == user_id).values(**values))
        follow_account(user_id)


@retried
def add_address(user_id: int, address: PostalAddress, *, is_default: bool = False) -> int:
    """Put an address into the book and return its id; the first one becomes the default.

    Raises BadInput when the book is full.
    """
    with transaction() as session:
        _lock_book(user_id)
        mine = select(func.count()).select_from(Address).where(Address.user_id == user_id)
        known = session.scalar(mine) or 0
        if known >= MAX_ADDRESSES:
            raise BadInput(f"An address book holds {MAX_ADDRESSES} addresses. Delete one first.")
        row = Address(user_id=user_id, **address.as_dict())
        session.add(row)
        session.flush()
        if is_default or not known:
            _set_default(user_id, row.id)
        return row.id


@retried
def keep_address(user_id: int, address: PostalAddress) -> None:
    """Put an address into the book unless it is there. Raises BadInput when the book is full."""
    with transaction() as session:
        _lock_book(user_id)
        same = [getattr(Address, name) == value for name, value in address.as_dict().items()]
        mine = select(Address.id).where(Address.user_id == user_id, *same)
        if session.scalar(mine.limit(1)) is None:
            add_address(user_id, address)


@retried
def update_address(
    user_id: int, address_id: int, address: PostalAddress, *, is_default: bool = False
) -> None:
    """Change an address of one's own. Raises NotFound for anybody else's."""
    with transaction():
        _lock_book(user_id)
        mine = (Address.id == address_id) & (Address.user_id == user_id)
        if not changed(update(Address).where(mine).values(**address.as_dict())):
            raise NotFound
        if is_default:
            _set_default(user_id, address_id)


@retried
def make_default(user_id: int, address_id: int) -> None:
    """Let checkout begin with this address. Raises NotFound for anybody else's."""
    with transaction():
        _lock_book(user_id)
        _set_default(user_id, address_id)


@retried
def delete_address(user_id: int, address_id: int) -> None:
    """Take an address out of the book; another becomes the default if it was that.

    Orders keep the address they were sent to. Raises NotFound for anybody else's.
    """
    with transaction() as session:
        _lock_book(user_id)
        mine = (Address.id == address_id) & (Address.user_id == user_id)
        was_default = session.scalar(select(Address.is_default).where(mine))
        if not changed(delete(Address).where(mine)):
            raise NotFound
        newest = session.scalar(select(func.max(Address.id)).where(Address.user_id == user_id))
        if was_default and newest:
            _set_default(user_id, newest)


def _lock_book(user_id: int) -> None:
    """Let changes of one book follow each other, so that there is never a second default."""
    found = db.session.scalar(select(User.id).where(User.id == user_id).with_for_update())
    if found is None:
        raise NotFound


def _set_default(user_id: int, address_id: int) -> None:
    others = (Address.user_id == user_id) & Address.is_default & (Address.id != address_id)
    changed(update(Address).where(others).values(is_default=False))
    mine = (Address.id == address_id) & (Address.user_id == user_id)
    if not changed(update(Address).where(mine).values(is_default=True)):
        raise NotFound


@retried
def adopt_guest_orders(user_id: int) -> int:
    """Give the account the guest orders placed with its address; return how many.

    Only once the address is proven: otherwise anybody could register it and read them.
    """
    with transaction() as session:
        user = session.get(User, user_id)
        if user is None or user.email_verified_at is None:
            return 0
        theirs = (Order.email_key == user.email_key) & Order.user_id.is_(None)
        adopted = changed(update(Order).where(theirs).values(user_id=user_id))
        if adopted:
            take_guest(user.email_key, user_id)
            claim_redemptions(user_id)
        return adopted


def close_account(user_id: int, password: str, ip: str) -> None:
    """Delete the account with its sessions, addresses, cart and messages; orders stay without it.

    Orders are part of the books, which the law makes the merchant keep. Raises BadInput
    (`password`), NotPermitted for staff, OrderError while an order waits for its payment,
    TooManyRequests.
    """
    user, _try_id = confirm_password(user_id, password, ip, field="password")
    if user.role_id is not None:
        raise NotPermitted("A staff account is closed by an owner of the shop.")
    _close(user)
    log.info("account closed", extra={"user_id": user_id, "ip": ip})


@retried
def _close(user: User) -> None:
    with transaction():
        _erase(user.id, OPEN_OF_YOURS, User.password_hash == user.password_hash)


def erase_account(user_id: int) -> None:
    """Delete an account as `close_account` does, by staff; joins the caller's transaction.

    Raises NotFound, also for staff, and OrderError while an order waits for its payment.
    """
    with transaction():
        _erase(user_id, OPEN_OF_THEIRS, User.role_id.is_(None))
    log.info("account erased", extra={"user_id": user_id})


def _erase(user_id: int, refusal: str, same: ColumnElement[bool]) -> None:
    """Delete an account that is still `same`, and what is kept of it but orders."""
    user = db.session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    waiting = select(Order.id).where(Order.user_id == user_id, Order.payment_status.in_(OPEN))
    if db.session.scalar(waiting.limit(1)):
        raise OrderError(refusal)
    ordered = select(Order.email_key).where(Order.user_id == user_id).distinct()
    for email_key in db.session.scalars(ordered).all():
        follow_customer(email_key)  # their orders stay, and are those of an address now
    key = user.email_key
    changed(delete(ContactMessage).where(written_by(user)))
    if not changed(delete(User).where(User.id == user_id, same, User.role_id.is_(None))):
        raise NotFound
    db.session.expunge(user)
    changed(delete(StaffInvitation).where(StaffInvitation.email_key == key))
    tried = LoginAttempt.subject.in_([key, str(user_id)])
    changed(delete(LoginAttempt).where(tried))
    mine = MailMessage.to_key == key
    changed(delete(MailMessage).where(mine, MailMessage.order_id.is_(None)))
