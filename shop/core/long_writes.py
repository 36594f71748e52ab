"""Long writes in short turns: SQLite has one writer, and shoppers want to write, too.

An import, a seed or a clean-up writes in transactions that take AIM, and lets others in between.
Every such transaction is a `turn()`; what is one anyway calls `give_way()` before it begins.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.orm import Session

from shop.core.clock import monotonic, pause
from shop.core.db import db, in_transaction, transaction

LONGEST: Final = 0.1  # seconds that SQLite's one writer may be kept by a long write
AIM: Final = 0.05  # seconds that a turn should take: what it has begun it still ends
# Who waits for SQLite's lock looks again after 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 and then
# each 100 ms (sqlite3.c, sqliteDefaultBusyCallback): after a turn, one look falls into this pause.
PAUSE: Final = 0.06

_BEGAN: Final = "turn_began"  # in the session: when the open turn got the lock
_wrote = 0.0  # for how long this process has written since it last gave way
_ended = 0.0  # when its last turn ended


@contextmanager
def turn() -> Iterator[Session]:
    """Open a transaction of a long write, after a pause if one is due; joins an open one."""
    if in_transaction():
        with transaction() as session:
            yield session
        return
    give_way()
    with transaction() as session:
        begin = session.info[_BEGAN] = monotonic()
        try:
            yield session
        finally:
            del session.info[_BEGAN]
    wrote(monotonic() - begin)


def is_time_up() -> bool:
    """Return whether the open turn should end; never inside somebody else's transaction."""
    began: float | None = db.session().info.get(_BEGAN)
    return began is not None and monotonic() - began >= AIM


def give_way() -> None:
    """Let others write, if this process has written for AIM without a pause: on SQLite only."""
    global _wrote
    if _wrote < AIM:
        return
    _wrote = 0.0
    left = _ended + PAUSE - monotonic()
    if left > 0 and db.engine.dialect.name == "sqlite":
        pause(left)


def wrote(seconds: float) -> None:
    """Note that a transaction of a long write took `seconds` and has just ended."""
    global _wrote, _ended
    at = monotonic()
    _wrote = (_wrote if at - _ended < PAUSE else 0.0) + seconds
    _ended = at


class Pace:
    """How many rows to write in one turn, so that it takes about AIM: `size`, which adapts."""

    def __init__(self, first: int, largest: int, smallest: int = 1) -> None:
        self.size = first
        self._range = smallest, largest

    @contextmanager
    def turn(self, rows: int | None = None) -> Iterator[Session]:
        """Open a turn that writes `size` rows, or as many as said; the next size follows."""
        with turn() as session:
            begin = monotonic()
            yield session
            took = monotonic() - begin
        self.adapt(took, self.size if rows is None else rows)

    def adapt(self, took: float, rows: int) -> None:
        """Choose the next size after `rows` took `took` seconds; it grows to twice at most."""
        smallest, largest = self._range
        fitting = int(rows * AIM / max(took, 0.001))
        self.size = max(smallest, min(fitting, rows * 2, largest))
