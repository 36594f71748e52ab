"""Signing in, registering, undoing a registration, signing out."""

import logging
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select, update

from shop.auth.client_info import ClientInfo
from shop.auth.enqueue import enqueue_once
from shop.auth.passwords import check_new_password, hash_password, matches, needs_rehash
from shop.auth.queries import read_user
from shop.auth.services.second_factor import count_code, has_second_factor, use_code
from shop.auth.sessions import close_session, open_session
from shop.auth.tokens import HALF, LinkDead, mark_of, read_token, sign_token
from shop.cart.merge import MergedCart, merge_carts
from shop.core.clock import now
from shop.core.db import changed, crash_point, insert_new, retried, transaction
from shop.core.emails import clean_email, normalise_email
from shop.core.errors import BadInput, NotPermitted
from shop.customers.booking import follow_account
from shop.mail.reach import reachable_email
from shop.models import Cart, Order, User
from shop.settings.queries import shop_settings
from shop.shared.rate_limits import By, Limit, clear_attempts, count_try

log = logging.getLogger(__name__)

SIGN_IN: Final = (
    Limit(5, 3600, By.SUBJECT_AND_IP, first_wait=15),
    Limit(30, 3600, By.IP, first_wait=15),
)
REGISTER: Final = (Limit(10, 3600, By.IP),)
UNDO_WITHIN: Final = timedelta(hours=24)
WRONG: Final = "The email address or the password is not right."
TAKEN: Final = "There is an account with this address already. Sign in, or reset its password."


@dataclass(frozen=True)
class SignedIn:
    """`token` goes into the cookie. `is_new`: the account was made just now."""

    user_id: int
    email: str
    token: str
    is_new: bool = False
    merged: MergedCart = field(default_factory=MergedCart)


@dataclass(frozen=True)
class CodeNeeded:
    """The password was right; `half` goes into the cookie and is worth nothing without a code."""

    half: str


def sign_in(email: str, password: str, browser: ClientInfo) -> SignedIn | CodeNeeded:
    """Sign in; an unknown address becomes an account while the merchant's setting says so.

    The guest's cart joins the account's, once. An account with a second factor is signed in by
    `finish_sign_in` only. Raises BadInput, TooManyRequests.
    """
    address = clean_email(email)
    key = normalise_email(address)
    try_id = count_try("login", key, browser.ip, *SIGN_IN)
    user = _find(key)
    if user is None and shop_settings().registration_at_login:
        made = _make_account(address, key, password, browser, try_id)
        if made is not None:
            return made
        user = _find(key)  # somebody registered it in this very moment: it must be their password
    return _admit(user, password, browser, try_id)


def register_user(email: str, password: str, browser: ClientInfo) -> SignedIn | CodeNeeded:
    """Make an account and sign in; with the right password an existing one is simply signed in.

    Raises BadInput (`email` or `password`), TooManyRequests.
    """
    address = clean_email(email)
    key = normalise_email(address)
    try_id = count_try("login", key, browser.ip, *SIGN_IN)
    user = _find(key)
    if user is None:
        made = _make_account(address, key, password, browser, try_id)
        if made is not None:
            return made
        user = _find(key)
    try:
        return _admit(user, password, browser, try_id)
    except BadInput as error:
        raise BadInput(email=TAKEN) from error


def _find(key: str) -> User | None:
    return read_user(User.email_key == key)


def _admit(
    user: User | None, password: str, browser: ClientInfo, try_id: int
) -> SignedIn | CodeNeeded:
    """Check the password and open a session; the same work is done when there is no account."""
    is_right = matches(user.password_hash if user else None, password)
    if user is None or not is_right or not user.is_active:
        log.warning(
            "sign-in failed", extra={"user_id": user.id if user else None, "ip": browser.ip}
        )
        raise BadInput(password=WRONG)
    fresh = hash_password(password) if needs_rehash(user.password_hash) else user.password_hash
    signed_in = _enter(user, fresh, browser, try_id)
    said = "signed in" if isinstance(signed_in, SignedIn) else "password right, code to come"
    log.info(said, extra={"user_id": user.id, "ip": browser.ip})
    return signed_in


