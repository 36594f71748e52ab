"""The only place that reads the time. Everything else takes it as an argument or asks here."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from time import monotonic as _monotonic
from time import sleep as _sleep
from zoneinfo import ZoneInfo

_offset = timedelta()
_ahead = 0.0  # seconds


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC) + _offset


def epoch() -> int:
    """Return the present moment as whole seconds since 1970, as Stripe counts."""
    return int(now().timestamp())


def today(zone: str) -> date:
    """Return the calendar day it is now in `zone` (an IANA name), for report dates."""
    return now().astimezone(ZoneInfo(zone)).date()


def monotonic() -> float:
    """Return seconds of a clock that never goes back, for measuring how long something took."""
    return _monotonic() + _ahead


def pause(seconds: float) -> None:
    """Wait `seconds`: between retries, in the worker's idle loop, at armed crash points."""
    _sleep(seconds)


def move(seconds: float) -> None:
    """Shift this process's clock by `seconds`, forwards or back. For tests."""
    global _offset
    _offset += timedelta(seconds=seconds)


def elapse(seconds: float) -> None:
    """Let this process's stop-watch run ahead by `seconds`, as if it had waited. For tests."""
    global _ahead
    _ahead += seconds


@contextmanager
def restored() -> Iterator[None]:
    """Undo every `move()` and `elapse()` made inside the block. For tests."""
    global _offset, _ahead
    before = _offset, _ahead
    try:
        yield
    finally:
        _offset, _ahead = before
