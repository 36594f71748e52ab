"""`flask backup`, `flask restore`."""

from pathlib import Path
from typing import Final

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from shop.core.clock import now
from shop.core.config import ROOT, config
from shop.core.db import db, end_read
from shop.core.rows import NO_TABLES
from shop.jobs.queries import job_health
from shop.models import Order
from shop.operations.backup import back_up, restore_from
from shop.operations.dumps import BackupError
from shop.operations.queries import database_revision, known_revisions
from shop.shared.page_versions import rotate_cache_versions

AT_WORK: Final = 30  # seconds: a worker says every 15 that it is there


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--no-media", is_flag=True, help="Leave the pictures out.")
@with_appcontext
def backup(file: Path, no_media: bool) -> None:
    """Copy database and pictures into FILE (.tar or .tar.gz) while the shop runs.

    The copy is restored into a scratch database and counted before FILE appears.
    """
    if file.exists():
        raise click.ClickException(f"{file} exists already.")
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent}.")
    revision = database_revision()
    if not revision:
        raise click.ClickException(NO_TABLES)
    end_read()
    try:
        made = back_up(config(), file, revision=revision, with_pictures=not no_media)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    pictures = "no pictures" if made.pictures is None else f"{made.pictures} pictures"
    size = file.stat().st_size / 1024**2
    click.echo(f"{file}: {made.rows} rows in {len(made.counts)} tables, {pictures}, {size:.1f} MB")
    click.echo("Restored into a scratch database and counted: nothing is missing.")
    click.echo("Not in it: the settings (.env) and instance/secret_key. Keep those elsewhere.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Overwrite a database that has orders.")
@with_appcontext
def restore(file: Path, replace: bool) -> None:
    """Replace the database by the one in FILE and add its pictures. Stop the shop first."""
    orders, worker_age = _look_before()
    if orders and not replace:
        raise click.ClickException(f"This shop has {orders} orders; --replace overwrites them.")
    if worker_age is not None and abs(worker_age) < AT_WORK:
        raise click.ClickException(
            f"The shop is running: its job worker was seen {worker_age:.0f} s ago. "
            f"Stop it and try again after {AT_WORK} s."
        )
    try:
        db.session.remove()
        db.engine.dispose()
        manifest = restore_from(config(), file, known_revisions())
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    if manifest.revision != known_revisions()[0]:
        upgrade(directory=str(ROOT / "migrations"))
    rotate_cache_versions()
    pictures = "no pictures" if manifest.pictures is None else f"{manifest.pictures} pictures"
    click.echo(f"Restored the shop of {manifest.created_at}: {manifest.rows} rows, {pictures}.")
    click.echo("Now: flask audit, then start the shop.")


def _look_before() -> tuple[int, float | None]:
    """Return how many orders there are, and how many seconds ago a worker was seen."""
    try:
        orders = db.session.scalar(select(func.count()).select_from(Order)) or 0
        worker_age = job_health(now()).worker_age
    except SQLAlchemyError:
        db.session.remove()  # no tables yet: nothing to lose
        return 0, None
    end_read()
    return orders, worker_age
