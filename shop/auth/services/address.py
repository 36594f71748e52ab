"""Proof that somebody reads mail at an address, and the change to another one."""

import logging
import secrets

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from shop.auth.client_info import ClientInfo
from shop.auth.enqueue import enqueue_once
from shop.auth.queries import read_user
from shop.auth.services.password import confirm_password, mark_proven
from shop.auth.sessions import close_all_sessions
from shop.auth.tokens import PROOF, LinkDead, mark_of, read_token, sign_token
from shop.core.clock import now
from shop.core.db import changed, retried, transaction
from shop.core.emails import normalise_email
from shop.core.errors import BadInput
from shop.customers.booking import follow_account
from shop.mail.reach import reachable_email
from shop.models import User
from shop.shared.rate_limits import By, Limit, clear_attempts, count_try

log = logging.getLogger(__name__)

SEND_PROOF = (Limit(5, 3600, By.SUBJECT),)


def request_proof(user_id: int, ip: str) -> None:
    """Send the link that proves the present address once more. Raises TooManyRequests."""
    count_try("proof", str(user_id), ip, *SEND_PROOF)
    _send_proof(user_id)


@retried
def _send_proof(user_id: int) -> None:
    with transaction():
        enqueue_once("mail.verify_email", user_id=user_id)


def request_email_change(user_id: int, email: str, password: str, ip: str) -> None:
    """Send a link to the new address and a notice to the present one; nothing changes yet.

    The same happens when the new address belongs to somebody else: the mail to it says so, this
    page does not. Raises BadInput (`email`, `password`), TooManyRequests.
    """
    address = reachable_email(email)
    user, try_id = confirm_password(user_id, password, ip, field="password")
    if normalise_email(address) == user.email_key:
        raise BadInput(email="This is your address already.")
    count_try("proof", str(user_id), ip, *SEND_PROOF)
    _ask_change(user, address, try_id)
    log.info("email change asked", extra={"user_id": user_id, "ip": ip})


@retried
def _ask_change(user: User, address: str, try_id: int) -> None:
    with transaction():
        clear_attempts(try_id)
        enqueue_once("mail.email_change", user_id=user.id, email=address)
        enqueue_once("mail.email_change_notice", present=user.email, email=address)


def make_proof_token(user: User, email: str) -> str:
    """Return a token that proves whoever has it reads mail at `email`, for this account."""
    return sign_token(PROOF, [user.id, email, mark_of(user)])


def read_proof_token(token: str) -> tuple[User, str]:
    """Return the account and the address that the token proves. Raises LinkDead."""
    user_id, email, mark = read_token(PROOF, token)
    user = read_user(User.id == user_id)
    if user is None or not user.is_active or not secrets.compare_digest(mark_of(user), mark):
        raise LinkDead
    return user, email


def prove_address(token: str, asked_by: ClientInfo, user_id: int | None, password: str = "") -> str:
    """Note that the address is proven, or change to it; return the address.

    The link shows that somebody reads the mail; that the account is theirs too, they show by
    being signed in to it (`user_id`) or by its password. Without that a stranger who registers
    an address would be handed its orders by its owner's good-natured press of the button.
    A change ends all sessions but the asking one. Raises LinkDead; BadInput (`password`), or
    when the address went to another account meanwhile; TooManyRequests.
    """
    user, email = read_proof_token(token)
    try_id = None
    if user.id != user_id:
        _user, try_id = confirm_password(user.id, password, asked_by.ip, field="password")
    _prove(user, email, asked_by.session_id, try_id)
    log.info("address proven", extra={"user_id": user.id, "ip": asked_by.ip})
    return email


@retried
def _prove(user: User, email: str, session_id: int | None, try_id: int | None) -> None:
    key, other = normalise_email(email), aliased(User)
    same = (User.id == user.id) & (User.email_key == user.email_key) & User.is_active
    free = ~select(other.id).where(other.email_key == key, other.id != user.id).exists()
    values = {"email": email, "email_key": key, "email_verified_at": now()}
    try:
        with transaction():
            if not changed(update(User).where(same, free).values(values)):
                raise BadInput("This address belongs to another account.")
            if try_id is not None:
                clear_attempts(try_id)
            if key != user.email_key:
                close_all_sessions(user.id, session_id)
                follow_account(user.id)
            mark_proven(user.id)
    except IntegrityError as error:
        raise BadInput("This address belongs to another account.") from error
