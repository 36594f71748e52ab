"""`flask sweep`, `flask reconcile`."""

import click
from flask.cli import with_appcontext

from shop.orders.services import reconcile, sweep


@click.command("sweep")
@with_appcontext
def sweep_command() -> None:
    """End unpaid orders whose time is over; ask the provider first."""
    click.echo(f"{sweep()} orders ended or found paid")


@click.command("reconcile")
@with_appcontext
def reconcile_command() -> None:
    """Ask the provider about everything open: fulfil, release, repeat."""
    result = reconcile()
    click.echo(
        f"{result.looked_at} looked at, {result.fulfilled} fulfilled, {result.ended} ended, "
        f"{result.failed} failed"
    )


COMMANDS = (sweep_command, reconcile_command)
