"""Roles, made and handed out by owners: lists of permissions."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select, update

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.staff.owners import check_owner
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.auth.permissions import check_permissions
from shop.auth.sessions import close_all_sessions
from shop.core.addresses import clean_name
from shop.core.db import changed, db, insert_new
from shop.core.errors import BadInput, NotFound, OrderError
from shop.models import Role, User

LONGEST_ROLE = 64  # characters
NAME_TAKEN = "There is a role of this name already."


@done_once
def create_role(name: str, permissions: list[str], *, staff: Staff) -> Entry:
    """Make a role; its id is returned.

    Raises BadInput (`name`, `permissions`), NotPermitted when `staff` is no owner.
    """
    named, wanted = _checked_name(name), check_permissions(permissions)
    with audited("staff.create_role", "role", staff=staff) as entry:
        check_owner(staff.user_id)
        if not insert_new(Role, name=named, permissions=wanted, is_owner=False):
            raise BadInput(name=NAME_TAKEN)
        entry.object_id = db.session.scalars(select(Role.id).where(Role.name == named)).one()
        entry.after = {"name": named, "permissions": wanted}
    return entry


@done_once
def change_role(
    role_id: int, seen: int | None, name: str, permissions: list[str], *, staff: Staff
) -> Entry:
    """Call a role something else or let it allow other things; felt with the next request.

    `seen`: the version that the form was made from. Raises StaleForm, NotFound, BadInput (`name`,
    `permissions`), NotPermitted; OrderError for the owners' own role.
    """
    values = {"name": _checked_name(name), "permissions": check_permissions(permissions)}
    with audited("staff.change_role", "role", role_id, staff=staff) as entry:
        check_owner(staff.user_id)
        role = _lock_role(role_id)
        before = {"name": role.name, "permissions": role.permissions}
        refuse_stale(seen, role.version, role_shown(before), role_shown(values))
        if before != values:
            _store(role, values)
        entry.before, entry.after = before, values
    return entry


def role_shown(values: Mapping[str, object]) -> dict[str, str]:
    """Return what the form of a role shows, by field."""
    allowed = values["permissions"]
    names = allowed if isinstance(allowed, Sequence) else ()
    return {"name": str(values["name"]), "permissions": ", ".join(map(str, names))}


def _store(role: Role, values: Mapping[str, object]) -> None:
    namesake = select(Role.id).where(Role.name == values["name"], Role.id != role.id)
    if db.session.scalar(namesake):
        raise BadInput(name=NAME_TAKEN)
    changed(update(Role).where(Role.id == role.id).values(**values, version=Role.version + 1))


@done_once
def delete_role(role_id: int, instead_id: int | None, *, staff: Staff) -> Entry:
    """Delete a role; whoever has it gets the role `instead_id`, and their sessions end.

    Raises NotFound, NotPermitted, OrderError (409) while somebody has it and no other is named,
    BadInput (`instead`).
    """
    with audited("staff.delete_role", "role", role_id, staff=staff) as entry:
        check_owner(staff.user_id)
        role = _lock_role(role_id)
        members = db.session.scalars(
            select(User.id).where(User.role_id == role_id).order_by(User.id).with_for_update()
        ).all()
        if members:
            _hand_over(members, role_id, instead_id)
        entry.before = {"name": role.name, "permissions": role.permissions}
        entry.after = {"name": None, "permissions": None}
        entry.more = {"members": list(members), "role_id": instead_id} if members else {}
        changed(delete(Role).where(Role.id == role_id))
        db.session.expunge(role)
    return entry


def _hand_over(members: Sequence[int], role_id: int, instead_id: int | None) -> None:
    if instead_id is None:
        raise OrderError("Somebody has this role. Choose another one for them.")
    instead = db.session.get(Role, instead_id, with_for_update={"read": True})
    if instead is None or instead.is_owner or instead_id == role_id:
        raise BadInput(instead="Choose one of the other roles.")
    changed(update(User).where(User.id.in_(members)).values(role_id=instead_id))
    for user_id in members:
        close_all_sessions(user_id)


def _lock_role(role_id: int) -> Role:
    role = db.session.get(Role, role_id, with_for_update=True)
    if role is None:
        raise NotFound
    if role.is_owner:
        raise OrderError("Owners may do everything; that cannot be changed.")
    return role


def _checked_name(name: str) -> str:
    named = clean_name(name, longest=LONGEST_ROLE)
    if not named:
        raise BadInput(name="Enter a name for the role.")
    return named
