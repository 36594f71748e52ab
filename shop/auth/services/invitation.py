"""Becoming staff by the link of an invitation, which proves who reads mail at its address."""

import hashlib
import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from sqlalchemy import select, update

from shop.auth.enqueue import enqueue_once
from shop.auth.passwords import check_new_password, hash_password
from shop.auth.services.password import mark_proven
from shop.auth.sessions import close_all_sessions
from shop.auth.tokens import LinkDead
from shop.core.addresses import clean_name
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import changed, crash_point, db, end_read, insert_new, retried, transaction
from shop.core.errors import ShopError
from shop.customers.booking import follow_account
from shop.models import Role, StaffInvitation, User
from shop.settings.queries import shop_settings
from shop.shared.audit_log import write_audit_entry
from shop.shared.rate_limits import By, Limit, clear_subject, count_try

log = logging.getLogger(__name__)

INVITED_FOR: Final = timedelta(days=7)
ACCEPT: Final = (Limit(10, 3600, By.SUBJECT_AND_IP), Limit(30, 3600, By.IP))


class InvitationVoid(ShopError):
    """The link is genuine, but what it was made for is gone: role, inviter, or the way in."""

    status = HTTPStatus.GONE
    message = "This invitation cannot be accepted any more. Ask whoever sent it for another one."


class InvitationAccepted(ShopError):
    """The invitation was accepted before, by whoever had its link: there is nothing to do."""

    status = HTTPStatus.CONFLICT
    message = "This invitation is accepted. Sign in."


@dataclass(frozen=True)
class InvitationReading:
    """Who is invited to be what; `user_id`: the account with the address, which no page tells."""

    id: int
    email: str
    role: str
    user_id: int | None


def new_invitation_seed() -> str:
    """Return what the token of a new link will follow from."""
    return secrets.token_urlsafe(24)


def hash_invitation_token(token: str) -> str:
    """Return a token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_of_invitation(seed: str) -> str:
    """Return the token of the link; whoever reads the database alone cannot make it."""
    content = f"staff-invitation|{seed}".encode()
    digest = hmac.new(config().secret_key.encode(), content, hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def read_invitation(token: str) -> InvitationReading:
    """Return what a link invites to. Raises LinkDead, InvitationAccepted, InvitationVoid."""
    row = _find(token)
    role = db.session.get(Role, row.role_id) if row.role_id is not None else None
    if role is None or not _may_invite(row.invited_by_id):
        raise InvitationVoid
    user = db.session.execute(
        select(User.id, User.role_id, User.is_active).where(User.email_key == row.email_key)
    ).one_or_none()
    if user is not None and (user.role_id is not None or not user.is_active):
        raise InvitationVoid
    reading = InvitationReading(row.id, row.email, role.name, user.id if user else None)
    end_read()  # slow hashing may follow
    return reading


def accept_invitation(token: str, name: str, password: str, ip: str) -> None:
    """Make the invited person staff, with this name and password; their sessions end.

    An account that the address has already gets the password, as by a reset: whoever registered
    the address before does not become staff with the password they chose. Raises as
    `read_invitation`, BadInput (`name`, `password`), TooManyRequests.
    """
    count_try("invitation", hash_invitation_token(token), ip, *ACCEPT)
    reading = read_invitation(token)
    called = clean_name(name)
    check_new_password(password, reading.email, called, shop_settings().name)
    _accept(token, called, hash_password(password))
    log.info("invitation accepted", extra={"invitation_id": reading.id, "ip": ip})


def accept_signed_in(token: str, user_id: int, ip: str) -> None:
    """Make the account staff that is signed in and has the invited address; its sessions end.

    Name and password stay. Raises as `accept_invitation`, and LinkDead for another account.
    """
    count_try("invitation", hash_invitation_token(token), ip, *ACCEPT)
    reading = read_invitation(token)
    if reading.user_id != user_id:
        raise LinkDead
    _accept(token, "", None)
    log.info("invitation accepted", extra={"invitation_id": reading.id, "ip": ip})


def _find(token: str) -> StaffInvitation:
    row = db.session.scalar(
        select(StaffInvitation).where(StaffInvitation.token_hash == hash_invitation_token(token))
    )
    if row is None or row.ended_at is not None:
        raise LinkDead
    if row.accepted_at is not None:
        raise InvitationAccepted
    if row.expires_at <= now():
        raise LinkDead
    return row


def _may_invite(user_id: int | None, *, is_locked: bool = False) -> bool:
    """Return whether the inviter may still hand out roles, until the commit if `is_locked`."""
    owner = (
        select(User.id)
        .join(Role, Role.id == User.role_id)
        .where(User.id == user_id, User.is_active, Role.is_owner)
    )
    if is_locked:
        owner = owner.with_for_update(of=User)
    return db.session.scalar(owner) is not None


@retried
def _accept(token: str, name: str, password_hash: str | None) -> None:
    with transaction() as session:
        row = _find(token)
        crash_point("invitation-read")
        if not _may_invite(row.invited_by_id, is_locked=True):
            raise InvitationVoid
        mine = StaffInvitation.id == row.id
        fresh = (
            StaffInvitation.token_hash == row.token_hash,
            StaffInvitation.accepted_at.is_(None),
            StaffInvitation.ended_at.is_(None),
        )
        if not changed(update(StaffInvitation).where(mine, *fresh).values(accepted_at=now())):
            session.refresh(row)
            raise InvitationAccepted if row.accepted_at is not None else LinkDead
        role = session.get(Role, row.role_id or 0, with_for_update={"read": True})
        if role is None:
            raise InvitationVoid
        _make_staff(row, role, name, password_hash)


def _make_staff(
    invitation: StaffInvitation, role: Role, name: str, password_hash: str | None
) -> None:
    key = invitation.email_key
    is_new = password_hash is not None and insert_new(
        User, email=invitation.email, email_key=key, password_hash=password_hash
    )
    user = db.session.scalar(select(User).where(User.email_key == key).with_for_update())
    if user is None or user.role_id is not None or not user.is_active:
        raise InvitationVoid
    values: dict[str, object] = {"role_id": role.id}
    if password_hash is not None:
        values |= {"password_hash": password_hash, "password_changed_at": now()}
        if not is_new:
            enqueue_once("mail.password_changed", user_id=user.id)
    if name:
        values["name"] = name
    changed(update(User).where(User.id == user.id).values(values))
    close_all_sessions(user.id)
    clear_subject("login", key)
    if user.email_verified_at is None:
        mark_proven(user.id)
    follow_account(user.id)
    write_audit_entry(
        "staff.accept_invitation",
        "user",
        user.id,
        user_id=user.id,
        before={"role": None},
        after={"role_id": role.id, "role": role.name},
    )
