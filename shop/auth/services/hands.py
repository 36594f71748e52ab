"""Roles given and taken by a command: whoever may run it owns the machine."""

import logging
from collections.abc import Sequence

from sqlalchemy import Select, func, select, update

from shop.auth.permissions import check_permissions
from shop.auth.services.staff import OWNER
from shop.auth.sessions import close_all_sessions
from shop.core.db import changed, crash_point, db, insert_new, retried, transaction
from shop.core.emails import normalise_email
from shop.core.errors import BadInput, NotFound, OrderError
from shop.models import Role, User
from shop.shared.audit_log import write_audit_entry

log = logging.getLogger(__name__)


@retried
def ensure_role(name: str, permissions: list[str]) -> None:
    """Make a role with these permissions. Raises BadInput when one of this name is there."""
    wanted = check_permissions(permissions)
    with transaction() as session:
        if not insert_new(Role, name=name, permissions=wanted, is_owner=False):
            raise BadInput(f"There is a role called {name} already.")
        role_id = session.scalars(select(Role.id).where(Role.name == name)).one()
        after = {"name": name, "permissions": wanted}
        write_audit_entry("staff.create_role", "role", role_id, user_id=None, after=after)


@retried
def hand_role(email: str, role_name: str | None) -> None:
    """Give an account this role in place of the one it has, or take it (None); its sessions end.

    Raises NotFound for an unknown address or role, OrderError (409) where the last owner who can
    sign in would be gone.
    """
    with transaction() as session:
        role = _role(role_name) if role_name is not None else None
        owners = _lock_owners()
        crash_point("owners-counted")
        key = normalise_email(email)
        user = session.scalar(select(User).where(User.email_key == key).with_for_update())
        if user is None:
            raise NotFound(f"There is no account with the address {email}.")
        if not (role and role.is_owner):
            _check_not_last(owners, user.id)
        before, after = user.role_id, role.id if role else None
        if before == after:
            return
        changed(update(User).where(User.id == user.id).values(role_id=after))
        close_all_sessions(user.id)
        write_audit_entry(
            "staff.give_role",
            "user",
            user.id,
            user_id=None,
            before={"role_id": before},
            after={"role_id": after},
        )
    log.info("role given", extra={"user_id": user.id, "role_id": after})


def _lock_owners() -> Sequence[int]:
    """Return who are owners and can sign in; their accounts stay as they are until the commit.

    All are locked, in one order: of two commands that take one each, the second is refused.
    """
    return db.session.scalars(_owners().with_for_update(of=User)).all()


def _owners() -> Select[int]:
    return (
        select(User.id)
        .join(Role, Role.id == User.role_id)
        .where(Role.is_owner, User.is_active)
        .order_by(User.id)
    )


def _check_not_last(owners: Sequence[int], user_id: int) -> None:
    if owners == [user_id]:
        raise OrderError("This is the last owner. Make somebody else an owner first.")


def _role(name: str) -> Role:
    found = db.session.scalar(select(Role).where(func.lower(Role.name) == name.strip().lower()))
    if found is None:
        present = db.session.scalars(select(Role.name).order_by(Role.is_owner.desc(), Role.name))
        known = ", ".join(present) or f"none yet; {OWNER} comes with `flask create-admin`"
        raise NotFound(f"There is no role called {name}. There are: {known}.")
    return found
