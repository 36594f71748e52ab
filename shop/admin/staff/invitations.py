"""Inviting people to work here: a mail with a link, sent again, taken back."""

import logging
from typing import Any

from sqlalchemy import select, update

from shop.admin.staff.owners import check_owner
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.auth.enqueue import enqueue_once
from shop.auth.services import (
    INVITED_FOR,
    hash_invitation_token,
    new_invitation_seed,
    token_of_invitation,
)
from shop.core.clock import now
from shop.core.db import changed, db, insert_new
from shop.core.emails import normalise_email
from shop.core.errors import BadInput, NotFound, OrderError
from shop.mail.reach import reachable_email
from shop.models import Role, StaffInvitation, User
from shop.shared.rate_limits import By, Limit, count_try

log = logging.getLogger(__name__)

_MAILS = (Limit(50, 3600, By.SUBJECT),)  # invitations and their repetitions of one owner
WORKS_HERE = "They work here already: change their role below."
IS_INVITED = "They are invited already: send the mail again, or take the invitation back."


def invite_colleague(email: str, role_id: int, ip: str, *, staff: Staff) -> str:
    """Invite an address to work here with this role, by mail; return the invitation's id.

    Raises BadInput (`email`, `role`), NotPermitted for who is no owner, TooManyRequests.
    """
    address = reachable_email(email)
    count_try("invite", str(staff.user_id), ip, *_MAILS)
    return _invite(address, role_id, staff=staff)


@done_once
def _invite(address: str, role_id: int, *, staff: Staff) -> Entry:
    with audited("staff.invite", "staff_invitation", staff=staff) as entry:
        check_owner(staff.user_id)
        role = db.session.get(Role, role_id, with_for_update={"read": True})
        if role is None:
            raise BadInput(role="Choose a role.")
        key = normalise_email(address)
        works = select(User.id).where(User.email_key == key, User.role_id.is_not(None))
        if db.session.scalar(works) is not None:
            raise BadInput(email=WORKS_HERE)
        late = (StaffInvitation.email_key == key) & (StaffInvitation.expires_at <= now())
        changed(update(StaffInvitation).where(late, *_open()).values(ended_at=now()))
        link = _new_link(staff)
        if not insert_new(
            StaffInvitation, email=address, email_key=key, role_id=role_id, created_at=now(), **link
        ):
            raise BadInput(email=IS_INVITED)
        made = select(StaffInvitation.id).where(StaffInvitation.token_hash == link["token_hash"])
        entry.object_id = db.session.scalars(made).one()
        entry.after = {"email": address, "role": role.name}
        enqueue_once("mail.staff_invitation", invitation_id=entry.object_id)
    return entry


def send_invitation_again(invitation_id: int, ip: str, *, staff: Staff) -> None:
    """Send an invitation once more, in one's own name, with another link; the former one is dead.

    Raises NotFound, OrderError once it was accepted or taken back, NotPermitted, TooManyRequests.
    """
    count_try("invite", str(staff.user_id), ip, *_MAILS)
    _send_again(invitation_id, staff=staff)


@done_once
def _send_again(invitation_id: int, *, staff: Staff) -> Entry:
    with audited("staff.invite_again", "staff_invitation", invitation_id, staff=staff) as entry:
        check_owner(staff.user_id)
        found = _lock_open(invitation_id)
        if found.role_id is None:
            raise OrderError("Its role is gone: take the invitation back, and invite them anew.")
        changed(
            update(StaffInvitation)
            .where(StaffInvitation.id == invitation_id)
            .values(**_new_link(staff))
        )
        entry.after = {"email": found.email}
        enqueue_once("mail.staff_invitation", invitation_id=invitation_id)
    return entry


@done_once
def take_invitation_back(invitation_id: int, *, staff: Staff) -> Entry:
    """Let the link of an invitation work no more. Raises as `send_invitation_again`."""
    with audited("staff.uninvite", "staff_invitation", invitation_id, staff=staff) as entry:
        check_owner(staff.user_id)
        found = _lock_open(invitation_id)
        mine = StaffInvitation.id == invitation_id
        if not changed(update(StaffInvitation).where(mine, *_open()).values(ended_at=now())):
            raise OrderError(_OVER)
        entry.before, entry.after = {"email": found.email}, {"email": None}
    return entry


_OVER = "It was accepted or taken back meanwhile."


def _open() -> tuple[Any, Any]:
    return StaffInvitation.accepted_at.is_(None), StaffInvitation.ended_at.is_(None)


def _lock_open(invitation_id: int) -> StaffInvitation:
    found = db.session.get(StaffInvitation, invitation_id, with_for_update=True)
    if found is None:
        raise NotFound
    if found.accepted_at is not None or found.ended_at is not None:
        raise OrderError(_OVER)
    return found


def _new_link(staff: Staff) -> dict[str, Any]:
    seed = new_invitation_seed()
    return {
        "seed": seed,
        "token_hash": hash_invitation_token(token_of_invitation(seed)),
        "invited_by_id": staff.user_id,
        "expires_at": now() + INVITED_FOR,
    }
