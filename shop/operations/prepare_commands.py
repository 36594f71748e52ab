"""`flask prepare`: what `make run` does before it serves, in one process."""

import click
from flask.cli import with_appcontext
from flask_migrate import upgrade

from shop.core.config import ROOT, config
from shop.core.db import db
from shop.core.errors import ShopError
from shop.operations.welcome import welcome_text
from shop.seed.services import seed_demo


@click.command("prepare")
@click.option("--port", default=8000, show_default=True, help="Where the shop is about to serve.")
@with_appcontext
def prepare(port: int) -> None:
    """Migrate the database, fill the demo shop on the first run, and say what to know.

    The same as `db upgrade`, `seed demo` and `welcome` one after the other. Safe to repeat.
    """
    upgrade(directory=str(ROOT / "migrations"))
    try:
        seeded = seed_demo(None, lambda _what, _done, _total: None)
        db.session.remove()
        if seeded is not None:
            click.echo(f"The demo shop is filled: {seeded.made} pieces.")
        click.echo(welcome_text(config(), port))
    except ShopError as error:
        raise click.ClickException(str(error)) from error
