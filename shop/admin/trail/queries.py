"""Reading the trail: the newest first, by pages that begin below an entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, false, select
from sqlalchemy.orm import aliased

from shop.admin.query_strings import query_string
from shop.admin.settings.rooms import find_room
from shop.admin.trail.things import Thing, find_pages
from shop.admin.trail.words import LONGEST_VALUE, describe, list_changes
from shop.core.config import config
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.core.errors import NotFound
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
    """An entry in words; `changes`: what changed, before and after.

    `url`: the page of the thing, "" where it is gone; `reverts_id`: the entry that it takes back;
    `reverted_id`: the entry by which it was taken back.
    """

    id: int
    at: datetime
    who: str
    action: str
    thing: str
    url: str
    changes: Sequence[tuple[str, str, str]]
    reverts_id: int | None
    reverted_id: int | None


_REVERSAL = aliased(AuditEntry)


def list_trail(chosen: TrailFilter) -> tuple[Sequence[TrailRow], bool]:
    """Return a page of the trail, and whether there is more."""
    found = _select().where(*_conditions(chosen)).order_by(AuditEntry.id.desc())
    rows = db.session.execute(found.limit(PER_PAGE + 1)).all()
    return _in_words(rows[:PER_PAGE], LONGEST_VALUE), len(rows) > PER_PAGE


def read_trail_entry(entry_id: int) -> TrailRow:
    """Return an entry with all that it says. Raises NotFound."""
    rows = db.session.execute(_select().where(AuditEntry.id == entry_id)).all()
    if not rows:
        raise NotFound
    return _in_words(rows, 0)[0]


def get_entry(entry_id: int) -> AuditEntry:
    """Return the row of an entry. Raises NotFound."""
    entry = db.session.get(AuditEntry, entry_id)
    if entry is None:
        raise NotFound
    return entry


def find_reversal(entry_id: int) -> AuditEntry | None:
    """Return the entry that takes another one back, None where none does."""
    return db.session.scalar(select(AuditEntry).where(AuditEntry.reverts_id == entry_id))


def _select() -> Select[AuditEntry, str, str, int]:
    return (
        select(AuditEntry, User.name, User.email, _REVERSAL.id.label("reverted_id"))
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(_REVERSAL, _REVERSAL.reverts_id == AuditEntry.id)
    )


def _conditions(chosen: TrailFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.below:
        found.append(AuditEntry.id < chosen.below)
    if chosen.person:
        found.append(_by(chosen.person))
    if chosen.desk:
        found.append(AuditEntry.desk == chosen.desk)
    if chosen.thing:
        found += _about(*chosen.thing.split(" ", 1))
    if chosen.first:
        found.append(AuditEntry.created_at >= _midnight(chosen.first))
    if chosen.last:
        found.append(AuditEntry.created_at < _midnight(chosen.last + timedelta(days=1)))
    return found


def _about(kind: str, object_id: str = "") -> list[ColumnElement[bool]]:
    """Return the conditions that an entry is about a thing; "settings shop": those of a room."""
    if kind == "settings":
        room = find_room(object_id)
        keys = [definition.key for definition in room.settings()] if room else []
        return [AuditEntry.object_type == "setting", AuditEntry.object_id.in_(keys)]
    found = [AuditEntry.object_type == kind]
    return [*found, AuditEntry.object_id == object_id] if object_id else found


def _by(person: str) -> ColumnElement[bool]:
    if person in {"cli", "web"}:
        return AuditEntry.user_id.is_(None) & (AuditEntry.actor == person)
    user_id = db.session.scalar(select(User.id).where(User.email_key == normalise_email(person)))
    return AuditEntry.user_id == user_id if user_id else false()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(config().timezone))


def _in_words(rows: Sequence[Row[AuditEntry, str, str, int]], longest: int) -> list[TrailRow]:
    pages = find_pages({(row[0].object_type, row[0].object_id) for row in rows})
    return [_row(row, longest, pages) for row in rows]


def _row(row: Row[AuditEntry, str, str, int], longest: int, pages: Mapping[Thing, str]) -> TrailRow:
    entry, who = row[0], row.name or row.email or ""
    return TrailRow(
        id=entry.id,
        at=entry.created_at,
        who=who or {"cli": "A command", "web": "The shop"}.get(entry.actor, "Somebody who left"),
        action=entry.action.replace(".", ": ").replace("_", " "),
        thing=f"{entry.object_type} {entry.object_id}",
        url=pages.get((entry.object_type, entry.object_id), ""),
        changes=[
            (name, describe(name, before, longest), describe(name, after, longest))
            for name, before, after in list_changes(entry.before, entry.after)
        ],
        reverts_id=entry.reverts_id,
        reverted_id=row.reverted_id,
    )
