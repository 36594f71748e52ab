"""Where the work at hand began: a request, a job or a command, as both logs name it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Origin:
    """`kind`: "web", "job" or "cli". `id`: by which its lines are found, at most 40 characters."""

    kind: str = "cli"
    id: str = ""


_COMMAND: Final = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=_COMMAND)


def origin() -> Origin:
    """Return where the work of this thread began; a command, if nothing else was said."""
    return _origin.get()


def begin_request(name: str) -> None:
    """Say that what this thread does until `end_request()` belongs to the request `name`."""
    _origin.set(Origin("web", name))


def end_request() -> None:
    """Say that the request is over: a thread serves many."""
    _origin.set(_COMMAND)


@contextmanager
def within_job(name: str) -> Iterator[None]:
    """Say that what is done inside belongs to the job `name`, whoever runs it."""
    token = _origin.set(Origin("job", name))
    try:
        yield
    finally:
        _origin.reset(token)
