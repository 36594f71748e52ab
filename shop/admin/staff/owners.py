"""The right to hand out rights, looked at within the transaction that does so."""

from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import NotPermitted
from shop.models import Role, User


def check_owner(user_id: int | None) -> None:
    """Lock the acting owner's row: of two owners who demote each other, the second is refused.

    Raises NotPermitted for everybody who is no owner, or not any more.
    """
    owner = db.session.scalar(
        select(User.id)
        .join(Role, Role.id == User.role_id)
        .where(User.id == user_id, User.is_active, Role.is_owner)
        .with_for_update(of=User)
    )
    if owner is None:
        raise NotPermitted("Only owners of the shop hand out roles.")
