"""What the desk of colleagues reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, func, or_, select

from shop.account.user_agents import browser_name
from shop.admin.query_strings import query_string
from shop.auth.queries import list_sessions
from shop.core.clock import now
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.core.errors import NotFound
from shop.models import Role, SecondFactor, StaffInvitation, User, UserSession

PER_PAGE = 50
STATES = ("all", "active", "disabled")
_HAS_FACTOR = (
    select(SecondFactor.user_id)
    .where(SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None))
    .correlate(User)
    .exists()
)


@dataclass(frozen=True)
class StaffFilter:
    """Which colleagues: one of STATES, a text."""

    view: str = "all"
    text: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the list as it opens."""
        values = {
            "view": self.view if self.view != "all" else "",
            "q": self.text,
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class Colleague:
    """A member of staff in the list; `seen_at` None: signed in nowhere."""

    id: int
    name: str
    email: str
    role: str
    is_active: bool
    has_factor: bool
    sessions: int
    seen_at: datetime | None


@dataclass(frozen=True)
class ColleagueRows:
    """A page of the list; `counts` by state."""

    rows: Sequence[Colleague]
    counts: dict[str, int]
    total: int
    pages: int


@dataclass(frozen=True)
class RoleRow:
    """A role, with how many have it."""

    role: Role
    members: int


@dataclass(frozen=True)
class ColleagueReading:
    """A colleague's page: account, role, live sessions with the browser of each in words."""

    user: User
    role: Role
    has_factor: bool
    sessions: Sequence[tuple[UserSession, str]]


def list_colleagues(chosen: StaffFilter) -> ColleagueRows:
    """Return a page of those who have a role, by address."""
    counts = _count_states()
    conditions = [*_in_state(chosen.view), *_called(chosen.text)]
    total = counts[chosen.view]
    if chosen.text:
        counted = select(func.count(User.id)).join(Role, Role.id == User.role_id)
        total = db.session.scalar(counted.where(*conditions)) or 0
    rows = db.session.execute(
        select(
            User,
            Role.name.label("role"),
            _HAS_FACTOR.label("has_factor"),
            _of_sessions(func.count(UserSession.id)).label("sessions"),
            _of_sessions(func.max(UserSession.seen_at)).label("seen_at"),
        )
        .join(Role, Role.id == User.role_id)
        .where(*conditions)
        .order_by(User.email_key, User.id)
        .limit(PER_PAGE)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    found = [_colleague(row) for row in rows]
    return ColleagueRows(found, counts, total, max(1, -(-total // PER_PAGE)))


def list_roles() -> Sequence[RoleRow]:
    """Return all roles, the owners' first."""
    members = select(func.count(User.id)).where(User.role_id == Role.id).scalar_subquery()
    rows = db.session.execute(select(Role, members).order_by(Role.is_owner.desc(), Role.name))
    return [RoleRow(role, count) for role, count in rows]


def list_invitations() -> Sequence[Row[Any]]:
    """Return the open invitations with role and inviter, the newest first, at most PER_PAGE."""
    found = StaffInvitation
    inviter = func.coalesce(func.nullif(User.name, ""), User.email)
    return db.session.execute(
        select(
            found.id,
            found.email,
            Role.name.label("role"),
            inviter.label("inviter"),
            found.expires_at,
            (found.expires_at <= now()).label("is_late"),
        )
        .outerjoin(Role, Role.id == found.role_id)
        .outerjoin(User, User.id == found.invited_by_id)
        .where(found.accepted_at.is_(None), found.ended_at.is_(None))
        .order_by(found.id.desc())
        .limit(PER_PAGE)
    ).all()


def get_role(role_id: int) -> RoleRow:
    """Return a role. Raises NotFound."""
    role = db.session.get(Role, role_id)
    if role is None:
        raise NotFound
    counted = select(func.count(User.id)).where(User.role_id == role_id)
    return RoleRow(role, db.session.scalar(counted) or 0)


def get_colleague(user_id: int) -> ColleagueReading:
    """Return a colleague. Raises NotFound for who has no role."""
    row = db.session.execute(
        select(User, Role, _HAS_FACTOR.label("has_factor"))
        .join(Role, Role.id == User.role_id)
        .where(User.id == user_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    sessions = [(one, browser_name(one.user_agent)) for one in list_sessions(user_id)]
    return ColleagueReading(row[0], row[1], row.has_factor, sessions)


def _colleague(row: Row[Any]) -> Colleague:
    user = row[0]
    return Colleague(
        id=user.id,
        name=user.name,
        email=user.email,
        role=row.role,
        is_active=user.is_active,
        has_factor=row.has_factor,
        sessions=row.sessions,
        seen_at=row.seen_at,
    )


def _of_sessions(what: ColumnElement[Any]) -> ScalarSelect[Any]:
    live = (UserSession.user_id == User.id) & (UserSession.expires_at > now())
    return select(what).where(live).correlate(User).scalar_subquery()


def _count_states() -> dict[str, int]:
    active = func.count().filter(User.is_active)
    counted = select(active, func.count()).select_from(User).join(Role, Role.id == User.role_id)
    row = db.session.execute(counted).one()
    return {"active": row[0], "disabled": row[1] - row[0], "all": row[1]}


def _in_state(view: str) -> list[ColumnElement[bool]]:
    states: dict[str, list[ColumnElement[bool]]] = {
        "active": [User.is_active.is_(True)],
        "disabled": [User.is_active.is_(False)],
    }
    return states.get(view, [])


def _called(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    if "@" in text:
        return [User.email_key == normalise_email(text)]
    said = (User.name, User.email, Role.name)
    return [or_(*(column.icontains(text, autoescape=True) for column in said))]
