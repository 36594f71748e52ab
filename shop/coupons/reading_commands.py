"""`flask coupons list`: the codes there are. `flask luck log`: how the prizes went."""

from typing import Any, Final

import click
from flask.cli import with_appcontext

from shop.core.command_input import one_line
from shop.core.config import config
from shop.coupons.reading import coupon_line, read_coupons, read_events
from shop.settings.reading import read_settings

MOST: Final = 2**31 - 1  # lines


def _limit_option(things: str) -> Any:
    largest = click.IntRange(1, MOST)
    text = f"How many of the newest {things}."
    return click.option("--limit", type=largest, default=1000, show_default=True, help=text)


@click.command("list")
@_limit_option("coupons")
@click.option("--batch", callback=one_line, help="Only those of the batch with this name.")
@with_appcontext
def show_all(limit: int, batch: str | None) -> None:
    """Show the coupons, the newest first."""
    url = config().database_url
    locale = read_settings(url).locale
    for coupon in read_coupons(url, limit, batch=batch):
        click.echo(coupon_line(coupon, config(), locale))


@click.command("log")
@_limit_option("lines")
@with_appcontext
def show_log(limit: int) -> None:
    """Show the fairness log: what became of each prize, oldest first."""
    events = read_events(config().database_url, limit)
    if not events:
        click.echo("Nobody has won, and no lucky order was paid yet.", err=True)
    for event in events:
        note = f" ({event.note})" if event.note else ""
        every = f"one in {event.every}" if event.every else "off"
        click.echo(
            f"{event.created_at:%Y-%m-%d %H:%M:%S} UTC · order {event.slot} · {event.kind}{note}"
            f" · {event.paid_count} paid · {every}"
        )
