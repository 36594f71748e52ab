"""Roles: lists of permissions that owners make and hand out."""

import logging

from sqlalchemy import delete, select, update

from shop.auth.permissions import check_permissions
from shop.auth.sessions import close_all_sessions
from shop.core.addresses import clean_name
from shop.core.db import changed, db, insert_new, retried, transaction
from shop.core.errors import BadInput, NotFound, NotPermitted, OrderError
from shop.models import Role, User
from shop.shared.audit_log import write_audit_entry

log = logging.getLogger(__name__)


@retried
def create_role(name: str, permissions: list[str], *, by: int) -> int:
    """Make a role and return its id. `by`: the owner who does it.

    Raises BadInput (`name`, `permissions`), NotPermitted when `by` is no owner.
    """
    named = _checked_name(name)
    wanted = check_permissions(permissions)
    with transaction() as session:
        _check_owner(by)
        if not insert_new(Role, name=named, permissions=wanted, is_owner=False):
            raise BadInput(name="There is a role of this name already.")
        role_id = session.scalars(select(Role.id).where(Role.name == named)).one()
        after = {"name": named, "permissions": wanted}
        write_audit_entry("staff.create_role", "role", role_id, user_id=by, after=after)
        return role_id


@retried
def change_role(role_id: int, permissions: list[str], *, by: int) -> None:
    """Let a role allow other things; its members feel it with their next request.

    Raises NotFound, BadInput (`permissions`), NotPermitted: also for the owners' own role.
    """
    wanted = check_permissions(permissions)
    with transaction() as session:
        _check_owner(by)
        role = session.get(Role, role_id, with_for_update=True)
        if role is None:
            raise NotFound
        if role.is_owner:
            raise NotPermitted("Owners may do everything; that cannot be changed.")
        before, role.permissions = role.permissions, wanted
        write_audit_entry(
            "staff.change_role",
            "role",
            role_id,
            user_id=by,
            before={"permissions": before},
            after={"permissions": wanted},
        )


@retried
def delete_role(role_id: int, *, by: int) -> None:
    """Delete a role that nobody has.

    Raises NotFound, NotPermitted, OrderError (409) while somebody has it.
    """
    with transaction() as session:
        _check_owner(by)
        if session.scalar(select(User.id).where(User.role_id == role_id).limit(1)):
            raise OrderError("Somebody has this role. Give them another one first.")
        unused = (Role.id == role_id) & ~Role.is_owner
        if not changed(delete(Role).where(unused)):
            raise NotFound
        write_audit_entry("staff.delete_role", "role", role_id, user_id=by)


@retried
def give_role(user_id: int, role_id: int | None, *, by: int) -> None:
    """Make somebody staff with this role, or a customer again (None); their sessions end.

    Nobody changes their own role, so that there is always an owner left. Raises NotFound,
    NotPermitted.
    """
    with transaction() as session:
        _check_owner(by)
        if user_id == by:
            raise NotPermitted("Nobody changes their own role.")
        user = session.get(User, user_id, with_for_update=True)
        if user is None or (role_id is not None and session.get(Role, role_id) is None):
            raise NotFound
        before = user.role_id
        changed(update(User).where(User.id == user_id).values(role_id=role_id))
        close_all_sessions(user_id)
        write_audit_entry(
            "staff.give_role",
            "user",
            user_id,
            user_id=by,
            before={"role_id": before},
            after={"role_id": role_id},
        )
    log.info("role given", extra={"user_id": user_id, "role_id": role_id, "by": by})


def _check_owner(user_id: int) -> None:
    """Lock the acting owner's row: of two owners who demote each other, the second is refused."""
    owner = db.session.scalar(
        select(User.id)
        .join(Role, Role.id == User.role_id)
        .where(User.id == user_id, User.is_active, Role.is_owner)
        .with_for_update(of=User)
    )
    if owner is None:
        raise NotPermitted("Only owners of the shop hand out roles.")


def _checked_name(name: str) -> str:
    named = clean_name(name, longest=64)
    if not named:
        raise BadInput(name="Enter a name for the role.")
    return named
