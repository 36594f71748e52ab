"""Which jobs there are: handlers and schedules by name, registered when `handlers.py` is loaded."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shop.core.config import Config

Payload = dict[str, Any]
Run = Callable[[Payload], None]
GaveUp = Callable[[Payload, str], None]


@dataclass(frozen=True)
class Handler:
    """How a job runs. `timeout`: seconds after which its worker is taken for dead."""

    name: str
    run: Run
    max_attempts: int
    timeout: int
    gave_up: GaveUp | None


@dataclass(frozen=True)
class Schedule:
    """A job that repeats every `seconds` while `when` agrees with the settings."""

    name: str
    seconds: int
    when: Callable[[Config], bool]


_handlers: dict[str, Handler] = {}
_schedules: dict[str, Schedule] = {}


def job(
    name: str, *, max_attempts: int = 8, timeout: int = 30, gave_up: GaveUp | None = None
) -> Callable[[Run], Run]:
    """Register the decorated function as the handler of the jobs called `name`.

    It gets the payload and must be idempotent. Any exception means "try again later", up to
    `max_attempts` times; then `gave_up(payload, error)` is called inside the transaction that
    marks the job as failed. After `timeout` seconds a worker that still runs it is stopped, and
    another one may take the job: choose it above the slowest network call.
    """

    def register(run: Run) -> Run:
        known = _handlers.get(name)
        if known and (known.run.__module__, known.run.__qualname__) != (
            run.__module__,
            run.__qualname__,
        ):
            raise ValueError(f"two handlers for the job {name!r}")
        _handlers[name] = Handler(name, run, max_attempts, timeout, gave_up)
        return run

    return register


def register_schedule(
    name: str, seconds: int, *, when: Callable[[Config], bool] = lambda _config: True
) -> None:
    """Run the job `name` every `seconds` seconds, beginning with the worker's first start.

    The row is written by the worker; it goes again when `when(config)` says no.
    """
    _schedules[name] = Schedule(name, seconds, when)


class UnknownJob(Exception):
    """This version has no handler for the job; a newer one may."""


def get_handler(name: str) -> Handler:
    """Return the handler of the jobs called `name`. Raises UnknownJob."""
    found = _handlers.get(name)
    if found is None:
        raise UnknownJob(name)
    return found


def find_handler(name: str) -> Handler | None:
    """Return the handler of the jobs called `name`, or None when this version has none."""
    return _handlers.get(name)


def list_schedules(config: Config) -> list[Schedule]:
    """Return the schedules that apply under `config`."""
    return [schedule for schedule in _schedules.values() if schedule.when(config)]
