"""Reading the trail: the newest first, by pages that begin below an entry."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, select

from shop.admin.query_strings import query_string
from shop.core.config import config
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.models import AuditEntry, User

PER_PAGE = 50
# The first words of actions; a test compares them with the source.
TRAIL_DESKS = (
    "brands",
    "categories",
    "collections",
    "coupons",
    "customers",
    "home",
    "jobs",
    "mail",
    "messages",
    "orders",
    "pages",
    "products",
    "settings",
    "staff",
    "stock",
    "views",
)
LONGEST_VALUE = 200  # characters of a value in the list


@dataclass(frozen=True)
class TrailFilter:
    """Which entries. `desk`: the first word of actions; `thing`: "product 12"; `below`: an id."""

    person: str = ""
    desk: str = ""
    thing: str = ""
    first: date | None = None
    last: date | None = None
    below: int = 0

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for all entries."""
        values = {
            "person": self.person,
            "desk": self.desk,
            "thing": self.thing,
            "from": self.first,
            "to": self.last,
            "below": self.below,
        }
        return query_string({**values, **changes})

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not self.query(below=0)


@dataclass(frozen=True)
class TrailRow:
    """An entry in words; `changes`: what changed, before and after."""

    id: int
    at: datetime
    who: str
    action: str
    thing: str
    changes: Sequence[tuple[str, str, str]]


def list_trail(chosen: TrailFilter) -> tuple[Sequence[TrailRow], bool]:
    """Return a page of the trail, and whether there is more."""
    rows = db.session.execute(
        select(AuditEntry, User.name, User.email)
        .outerjoin(User, User.id == AuditEntry.user_id)
        .where(*_conditions(chosen))
        .order_by(AuditEntry.id.desc())
        .limit(PER_PAGE + 1)
    ).all()
    found = [_row(entry, name or email or "") for entry, name, email in rows[:PER_PAGE]]
    return found, len(rows) > PER_PAGE


def _conditions(chosen: TrailFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.below:
        found.append(AuditEntry.id < chosen.below)
    if chosen.person:
        found.append(_by(chosen.person))
    if chosen.desk:
        found += [AuditEntry.action >= f"{chosen.desk}.", AuditEntry.action < f"{chosen.desk}/"]
    if chosen.thing:
        kind, _space, object_id = chosen.thing.partition(" ")
        found.append(AuditEntry.object_type == kind)
        found += [AuditEntry.object_id == object_id] if object_id else []
    if chosen.first:
        found.append(AuditEntry.created_at >= _midnight(chosen.first))
    if chosen.last:
        found.append(AuditEntry.created_at < _midnight(chosen.last + timedelta(days=1)))
    return found


def _by(person: str) -> ColumnElement[bool]:
    if person in {"cli", "web"}:
        return AuditEntry.user_id.is_(None) & (AuditEntry.actor == person)
    user_id = db.session.scalar(select(User.id).where(User.email_key == normalise_email(person)))
    return AuditEntry.user_id == user_id if user_id else false()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(config().timezone))


def _row(entry: AuditEntry, who: str) -> TrailRow:
    before, after = entry.before or {}, entry.after or {}
    names = [*after, *(name for name in before if name not in after)]
    return TrailRow(
        id=entry.id,
        at=entry.created_at,
        who=who or {"cli": "A command", "web": "The shop"}.get(entry.actor, "Somebody who left"),
        action=entry.action.replace(".", ": ").replace("_", " "),
        thing=f"{entry.object_type} {entry.object_id}",
        changes=[
            (name.replace("_", " "), _words(before.get(name)), _words(after.get(name)))
            for name in names
        ],
    )


def _words(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        text = ", ".join(value)
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
