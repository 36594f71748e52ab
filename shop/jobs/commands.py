"""`flask worker`."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from shop.db import db
from shop.jobs.runner import drain
from shop.jobs.services import ensure_schedules
from shop.jobs.worker import Worker
from shop.models import Job
from shop.rows import NO_TABLES


@click.command("worker")
@click.option("--once", is_flag=True, help="Run what is due, then stop.")
@click.option("--parent", type=int, help="Stop when the process with this id is gone.")
@with_appcontext
def worker(once: bool, parent: int | None) -> None:
    """Run jobs (mail, product sync, clean-ups) until stopped.

    SIGTERM lets the running job finish. Several workers may run side by side on PostgreSQL.
    """
    if not _has_tables():
        raise click.ClickException(NO_TABLES)
    # Threads need the application itself: the proxy means nothing outside this context.
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    if once:
        ensure_schedules()
        click.echo(f"{drain()} jobs run.")
        return
    Worker(app, parent=parent).run()


def _has_tables() -> bool:
    """Return whether there are jobs to look for; a database that is away is waited for."""
    try:
        return inspect(db.engine).has_table(Job.__tablename__)
    except DBAPIError:
        return True
