"""`flask worker`."""

import click
from flask import current_app
from flask.cli import with_appcontext

from shop.command_errors import require_tables
from shop.jobs.runner import drain
from shop.jobs.services import ensure_schedules
from shop.jobs.worker import Worker


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due, then stop.")
@click.option("--parent", type=int, help="Stop when the process with this id is gone.")
@with_appcontext
def worker(once: bool, parent: int | None) -> None:
    """Run jobs (mail, product sync, clean-ups) until stopped.

    SIGTERM lets the running job finish. Several workers may run side by side on PostgreSQL.
    """
    # Threads need the application itself: the proxy means nothing outside this context.
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if once:
        require_tables()
        ensure_schedules()
        click.echo(f"{drain()} jobs run.")
        return
    Worker(app, parent=parent).run()
