"""The staff trail: who changed what, with the values before and after, in the same transaction."""

from typing import Any

from flask import g, has_request_context

from shop.db import db
from shop.models import AuditEntry


def leave_trail(
    action: str,
    object_type: str,
    object_id: int | str,
    *,
    user_id: int | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Add an audit entry to the open transaction.

    `action` reads "orders.refund"; `user_id` None stands for a command or the shop itself.
    Values must be JSON and must never hold passwords or tokens.
    """
    db.session.add(
        AuditEntry(
            user_id=user_id,
            actor="" if user_id is not None else ("web" if has_request_context() else "cli"),
            action=action,
            object_type=object_type,
            object_id=str(object_id),
            before=before,
            after=after,
            request_id=g.get("request_id", "") if has_request_context() else "",
        )
    )
