"""What a check is, and all of them in order."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select

Finds = Callable[[], Select[*tuple[Any, ...]]]


@dataclass(frozen=True)
class Check:
    """An invariant. `find` builds the statement for the rows that break it."""

    code: str
    sentence: str
    find: Finds

    @cached_property
    def statement(self) -> Select[*tuple[Any, ...]]:
        """The statement for the rows that break it, built once: that costs more than running it."""
        return self.find()


CHECKS: list[Check] = []


def check(code: str, sentence: str) -> Callable[[Finds], Finds]:
    """Register the decorated function as the check `code`; `sentence` says what must hold."""

    def register(find: Finds) -> Finds:
        CHECKS.append(Check(code, sentence, find))
        return find

    return register
