"""Whether single keys act, which everybody decides for themselves."""

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import User


@done_once
def switch_single_keys(are_on: bool, *, staff: Staff) -> Entry:
    """Let single keys act for who asks, or not. Raises NotFound for who is gone."""
    with audited("staff.keys", "user", staff.user_id or 0, staff=staff) as entry:
        user = db.session.get(User, staff.user_id, with_for_update=True)
        if user is None:
            raise NotFound
        entry.before = {"single_keys": user.has_single_keys}
        entry.after = {"single_keys": are_on}
        user.has_single_keys = are_on
    return entry
