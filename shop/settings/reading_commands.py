"""`flask settings get`, `flask settings list`: read what the merchant may change."""

import click
from flask.cli import with_appcontext

from shop.core.config import config
from shop.core.errors import ShopError
from shop.settings.reading import read_settings
from shop.settings.registry import DEFINITIONS, get_definition


@click.command("list")
@with_appcontext
def list_settings() -> None:
    """Show every setting with its value and what it means."""
    try:
        present = read_settings(config().database_url)
    except ShopError as error:
        raise click.ClickException(str(error)) from error
    for key, definition in DEFINITIONS.items():
        shown = definition.show(getattr(present, key))
        click.echo(f"{key} = {shown}\n    {definition.label}. {definition.hint}")


@click.command("get")
@click.argument("key")
@with_appcontext
def get_setting(key: str) -> None:
    """Show the value of the setting KEY."""
    try:
        definition = get_definition(key)
        present = read_settings(config().database_url)
    except ShopError as error:
        raise click.ClickException(str(error)) from error
    click.echo(definition.show(getattr(present, key)))
