"""Forgotten and changed passwords."""

import logging
import secrets
from typing import Final

from sqlalchemy import update

from shop.auth.client_info import ClientInfo
from shop.auth.enqueue import enqueue_once
from shop.auth.passwords import check_new_password, hash_password, matches
from shop.auth.queries import read_user
from shop.auth.sessions import close_all_sessions, open_session
from shop.auth.tokens import RESET, LinkDead, mark_of, read_token, sign_token
from shop.core.clock import now
from shop.core.db import changed, retried, transaction
from shop.core.emails import clean_email, normalise_email
from shop.core.errors import BadInput, NotFound
from shop.models import User
from shop.settings.queries import shop_settings
from shop.shared.rate_limits import By, Limit, clear_attempts, clear_subject, count_try

log = logging.getLogger(__name__)

ASK_RESET: Final = (Limit(5, 3600, By.SUBJECT), Limit(20, 3600, By.IP))
CONFIRM: Final = (Limit(5, 3600, By.SUBJECT_AND_IP, first_wait=15),)
NOT_YOURS: Final = "This is not your present password."


def request_password_reset(email: str, ip: str) -> None:
    """Have a link sent to the account of this address, if there is one.

    Whether there is one is looked up by the job that sends the mail: for known and unknown
    addresses this does the very same work. Raises BadInput, TooManyRequests.
    """
    key = normalise_email(clean_email(email))
    count_try("reset", key, ip, *ASK_RESET)
    _ask(key)
    log.info("reset asked", extra={"ip": ip})


@retried
def _ask(key: str) -> None:
    with transaction():
        enqueue_once("mail.password_reset", email_key=key)


def make_reset_token(email_key: str) -> tuple[User, str] | None:
    """Return the account of an address and a token to reset its password; None without one."""
    user = read_user((User.email_key == email_key) & User.is_active)
    if user is None:
        return None
    return user, sign_token(RESET, [user.id, mark_of(user)])


def read_reset_token(token: str) -> User:
    """Return whose password the token may reset. Raises LinkDead."""
    user_id, mark = read_token(RESET, token)
    user = read_user(User.id == user_id)
    if user is None or not user.is_active or not secrets.compare_digest(mark_of(user), mark):
        raise LinkDead
    return user


def reset_password(token: str, password: str, ip: str) -> None:
    """Give the account of the token a new password; all its sessions and other links end.

    The link came by mail, so the address is proven too. Raises LinkDead, BadInput (`password`).
    """
    user = read_reset_token(token)
    check_new_password(password, user.email, user.name, shop_settings().name)
    _reset(user, hash_password(password))
    log.info("password reset", extra={"user_id": user.id, "ip": ip})


@retried
def _reset(user: User, fresh_hash: str) -> None:
    with transaction():
        if not _replace(user, fresh_hash):
            raise LinkDead  # used a moment ago, in another tab
        close_all_sessions(user.id)
        clear_subject("login", user.email_key)
        if user.email_verified_at is None:
            mark_proven(user.id)


def change_password(user_id: int, old: str, new: str, browser: ClientInfo) -> str:
    """Change the password of somebody signed in; return the token of their new session.

    All their other sessions and all links in mails end. Raises BadInput (`old_password`,
    `password`), TooManyRequests.
    """
    user, try_id = confirm_password(user_id, old, browser.ip, field="old_password")
    check_new_password(new, user.email, user.name, shop_settings().name)
    token = _change(user, hash_password(new), browser, try_id)
    log.info("password changed", extra={"user_id": user_id, "ip": browser.ip})
    return token


@retried
def _change(user: User, fresh_hash: str, browser: ClientInfo, try_id: int) -> str:
    with transaction():
        if not _replace(user, fresh_hash):
            raise BadInput(old_password=NOT_YOURS)
        clear_attempts(try_id)
        close_all_sessions(user.id)
        return open_session(user.id, browser.user_agent)


def confirm_password(user_id: int, password: str, ip: str, field: str) -> tuple[User, int]:
    """Return the user and the id of the counted try if this is their password.

    Forgive the try in the transaction that acts on it. Raises BadInput at `field`,
    TooManyRequests.
    """
    try_id = count_try("confirm", str(user_id), ip, *CONFIRM)
    user = read_user(User.id == user_id)
    if user is None:
        raise NotFound
    if not matches(user.password_hash, password):
        log.warning("password not confirmed", extra={"user_id": user_id, "ip": ip})
        raise BadInput(**{field: NOT_YOURS})
    return user, try_id


def _replace(user: User, fresh_hash: str) -> bool:
    """Set the new hash if the account is still as it was; tell its owner by mail."""
    same = (User.id == user.id) & (User.password_hash == user.password_hash) & User.is_active
    values = {"password_hash": fresh_hash, "password_changed_at": now()}
    if not changed(update(User).where(same, User.email_key == user.email_key).values(values)):
        return False
    enqueue_once("mail.password_changed", user_id=user.id)
    return True


def mark_proven(user_id: int) -> None:
    """Note that the user reads mail at their address; what waited for that follows by a job."""
    changed(update(User).where(User.id == user_id).values(email_verified_at=now()))
    enqueue_once("account.address_proven", user_id=user_id)
