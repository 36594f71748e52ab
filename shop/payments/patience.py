"""How long somebody is kept waiting for the payment service: one budget for a whole request.

Several calls, their tries and the pauses between them share it. Who works for nobody in
particular (the worker, a command) has no budget: there each try has its own time-outs alone.
"""

from contextvars import ContextVar

from shop.core.clock import monotonic

BUDGET = 12.0
"""Seconds from the beginning of a request after which it gets its answer."""

LEAST = 1.0
"""Seconds: with less left no call and no other try is begun."""

_deadline: ContextVar[float | None] = ContextVar("payment_deadline", default=None)


def begin_waiting(seconds: float = BUDGET) -> None:
    """Begin a request: from now on its calls have `seconds` together."""
    _deadline.set(monotonic() + seconds)


def end_waiting(_error: BaseException | None = None) -> None:
    """End the request; what follows in this thread has no budget."""
    _deadline.set(None)


def time_left() -> float | None:
    """Return how many seconds are left, at least 0; None where nobody waits."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - monotonic())


def is_time_for(pause: float = 0.0) -> bool:
    """Return whether another try makes sense after `pause` seconds."""
    left = time_left()
    return left is None or left >= pause + LEAST
