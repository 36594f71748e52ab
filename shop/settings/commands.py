"""`flask settings set`: change what the merchant may change."""

import click
from flask.cli import with_appcontext

from shop.core.errors import ShopError
from shop.settings.registry import get_definition
from shop.settings.services import set_setting


@click.command("set")
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
