"""Each item by itself: one that fails is recorded, keeps no other waiting, and is named at the end.

For every loop over things of different owners: orders, events, refunds, rows of an import.
"""

import logging
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from shop.core.db import abandon, in_transaction
from shop.core.errors import Busy, ShopError

log = logging.getLogger(__name__)

T = TypeVar("T")
Errors = tuple[type[Exception], ...]

SHOWN = 5  # failures that a sentence names; the log has all of them
REASON = 300  # characters
IN_A_ROW = 3  # items without an answer, after which whom they all need is taken for away


@dataclass(frozen=True)
class Failure(Generic[T]):
    """An item that could not be dealt with. `name` is how staff know it, `reason` why."""

    item: T
    name: str
    reason: str
    error: Exception

    def __str__(self) -> str:
        return f"{self.name} ({self.reason})"


@dataclass
class Run(Generic[T]):
    """What became of a loop. `left`: items it did not come to, because nobody answered."""

    what: str
    done: int = 0
    waiting: int = 0
    left: int = 0
    failures: list[Failure[T]] = field(default_factory=list)

    @property
    def looked_at(self) -> int:
        """How many items were tried."""
        return self.done + self.waiting + len(self.failures)

    def check(self) -> None:
        """Raise SomeFailed, naming how many and which, when any item failed."""
        if self.failures:
            raise SomeFailed(self.what, self.failures)


class SomeFailed(ShopError):
    """Some items of a run failed; all the others were dealt with. The sentence says which."""

    def __init__(self, what: str, failures: Iterable[Failure[Any]]) -> None:
        self.failures = list(failures)
        named = "; ".join(str(failure) for failure in self.failures[:SHOWN])
        more = len(self.failures) - SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        super().__init__(f"{what}: {len(self.failures)} failed: {named}{rest}")


def each(
    what: str,
    items: Iterable[T],
    act: Callable[[T], object],
    *,
    name: Callable[[T], str] = str,
    waits: Errors = (),
    away: Errors = (),
    whom: Callable[[T], Hashable] = lambda _item: None,
) -> Run[T]:
    """Do `act` with each item, in whatever transactions it opens; return what became of them.

    Anything an item raises is logged under `name(item)` and rolled back, and the next one has its
    turn. `waits`: errors that mean "not yet", which are no failure. `away`: errors that mean that
    `whom` an item needs does not answer; after three in a row (Busy is one, too) the rest of those
    who need the same is left for the next run, but for errors that say of themselves that they are
    not `is_silent`. All need the same where nothing is said.
    Raises RuntimeError inside a transaction, which the failure of one item would take along, and
    what `items` itself raises.
    """
    if in_transaction():
        raise RuntimeError("each item needs a transaction of its own")
    run: Run[T] = Run(what)
    silent: Counter[Hashable] = Counter()
    for item in items:
        needed = whom(item)
        if silent[needed] >= IN_A_ROW:
            run.left += 1
            continue
        try:
            act(item)
        except waits as error:
            log.info("%s: waits", what, extra={"item": name(item), "reason": str(error)})
            run.waiting, silent[needed] = run.waiting + 1, 0
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is this item's alone
            _forget()
            run.failures.append(_failure(what, item, name(item), error))
            silent[needed] = silent[needed] + 1 if _is_silent(error, away) else 0
        else:
            run.done, silent[needed] = run.done + 1, 0
    return run


def _is_silent(error: Exception, away: Errors) -> bool:
    return isinstance(error, (*away, Busy)) and getattr(error, "is_silent", True)


def _failure(what: str, item: T, name: str, error: Exception) -> Failure[T]:
    """Log what went wrong: a refusal in a line, anything else with its traceback."""
    is_known = isinstance(error, ShopError)
    said = str(error) if is_known else f"{type(error).__name__}: {error}"
    reason = said.replace("\0", "").splitlines()[0][:REASON] if said.strip() else repr(error)
    write = log.warning if is_known else log.error
    extra = {"item": name, "reason": reason}
    write("%s: failed", what, extra=extra, exc_info=None if is_known else error)
    return Failure(item, name, reason, error)


def _forget() -> None:
    """Roll back what the failed item left open, so that the next one starts afresh."""
    try:
        abandon()
    except SQLAlchemyError:  # the connection is gone: the next item gets another one
        log.exception("rollback failed")
