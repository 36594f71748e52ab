"""Telling Celery's workers that there is something to do. A lost message costs nothing."""

import functools
import hashlib
import logging
from typing import Any

from shop.core.clock import monotonic
from shop.core.config import Config, config

log = logging.getLogger(__name__)

TASK = "shop.drain"
BEAT = 10  # seconds between looks for work that no message announced
VISIBILITY = 900  # seconds after which Redis hands a message to another worker
ONCE_MORE = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0,
}  # a dead connection in the pool
SILENCE = 30.0  # seconds without messages after the broker refused one

_silent_until = 0.0


@functools.cache
def celery_app(settings: Config) -> Any:
    """Return the Celery application for `settings`, with options under which nothing is lost.

    With these a task came back after kill -9 of its worker: acknowledged late, fetched one by
    one, and Redis' table of the unacknowledged looked at every 5 s. The queue carries the
    database's name, so that several shops may share a broker.
    """
    from celery import Celery

    queue = f"vitrine-{hashlib.sha256(settings.database_url.encode()).hexdigest()[:12]}"
    options: dict[str, Any] = {}
    if settings.broker_url.startswith(("redis", "unix", "sentinel")):
        options = {
            "visibility_timeout": VISIBILITY,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "global_keyprefix": f"{queue}:",
            "socket_connect_timeout": 1,
        }
    app = Celery("vitrine", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_ignore_result=True,
        task_default_queue=queue,
        control_exchange=queue,  # two shops' workers on one machine have the same name
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=1,
        broker_transport_options=options,
        beat_schedule_filename=str(settings.instance_path / "celerybeat-schedule"),
        beat_schedule={
            "drain": {"task": TASK, "schedule": BEAT, "options": {"expires": BEAT}},
        },
    )
    return app


def ping() -> None:
    """Ask a Celery worker to look for due jobs.

    When the broker is away the next beat finds them; it is then left alone for a while, so that
    no visitor waits for it twice.
    """
    global _silent_until
    if monotonic() < _silent_until:
        return
    app = celery_app(config())
    try:
        app.send_task(TASK, expires=60, ignore_result=True, retry=True, retry_policy=ONCE_MORE)
    except connection_errors(app) as error:
        _silent_until = monotonic() + SILENCE
        log.warning("broker away", extra={"reason": str(error)})


def connection_errors(app: Any) -> tuple[type[Exception], ...]:
    """Return what a broker that is away may raise, depending on its kind."""
    from kombu.exceptions import KombuError

    probe = app.connection_for_write()
    return (KombuError, OSError, *probe.connection_errors, *probe.channel_errors)
