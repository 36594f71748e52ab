"""The lists that somebody keeps."""

from collections.abc import Sequence

from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import SavedView


def list_saved_views(user_id: int | None) -> Sequence[SavedView]:
    """Return the lists that a member of staff keeps, in the order in which they were saved."""
    mine = select(SavedView).where(SavedView.user_id == user_id)
    return db.session.scalars(mine.order_by(SavedView.id)).all()


def get_saved_view(view_id: int, user_id: int | None) -> SavedView:
    """Return a list of one's own. Raises NotFound for anybody else's."""
    mine = select(SavedView).where(SavedView.id == view_id, SavedView.user_id == user_id)
    found = db.session.scalar(mine)
    if found is None:
        raise NotFound
    return found
