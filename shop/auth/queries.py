"""Reading accounts."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, select

from shop.core.clock import now
from shop.core.db import db, end_read
from shop.core.emails import normalise_email
from shop.models import Role, StaffInvitation, User, UserSession


def read_user(which: ColumnElement[bool]) -> User | None:
    """Return the account as it is now, detached, and end the read: slow hashing may follow.

    Whoever acts on it must do so on condition that it is still the same.
    """
    user = db.session.scalar(select(User).where(which))
    if user is not None:
        db.session.expunge(user)
    end_read()
    return user


def is_taken(email: str) -> bool:
    """Return whether an account has this address."""
    key = normalise_email(email)
    return db.session.scalar(select(User.id).where(User.email_key == key)) is not None


def list_sessions(user_id: int) -> Sequence[UserSession]:
    """Return the user's live sessions, the newest first."""
    return db.session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.expires_at > now())
        .order_by(UserSession.created_at.desc(), UserSession.id.desc())
    ).all()


def open_invitation(invitation_id: int) -> Row[str, str, str] | None:
    """Return address, seed and role of an invitation that can still be accepted."""
    row = StaffInvitation
    found = db.session.execute(
        select(row.email, row.seed, Role.name.label("role"))
        .join(Role, Role.id == row.role_id)
        .where(row.id == invitation_id, row.accepted_at.is_(None), row.ended_at.is_(None))
        .where(row.expires_at > now())
    ).one_or_none()
    end_read()
    return found
