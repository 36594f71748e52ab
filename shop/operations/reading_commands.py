"""`flask jobs list`."""

import click
from flask.cli import with_appcontext

from shop.core.config import config
from shop.operations.reading import read_failed


@click.command("list")
@with_appcontext
def list_jobs() -> None:
    """Print the jobs that were given up, newest first."""
    found = read_failed(config().database_url)
    if not found:
        click.echo("No job was given up.")
    for job in found:
        reason = job.error.splitlines()[0] if job.error else ""
        click.echo(f"{job.id:8}  {job.name:28} {job.attempts} tries  {reason[:120]}")
