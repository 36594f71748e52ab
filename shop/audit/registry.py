"""What a check is, and all of them in order."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select

Finds = Callable[[], Select[*tuple[Any, ...]]]


@dataclass(frozen=True)
class Check:
    """An invariant. `find` returns the statement for the rows that break it."""

    code: str
    sentence: str
    find: Finds


CHECKS: list[Check] = []


def check(code: str, sentence: str) -> Callable[[Finds], Finds]:
    """Register the decorated function as the check `code`; `sentence` says what must hold."""

    def register(find: Finds) -> Finds:
        CHECKS.append(Check(code, sentence, find))
        return find

    return register
