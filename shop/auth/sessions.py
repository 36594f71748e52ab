"""Signed-in browsers: rows that die on logout, change of password and change of role."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from shop.core.clock import now
from shop.core.db import changed, retried, transaction
from shop.models import User, UserSession
from shop.web.visitor import SESSION_LIFETIME, hashed

STAFF_LIFETIME: Final = timedelta(hours=12)


@retried
def open_session(user_id: int, user_agent: str = "") -> str:
    """Write a session for the user and return its token, which only the cookie will know.

    It lives for 30 days, for staff for 12 hours. Joins the caller's transaction.
    """
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        is_staff = session.get_one(User, user_id).role_id is not None
        session.add(
            UserSession(
                token_hash=hashed(token),
                user_id=user_id,
                user_agent=user_agent[:255],
                expires_at=now() + (STAFF_LIFETIME if is_staff else SESSION_LIFETIME),
            )
        )
    return token


@retried
def close_session(session_id: int | None, user_id: int | None = None) -> bool:
    """Delete a session, if `user_id` is given only when it is that user's; return whether it was.

    Its cookie is worthless from the next request on.
    """
    if session_id is None:
        return False
    mine = [UserSession.id == session_id]
    if user_id is not None:
        mine.append(UserSession.user_id == user_id)
    with transaction():
        return changed(delete(UserSession).where(*mine)) == 1


@retried
def close_all_sessions(user_id: int, except_id: int | None = None) -> int:
    """Delete the user's sessions but for `except_id`; return how many went."""
    kept = UserSession.id != (except_id or 0)
    with transaction():
        return changed(delete(UserSession).where(UserSession.user_id == user_id, kept))
