"""`flask welcome`."""

import click
from flask.cli import with_appcontext

from shop.core.config import config
from shop.core.errors import ShopError
from shop.operations.welcome import welcome_text


@click.command("welcome")
@click.option("--port", default=8000, show_default=True, help="Where the shop is about to serve.")
@with_appcontext
def welcome(port: int) -> None:
    """Say what a newcomer needs to know: addresses, test card, mails, staff."""
    try:
        click.echo(welcome_text(config(), port))
    except ShopError as error:
        raise click.ClickException(str(error)) from error
