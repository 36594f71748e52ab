"""Saying that a message is done, or that it is not, with its trail."""

from sqlalchemy import update

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.clock import now
from shop.core.db import changed, db
from shop.core.errors import NotFound
from shop.models import ContactMessage


@done_once
def settle_message(message_id: int, *, is_done: bool, staff: Staff) -> Entry:
    """Take a message off the desk, or put it back; one that is there already stays as it is.

    What was written is not in the trail, which is kept for longer. Raises NotFound.
    """
    with audited("messages.settle", "contact_message", message_id, staff=staff) as entry:
        if db.session.get(ContactMessage, message_id) is None:
            raise NotFound
        is_open = ContactMessage.done_at.is_(None)
        wanted = is_open if is_done else ~is_open
        values = {
            "done_at": now() if is_done else None,
            "done_by_id": staff.user_id if is_done else None,
        }
        this = update(ContactMessage).where(ContactMessage.id == message_id, wanted)
        if changed(this.values(values)):
            entry.before, entry.after = {"done": not is_done}, {"done": is_done}
    return entry
