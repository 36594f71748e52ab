"""`flask welcome`."""

from typing import Final

import click
from flask.cli import with_appcontext

from shop.config import config
from shop.errors import ShopError
from shop.rows import read_rows
from shop.settings.reading import read_settings

_STAFF: Final = "SELECT count(*) FROM users WHERE role_id IS NOT NULL AND is_active"


@click.command("welcome")
@click.option("--port", default=8000, show_default=True, help="Where the shop is about to serve.")
@with_appcontext
def welcome(port: int) -> None:
    """Say what a newcomer needs to know: address, test card, mails, staff."""
    try:
        lines = _lines(config().site_url or f"http://127.0.0.1:{port}")
    except ShopError as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n" + "\n".join(f"  {line}" for line in lines) + "\n")


def _lines(address: str) -> list[str]:
    lines = [f"{read_settings(config().database_url).name} is on {address}"]
    lines.append(f"Staff work at {address}/admin/")
    if config().uses_sandbox:
        lines.append("Pay with the test card 4242 4242 4242 4242, any later date, any CVC.")
    if not config().sends_mail:
        lines.append(f"Mails are written to {config().mail_path}")
    if not read_rows(config().database_url, _STAFF)[0][0]:
        lines.append("Make yourself staff: .venv/bin/flask create-admin you@example.com")
    lines.append("Something wrong? .venv/bin/flask doctor · Stop with Ctrl-C.")
    return lines
