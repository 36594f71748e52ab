"""`flask settings`: read and change what the merchant may change."""

import click
from flask.cli import with_appcontext

from shop.errors import ShopError
from shop.settings.queries import shop_settings
from shop.settings.registry import DEFINITIONS, get_definition
from shop.settings.services import set_setting


@click.group("settings")
def settings() -> None:
    """Read and change the merchant's settings."""


@settings.command("list")
@with_appcontext
def list_settings() -> None:
    """Show every setting with its value and what it means."""
    present = shop_settings()
    for key, definition in DEFINITIONS.items():
        shown = definition.show(getattr(present, key))
        click.echo(f"{key} = {shown}\n    {definition.label}. {definition.hint}")


@settings.command("get")
@click.argument("key")
@with_appcontext
def get_setting(key: str) -> None:
    """Show the value of the setting KEY."""
    try:
        click.echo(get_definition(key).show(getattr(shop_settings(), get_definition(key).key)))
    except ShopError as error:
        raise click.ClickException(str(error)) from error


@settings.command("set")
@click.argument("key")
@click.argument("value")
@with_appcontext
def change_setting(key: str, value: str) -> None:
    """Give the setting KEY the value VALUE."""
    try:
        stored = set_setting(key, value, user_id=None)
    except ShopError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{key} = {get_definition(key).show(stored)}")


COMMANDS = (settings,)
