"""`flask settings set`, `flask maintenance`: change what the merchant may change."""

import click
from flask.cli import with_appcontext

from shop.core.errors import BadInput, ShopError
from shop.settings.registry import get_definition
from shop.settings.services import set_setting, set_settings


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


@click.command("on")
@click.option("--text", default="", help="What visitors read; empty: the usual words.")
@click.option("--until", default="", help="When it opens by itself: '2026-12-24 18:00', local.")
@with_appcontext
def close_shop(text: str, until: str) -> None:
    """Close the shop for visitors, from their next click on."""
    texts = {"maintenance": "yes", "maintenance_text": text, "maintenance_until": until}
    try:
        set_settings(texts, user_id=None)
    except ShopError as error:
        raise click.ClickException(_all_of(error)) from error
    click.echo(f"The shop is closed for visitors{f' until {until}' if until else ''}.")


@click.command("off")
@with_appcontext
def open_shop() -> None:
    """Open the shop again."""
    set_settings({"maintenance": "no", "maintenance_until": ""}, user_id=None)
    click.echo("The shop is open.")


def _all_of(error: ShopError) -> str:
    return " ".join(error.fields.values()) if isinstance(error, BadInput) else str(error)
