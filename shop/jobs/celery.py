"""The same jobs through Celery: `celery --app shop.jobs.celery worker`, and one `… beat`.

Celery carries no work, only the message that there is some: one task runs whatever is due.
"""

import functools
import logging

from celery.signals import setup_logging
from flask import Flask

from shop import create_app
from shop.core.config import config
from shop.jobs.broker import BEAT, TASK, celery_app, ping
from shop.jobs.runner import run_next
from shop.jobs.services import ensure_schedules, is_any_due, mark_worker_seen
from shop.jobs.worker import watchdog

AT_ONCE = 200  # jobs a message may run; the rest goes to the next message


# Celery leaves logging to the shop; it says when it starts and stops, not each task.
setup_logging.connect(
    lambda **_: logging.getLogger("celery.apps").setLevel(logging.INFO), weak=False
)


def _make_app() -> Flask:
    made = create_app()
    with made.app_context():
        if not config().broker_url:
            raise SystemExit("Set BROKER_URL or REDIS_URL to run jobs through Celery.")
    return made


@functools.cache
def worker_app() -> Flask:
    """Return this process's application: made after the fork, with its own connections."""
    made = _make_app()
    with made.app_context():
        ensure_schedules()
    return made


with _make_app().app_context():
    app = celery_app(config())


@app.task(name=TASK)
def drain_queue() -> int:
    """Run what is due; return how many jobs were run. Ask for another round if some are left."""
    shop_app = worker_app()
    with shop_app.app_context():
        mark_worker_seen()
    count = 0
    while count < AT_ONCE and run_next(shop_app, watchdog):
        count += 1
    if count == AT_ONCE:
        with shop_app.app_context():
            if is_any_due():
                ping()
    return count


__all__ = ["BEAT", "app", "drain_queue"]
