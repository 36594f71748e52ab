"""Delete what has ended, a short transaction a chunk: SQLite has one writer at a time."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select

from shop.clock import now
from shop.db import changed, retried, transaction
from shop.models import LoginAttempt, UserSession

CHUNK: Final = 1000  # rows


def tidy_sessions() -> int:
    """Delete sessions that have ended; return how many went."""
    return _delete(UserSession, UserSession.expires_at <= now())


def tidy_tries(age: timedelta) -> int:
    """Delete counted tries older than `age`; return how many went."""
    return _delete(LoginAttempt, LoginAttempt.created_at < now() - age)


def _delete(model: Any, which: ColumnElement[bool]) -> int:
    gone = 0
    while True:
        chunk = _delete_chunk(model, which)
        gone += chunk
        if chunk < CHUNK:
            return gone


@retried
def _delete_chunk(model: Any, which: ColumnElement[bool]) -> int:
    some = select(model.id).where(which).limit(CHUNK)
    with transaction():
        return changed(delete(model).where(model.id.in_(some)))
