"""Keeping, renaming and forgetting a list of orders: everybody's own, each with its trail."""

from typing import Final

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.admin.views.queries import get_saved_view, list_saved_views
from shop.catalog.text import fold
from shop.core.db import db
from shop.core.errors import BadInput
from shop.core.locks import lock_names
from shop.models import SavedView

MOST: Final = 8  # as many as still are tabs beside each other
LONGEST: Final = 40


@done_once
def save_view(name: str, query: str, *, staff: Staff) -> Entry:
    """Keep the list of this query string under a name. Raises BadInput."""
    with audited("views.save", "saved_view", staff=staff) as entry:
        _check_name(name, staff)
        if len(list_saved_views(staff.user_id)) >= MOST:
            raise BadInput(name=f"You keep {MOST} lists already. Delete one first.")
        view = SavedView(user_id=staff.user_id, name=name, name_key=_key(name), query=query)
        db.session.add(view)
        db.session.flush()
        entry.object_id, entry.after = view.id, {"name": name, "query": query}
    return entry


@done_once
def rename_view(view_id: int, name: str, *, staff: Staff) -> Entry:
    """Call a list of one's own by another name. Raises NotFound, BadInput."""
    with audited("views.rename", "saved_view", view_id, staff=staff) as entry:
        _check_name(name, staff, view_id)
        view = get_saved_view(view_id, staff.user_id)
        entry.before, entry.after = {"name": view.name}, {"name": name}
        view.name, view.name_key = name, _key(name)
    return entry


@done_once
def delete_view(view_id: int, *, staff: Staff) -> Entry:
    """Forget a list of one's own. Raises NotFound."""
    with audited("views.delete", "saved_view", view_id, staff=staff) as entry:
        view = get_saved_view(view_id, staff.user_id)
        entry.more = {"name": view.name}
        db.session.delete(view)
    return entry


def _check_name(name: str, staff: Staff, view_id: int | None = None) -> None:
    """Have others wait who name or count the lists of the same person. Raises BadInput."""
    lock_names([f"saved views of {staff.user_id}"])
    if not name or len(name) > LONGEST:
        raise BadInput(name=f"Enter a name of at most {LONGEST} characters.")
    others = [view for view in list_saved_views(staff.user_id) if view.id != view_id]
    if _key(name) in {view.name_key for view in others}:
        raise BadInput(name="You keep a list of this name already.")


def _key(name: str) -> str:
    return (fold(name) or name.casefold())[:80]
