"""`flask doctor`, `flask jobs retry`."""

import click
from flask import Flask
from flask.cli import ScriptInfo, with_appcontext

from shop.core.config import Config, parse_config
from shop.jobs.queries import list_failed
from shop.jobs.services import retry_now
from shop.operations.check_results import CheckLevel, CheckResult
from shop.operations.checks import check_shop
from shop.operations.settings_check import check_gunicorn, check_settings

LARGEST_ID = 2**31 - 1


@click.command("doctor")
@click.pass_obj
def doctor(script: ScriptInfo) -> None:
    """Look at every setting and at the running shop; say what is wrong and what to do.

    Works also when the shop refuses to start. Exits with 1 when something is bad.
    """
    app = script.load_app()
    known = app.extensions.get("shop_config")
    found = _examine(app, known) if isinstance(known, Config) else check_settings(*parse_config())
    found.append(check_gunicorn())
    for finding in found:
        click.secho(str(finding), fg=_COLORS[finding.level])
    bad = sum(finding.level is CheckLevel.BAD for finding in found)
    if bad:
        raise click.exceptions.Exit(1)
    click.echo("The shop is well.")


_COLORS = {CheckLevel.OK: None, CheckLevel.LOOK: "yellow", CheckLevel.BAD: "red"}


def _examine(app: Flask, known: Config) -> list[CheckResult]:
    found = check_settings(known, [])
    with app.app_context():
        return found + check_shop()


@click.command("retry")
@click.argument("job_ids", nargs=-1, type=click.IntRange(1, LARGEST_ID))
@with_appcontext
def retry_jobs(job_ids: tuple[int, ...]) -> None:
    """Give jobs all their tries again: those with JOB_IDS, else all that were given up."""
    chosen = job_ids or tuple(job.id for job in list_failed(limit=10_000))
    again = sum(retry_now(job_id) for job_id in chosen)
    click.echo(f"{again} jobs will run again.")
