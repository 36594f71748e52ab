"""Running jobs one after another, each in an application context of its own."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from flask import Flask, current_app

from shop.core.db import crash_point, end_read, in_transaction
from shop.core.origin import within_job
from shop.jobs.registry import get_handler
from shop.jobs.services import Claimed, claim, fail, finish, is_any_due

log = logging.getLogger(__name__)


Guard = Callable[[float], AbstractContextManager[object]]


def run_next(app: Flask, guard: Guard = nullcontext) -> bool:
    """Run the job that is due longest; return whether there was one.

    Whatever the handler raises is recorded on the job, which is tried again later. `guard` gets
    the handler's timeout in seconds and surrounds its run.
    """
    with app.app_context():
        if not is_any_due():
            return False
        claimed = claim()
    if claimed is not None:
        with within_job(f"job-{claimed.id}"):
            _run(app, claimed, guard)
    return True


def _run(app: Flask, claimed: Claimed, guard: Guard) -> None:
    crash_point("job-claimed")
    try:
        with app.app_context():
            handler = get_handler(claimed.name)
            with guard(handler.timeout):
                handler.run(claimed.payload)
    except Exception as error:
        # Anything may go wrong in a handler; it is recorded on the job, which is tried again.
        log.warning(
            "job failed",
            extra={"job": claimed.name, "job_id": claimed.id, "attempt": claimed.attempts},
            exc_info=error,
        )
        with app.app_context():
            fail(claimed, f"{type(error).__name__}: {error}")
        return
    crash_point("job-ran")
    with app.app_context():
        finish(claimed)


def drain(app: Flask | None = None, *, limit: int = 10_000) -> int:
    """Run every job that is due, and those they enqueue; return how many, at most `limit`.

    For tests, commands and Celery. Inside an open application context that context's read
    snapshot ends, so that the caller sees what the jobs did.
    """
    # The application itself: the proxy would mean another one in the contexts pushed below.
    found = app or current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if app is None:
        if in_transaction():
            raise RuntimeError("jobs run after the commit, not inside a transaction")
        end_read()
    count = 0
    while count < limit and run_next(found):
        count += 1
    if app is None:
        end_read()
    return count
