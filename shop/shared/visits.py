"""Counting visitors: in memory first, then in few short transactions, each visitor once a day.

Nobody waits for it, and nothing is put into or read from a browser. Where a request comes from is
held in memory for seconds; what is stored is a hash of it with a salt that is thrown away after the
day, as Plausible does (https://plausible.io/data-policy). A process that is killed loses what it
had not yet stored: at most PATIENCE seconds.
"""

import hmac
import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import Final, NamedTuple

from sqlalchemy import select

from shop.core.clock import monotonic, today
from shop.core.config import config
from shop.core.db import db, insert_into, insert_new, retried, transaction
from shop.models import Visit, VisitSalt, VisitStage, VisitSum
from shop.models.visit import LONGEST_VISITOR

PATIENCE: Final = 20.0  # seconds that a visit may wait in memory
_MOST: Final = 10_000  # visits that wait; more of them are not counted
_CHUNK: Final = 200  # rows a statement


class Seen(NamedTuple):
    """Somebody came so far. `origin`: address and name of the browser, as they were sent."""

    day: date
    stage: VisitStage
    origin: tuple[str, str]


class VisitBuffer:
    """The visits of one process that are not stored yet, each once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: set[Seen] = set()
        self._since = monotonic()

    def add(self, stage: VisitStage, address: str, agent: str) -> bool:
        """Note a visit of today; return whether it is time to store what waits."""
        seen = Seen(today(config().timezone), stage, (_network(address), agent))
        with self._lock:
            if not self._waiting:
                self._since = monotonic()
            if len(self._waiting) < _MOST:
                self._waiting.add(seen)
            return monotonic() - self._since >= PATIENCE or len(self._waiting) >= _CHUNK

    def store(self) -> int:
        """Store what waits; return how many of them were new. Raises Busy; then they wait on."""
        with self._lock:
            taken, self._waiting = self._waiting, set()
            self._since = monotonic()
        if not taken:
            return 0
        try:
            return store_visits(taken)
        except BaseException:
            with self._lock:
                self._waiting |= taken
            raise


@retried
def store_visits(visits: Iterable[Seen]) -> int:
    """Store visits of today and yesterday, each visitor once a day and stage; return the new ones.

    Older ones are dropped: the salt of their day is gone. Raises Busy.
    """
    oldest = today(config().timezone) - timedelta(days=1)
    lately = sorted(seen for seen in set(visits) if seen.day >= oldest)
    if not lately:
        return 0
    with transaction():
        salts = {day: _salt(day) for day in sorted({seen.day for seen in lately})}
        rows = sorted({(seen.day, seen.stage, _hash(salts[seen.day], seen)) for seen in lately})
        return sum(_store(rows[at : at + _CHUNK]) for at in range(0, len(rows), _CHUNK))


def _store(rows: list[tuple[date, VisitStage, str]]) -> int:
    new = insert_into(Visit).values(
        [{"day": day, "stage": stage, "visitor": visitor} for day, stage, visitor in rows]
    )
    stored = db.session.execute(
        new.on_conflict_do_nothing().returning(Visit.day, Visit.stage)
    ).all()
    for day, stage in sorted(set(map(tuple, stored))):
        many = sum((row.day, row.stage) == (day, stage) for row in stored)
        sums = insert_into(VisitSum).values(day=day, stage=stage, visitors=many)
        more = {"visitors": VisitSum.visitors + many}
        db.session.execute(sums.on_conflict_do_update(index_elements=["day", "stage"], set_=more))
    return len(stored)


def _salt(day: date) -> bytes:
    """Return the salt of a day, which whoever is first makes."""
    known = select(VisitSalt.salt).where(VisitSalt.day == day)
    found = db.session.scalar(known)
    if found is None:
        insert_new(VisitSalt, day=day, salt=secrets.token_bytes(32))
        found = db.session.scalars(known).one()
    return found


def _hash(salt: bytes, seen: Seen) -> str:
    return hmac.digest(salt, "\n".join(seen.origin).encode(), "sha256").hex()[:LONGEST_VISITOR]


def _network(address: str) -> str:
    """Return an IPv4 address, or the half of an IPv6 address that a household keeps for a day.

    Browsers change the other half as they please (RFC 8981).
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) else address
