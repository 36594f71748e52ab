"""`flask sweep`, `flask reconcile`."""

from collections.abc import Sequence
from typing import Any

import click
from flask.cli import with_appcontext

from shop.command_errors import require_tables
from shop.core.isolation import Failure
from shop.orders.services import end_overdue, reconcile


@click.command("sweep")
@with_appcontext
def sweep_command() -> None:
    """End unpaid orders whose time is over; ask the provider first.

    Exits with 1 when some could not be ended, and names them.
    """
    run = end_overdue()
    click.echo(f"{run.done} orders ended or found paid")
    _tell(run.failures)


@click.command("reconcile")
@with_appcontext
def reconcile_command() -> None:
    """Ask the provider about everything open: fulfil, release, repeat.

    Exits with 1 when something could not be dealt with, and names it; everything else is done.
    """
    require_tables()
    result = reconcile()
    click.echo(
        f"{result.looked_at} looked at, {result.fulfilled} fulfilled, {result.ended} ended, "
        f"{result.failed} failed"
    )
    _tell(result.failures)


def _tell(failures: Sequence[Failure[Any]]) -> None:
    """Name what failed, and exit with 1 if anything did."""
    for failure in failures:
        click.echo(f"failed: {failure}", err=True)
    if failures:
        raise click.exceptions.Exit(1)