@retried
def _enter(user: User, fresh_hash: str, browser: ClientInfo, try_id: int) -> SignedIn | CodeNeeded:
    with transaction():
        # The password may have been changed, or the account disabled, since it was checked.
        same = (User.id == user.id) & (User.password_hash == user.password_hash) & User.is_active
        if not changed(update(User).where(same).values(password_hash=fresh_hash)):
            raise BadInput(password=WRONG)
        clear_attempts(try_id)
        if has_second_factor(user.id):
            return CodeNeeded(sign_token(HALF, [user.id, _mark(user, fresh_hash)]))
        return _complete_sign_in(user.id, user.email, browser, is_new=False)


def finish_sign_in(half: str, code: str, browser: ClientInfo) -> SignedIn:
    """Sign in who has shown the password (`half`, of CodeNeeded) and now shows a code.

    Raises LinkDead when `half` is too old or the password has changed, BadInput (`code`),
    TooManyRequests.
    """
    user_id, mark = read_token(HALF, half)
    user = read_user((User.id == user_id) & User.is_active)
    if user is None or not secrets.compare_digest(mark_of(user), mark):
        raise LinkDead
    try_id = count_code(user_id, browser.ip)
    signed_in = _enter_with_code(user, code, browser, try_id)
    log.info("signed in with a code", extra={"user_id": user_id, "ip": browser.ip})
    return signed_in


@retried
def _enter_with_code(user: User, code: str, browser: ClientInfo, try_id: int) -> SignedIn:
    with transaction():
        same = (User.id == user.id) & (User.password_hash == user.password_hash) & User.is_active
        if not changed(update(User).where(same).values(password_hash=user.password_hash)):
            raise LinkDead
        use_code(user.id, code)
        clear_attempts(try_id)
        return _complete_sign_in(user.id, user.email, browser, is_new=False)


def _mark(user: User, fresh_hash: str) -> str:
    user.password_hash = fresh_hash  # detached: nothing is written by this
    return mark_of(user)


def _make_account(
    address: str, key: str, password: str, browser: ClientInfo, try_id: int
) -> SignedIn | None:
    """Register the address; None when somebody else did so in the same moment.

    Raises BadInput for an address that our mails cannot reach (`email`) and for a weak password.
    """
    reachable_email(address)
    check_new_password(password, address, shop_settings().name)
    count_try("register", key, browser.ip, *REGISTER)
    signed_in = _insert(address, key, hash_password(password), browser, try_id)
    if signed_in is not None:
        log.info("registered", extra={"user_id": signed_in.user_id, "ip": browser.ip})
    return signed_in


@retried
def _insert(
    address: str, key: str, password_hash: str, browser: ClientInfo, try_id: int
) -> SignedIn | None:
    crash_point("before-register")
    with transaction() as session:
        if not insert_new(User, email=address, email_key=key, password_hash=password_hash):
            return None
        user_id = session.scalars(select(User.id).where(User.email_key == key)).one()
        follow_account(user_id)
        clear_attempts(try_id)
        enqueue_once("mail.verify_email", user_id=user_id)
        return _complete_sign_in(user_id, address, browser, is_new=True)


def _complete_sign_in(user_id: int, email: str, browser: ClientInfo, *, is_new: bool) -> SignedIn:
    close_session(browser.session_id)
    token = open_session(user_id, browser.user_agent)
    merged = merge_carts(browser.cart_hash, user_id) if browser.cart_hash else MergedCart()
    return SignedIn(user_id, email, token, is_new, merged)


@retried
def undo_registration(user_id: int, cart_hash: str) -> None:
    """Delete an account that was made by mistake; its cart goes back to the guest of `cart_hash`.

    Only within a day, before its address was proven and before anything was ordered with it.
    Raises NotPermitted.
    """
    with transaction() as session:
        user = session.get(User, user_id, with_for_update=True)
        is_young = user is not None and user.created_at > now() - UNDO_WITHIN
        orders = session.scalar(select(Order.id).where(Order.user_id == user_id).limit(1))
        if user is None or not is_young or user.email_verified_at or user.role_id or orders:
            raise NotPermitted("This account is in use and cannot be undone any more.")
        changed(
            update(Cart).where(Cart.user_id == user_id).values(user_id=None, token_hash=cart_hash)
        )
        changed(delete(User).where(User.id == user_id))
    log.info("registration undone", extra={"user_id": user_id})


def sign_out(session_id: int | None) -> None:
    """End the session on the server: its cookie is worthless from now on."""
    if close_session(session_id):
        log.info("signed out", extra={"session_id": session_id})
