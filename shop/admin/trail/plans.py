"""What taking an entry of the trail back would change: which values, of what, to what.

Only the values that the entry changed are looked at, and each must still be what the entry left.
Stock is a difference: what was added is taken away, whatever was sold since.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from shop.admin.staff_actions import Staff
from shop.admin.trail.words import Named, describe, label
from shop.core.db import Base, db
from shop.core.errors import OrderError
from shop.core.row_ids import parse_id
from shop.models import AuditEntry

Row = TypeVar("Row", bound=Base)
Old = Mapping[Named, Any]
GONE: Final = "It is not there any more, so nothing of it can be reverted."


@dataclass(frozen=True)
class Step:
    """A value that is taken back: as the entry left it, as it is now, as it would be.

    `is_difference`: a number to which the entry added, so that it may have moved on since.
    """

    name: Named
    left: Any
    now: Any
    back: Any
    is_difference: bool = False

    @property
    def has_moved(self) -> bool:
        """Whether it cannot be taken back: it is another one by now, or too few are left."""
        return bool(self.back < 0) if self.is_difference else bool(self.now != self.left)


@dataclass(frozen=True)
class Reversal:
    """What taking an entry back would change, what one must be allowed to, and how it is done."""

    needed: frozenset[str]
    steps: list[Step]
    act: Callable[[Staff], object]

    @property
    def has_moved(self) -> bool:
        """Whether the thing has moved on since, so that it cannot be done."""
        return any(step.has_moved for step in self.steps)


def steps_of(before: Old, after: Old, now: Mapping[str, Any]) -> list[Step]:
    """Return the steps for the values of a thing that is `now` so."""
    return [
        Step(name, left, now[name[1]], before[name])
        for name, left in after.items()
        if name[1] in now
    ]


def step_words(steps: Sequence[Step]) -> list[tuple[str, str, str, str, bool]]:
    """Return (name, left, now, back, has moved) of each step, in words."""
    found = []
    for step in steps:
        name = label(step.name)
        left, now, back = (describe(name, value, 0) for value in (step.left, step.now, step.back))
        found.append((name, left, now, back, step.has_moved))
    return found


def get_row(model: type[Row], entry: AuditEntry) -> Row:
    """Return the row that an entry is about. Raises OrderError where it is gone."""
    row = db.session.get(model, parse_id(entry.object_id), populate_existing=True)
    if row is None:
        raise OrderError(GONE)
    return row
