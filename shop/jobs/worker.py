"""The worker: a process that runs jobs until it is told to stop."""

import faulthandler
import logging
import os
import signal
import types
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.exc import DBAPIError

from shop.core.clock import monotonic, pause
from shop.core.db import is_lock_timeout
from shop.core.errors import Busy
from shop.core.rows import NO_TABLES, is_without_tables
from shop.jobs.runner import run_next
from shop.jobs.services import ensure_schedules, mark_worker_seen

log = logging.getLogger(__name__)

IDLE = 0.5  # seconds between looks for work
TROUBLE = 5.0  # seconds to wait while the database is away


class Worker:
    """Runs what is due, one job at a time; SIGTERM and SIGINT let the running job finish.

    With `parent`, the id of the process that started it, it stops when that is gone.
    """

    def __init__(self, app: Flask, *, parent: int | None = None) -> None:
        self.app = app
        self.parent = parent
        self.is_stopping = False
        self._has_schedules = False

    def run(self) -> None:
        """Work until stopped. Trouble with the database is waited out.

        A database that others write to for long is busy, which passes by itself; one without
        tables is about to get them where machines start together; one that cannot be asked is
        away, which somebody should know.
        """
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        log.info("worker started", extra={"pid": os.getpid()})
        while not self._should_stop():
            try:
                has_worked = self._step()
            except (DBAPIError, Busy) as error:
                self._wait_out(error)
            else:
                if not has_worked:
                    self._wait(IDLE)
        log.info("worker stopped", extra={"pid": os.getpid()})

    def _step(self) -> bool:
        with self.app.app_context():
            if not self._has_schedules:
                ensure_schedules()
                self._has_schedules = True
            mark_worker_seen()
        return run_next(self.app, watchdog)

    def _wait_out(self, error: DBAPIError | Busy) -> None:
        if isinstance(error, Busy) or is_lock_timeout(error):
            log.warning("the database is busy; trying again")
            self._wait(IDLE)
        elif is_without_tables(error):
            log.warning(NO_TABLES)
            self._wait(TROUBLE)
        else:
            log.error("the database is away", exc_info=error)
            self._wait(TROUBLE)

    def _stop(self, _signal: int, _frame: types.FrameType | None) -> None:
        self.is_stopping = True

    def _should_stop(self) -> bool:
        return self.is_stopping or (self.parent is not None and os.getppid() != self.parent)

    def _wait(self, seconds: float) -> None:
        until = monotonic() + seconds
        while not self._should_stop() and monotonic() < until:
            pause(min(IDLE, max(0.0, until - monotonic())))


@contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    """End this process, with a traceback on stderr, if the block takes longer than `seconds`.

    A job that hangs would stop all the others; its lease ends and a fresh worker takes over.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
