"""What owners do with the accounts of colleagues: role, access, sessions."""

import logging

from sqlalchemy import delete, func, select, update

from shop.admin.staff.owners import check_owner
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.auth.services import drop_second_factor
from shop.auth.sessions import close_all_sessions
from shop.core.db import changed, db
from shop.core.errors import NotFound, OrderError, StaleForm
from shop.customers.booking import follow_account
from shop.models import Role, User, UserSession

log = logging.getLogger(__name__)


@done_once
def give_role(user_id: int, role_id: int | None, *, staff: Staff, was: int | None = None) -> Entry:
    """Make somebody staff with this role, or a customer again (None); their sessions end.

    `was`: the role that the form showed, 0 where it showed none; None asks nothing. Nobody changes
    their own role, so that there is always an owner left. Raises StaleForm when somebody else gave
    another one since, NotFound, NotPermitted.
    """
    with audited("staff.give_role", "user", user_id, staff=staff) as entry:
        user = _lock_colleague(user_id, staff)
        if was is not None and (user.role_id or 0) != was:
            raise StaleForm("Somebody else changed this role meanwhile. Look at it once more.")
        role = _kept_role(role_id) if role_id is not None else None
        entry.before = {"role_id": user.role_id, "role": _name_of(user.role_id)}
        entry.after = {"role_id": role_id, "role": role.name if role else None}
        if user.role_id != role_id:
            changed(update(User).where(User.id == user_id).values(role_id=role_id))
            close_all_sessions(user_id)
    log.info("role given", extra={"user_id": user_id, "role_id": role_id, "by": staff.user_id})
    return entry


@done_once
def switch_colleague(user_id: int, *, is_active: bool, staff: Staff) -> Entry:
    """Let a colleague sign in, or not any more: then all their sessions end at once.

    Raises NotFound, also for who is no colleague; OrderError for oneself, NotPermitted.
    """
    with audited("staff.switch", "user", user_id, staff=staff) as entry:
        user = _lock_colleague(user_id, staff)
        if user.role_id is None:
            raise NotFound
        entry.before, entry.after = {"is_active": user.is_active}, {"is_active": is_active}
        changed(update(User).where(User.id == user_id).values(is_active=is_active))
        follow_account(user_id)
        if not is_active:
            close_all_sessions(user_id)
    return entry


@done_once
def sign_colleague_out(user_id: int, session_id: int | None, *, staff: Staff) -> Entry:
    """Sign a colleague out in one browser, or in all (None); one that is gone stays gone.

    Raises NotFound for who is no colleague, NotPermitted.
    """
    with audited("staff.end_sessions", "user", user_id, staff=staff) as entry:
        check_owner(staff.user_id)
        role_id = db.session.scalar(select(User.role_id).where(User.id == user_id))
        if role_id is None:
            raise NotFound
        which = [UserSession.user_id == user_id]
        if session_id is not None:
            which.append(UserSession.id == session_id)
        counted = select(func.count()).select_from(UserSession)
        before = db.session.scalar(counted.where(UserSession.user_id == user_id)) or 0
        ended = changed(delete(UserSession).where(*which))
        entry.before, entry.after = {"sessions": before}, {"sessions": before - ended}
    return entry


@done_once
def reset_factor(user_id: int, *, staff: Staff) -> Entry:
    """Let a colleague who has lost app and codes sign in with the password alone.

    Their sessions end, and they are told by mail. Raises NotFound, also for who is no colleague,
    NotPermitted, and OrderError for oneself.
    """
    with audited("staff.reset_second_factor", "user", user_id, staff=staff) as entry:
        if _lock_colleague(user_id, staff).role_id is None:
            raise NotFound
        was_on = drop_second_factor(user_id)
        entry.before, entry.after = {"second_factor": was_on}, {"second_factor": False}
        close_all_sessions(user_id)
    return entry


def _lock_colleague(user_id: int, staff: Staff) -> User:
    check_owner(staff.user_id)
    if user_id == staff.user_id:
        raise OrderError("Nobody changes their own role or access.")
    user = db.session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    return user


def _kept_role(role_id: int) -> Role:
    """Return the role, which stays until the commit. Raises NotFound."""
    role = db.session.get(Role, role_id, with_for_update={"read": True})
    if role is None:
        raise NotFound
    return role


def _name_of(role_id: int | None) -> str | None:
    return db.session.scalar(select(Role.name).where(Role.id == role_id))
