"""Who works here, read without the database library."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from shop.core.rows import read_rows

_MEMBERS = """
SELECT users.email, role.name, users.is_active
FROM users JOIN role ON role.id = users.role_id ORDER BY users.email
"""
_ROLES = """
SELECT name, CAST(permissions AS TEXT), is_owner FROM role ORDER BY is_owner DESC, name
"""


class Member(NamedTuple):
    """Somebody of the staff."""

    email: str
    role: str
    is_active: bool


class ShownRole(NamedTuple):
    """A role, and the permissions it holds. An owner's needs none: it allows everything."""

    name: str
    permissions: Sequence[str]
    is_owner: bool


def read_staff(database_url: str) -> Sequence[Member]:
    """Return everybody who has a role, by address. Raises CannotRead."""
    return [Member(*row) for row in read_rows(database_url, _MEMBERS)]


def read_roles(database_url: str) -> Sequence[ShownRole]:
    """Return the roles there are, the owners' first. Raises CannotRead."""
    return [
        ShownRole(name, json.loads(permissions), is_owner)
        for name, permissions, is_owner in read_rows(database_url, _ROLES)
    ]
