"""`flask seed`: fill a shop, and check what is in it."""

import sys
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import wraps
from pathlib import Path
from typing import Final, ParamSpec

import click
from flask.cli import with_appcontext

from shop.core.clock import monotonic
from shop.core.config import config
from shop.core.errors import BadInput, ShopError
from shop.core.money import format_money
from shop.seed.checks import count_rows, find_problems
from shop.seed.fetch import fetch
from shop.seed.files.reading import Reading
from shop.seed.imports import import_json
from shop.seed.remote import Gallery
from shop.seed.services import seed_demo, seed_random
from shop.settings.queries import shop_settings

P = ParamSpec("P")
MOST_READ: Final = 20  # prices of which it is said how they were read
LARGEST_FILE: Final = 50 * 1024 * 1024  # bytes of a local file


class Show:
    """Shows how far something is: one moving line on a terminal, else a line every few seconds."""

    EVERY = 3.0  # seconds between lines in a log

    def __init__(self) -> None:
        self.is_terminal = sys.stderr.isatty()
        self.last = monotonic()
        self.began = self.last

    def __call__(self, what: str, done: int, total: int) -> None:
        """Tell that `done` of `total` are done."""
        at = monotonic()
        is_done = done >= total
        if self.is_terminal:
            if is_done or at - self.last > 0.1:
                click.echo(f"\r{what}: {done} of {total}\x1b[K", nl=is_done, err=True)
                self.last = at
        elif is_done or at - self.last > self.EVERY:
            click.echo(f"{what}: {done} of {total}", err=True)
            self.last = at

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return monotonic() - self.began


def explained(command: Callable[P, None]) -> Callable[P, None]:
    """Let the command end with a sentence and exit code 1 when the shop refuses something."""

    @wraps(command)
    def runs(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except ShopError as error:
            raise click.ClickException(str(error)) from error

    return runs


@click.command("demo")
@click.option(
    "--products",
    type=click.IntRange(1, 200_000),
    help="How many pieces the shop should have. Without it: all of the demo's own, once.",
)
@with_appcontext
@explained
def demo_command(products: int | None) -> None:
    """Fill the demo shop Maison Flux. Safe to repeat: what is there stays as it is."""
    show = Show()
    seeded = seed_demo(products, show)
    if seeded is None:
        click.echo("The demo shop has been filled before; nothing to do.")
        return
    click.echo(f"{seeded.made} pieces made, {seeded.present} were there, in {show.seconds:.1f} s.")


@click.command("random")
@click.argument("count", type=click.IntRange(1, 1_000_000))
@with_appcontext
@explained
def random_command(count: int) -> None:
    """See to it that the shop has COUNT pieces made of the demo's houses, designs and palettes."""
    show = Show()
    seeded = seed_random(count, show)
    click.echo(f"{seeded.made} pieces made, {seeded.present} were there, in {show.seconds:.1f} s.")


@click.command("json")
@click.argument("source")
@click.option(
    "--rate", "rates", multiple=True, metavar="USD=0.92", help="What 1 USD is worth here."
)
@click.option("--stock", type=click.IntRange(0, 10_000), default=20, show_default=True)
@click.option("--no-fetch", is_flag=True, help="Draw pictures instead of fetching any.")
@with_appcontext
@explained
def json_command(source: str, rates: tuple[str, ...], stock: int, no_fetch: bool) -> None:
    """Import pieces from SOURCE: the path or https address of a JSON file.

    Takes the shop's own format (shop/seed/samples/pieces.json shows every field), the Makeup API's
    and DummyJSON's. Rows that cannot be used are listed with the reason; the others are imported.
    --stock is the stock of new pieces whose row does not say it.
    """
    show = Show()
    currency = config().currency
    locale = shop_settings().locale
    reading = Reading(currency=currency, locale=locale, stock=stock, rates=dict(map(_rate, rates)))
    data, folder = _load(source)
    gallery = Gallery(folder=folder, may_fetch=not no_fetch)
    imported = import_json(data, reading, gallery, show)
    for bad in imported.bad:
        click.echo(f"row {bad.number}: {bad.reason}", err=True)
    for address, reason in sorted(gallery.missing.items()):
        click.echo(f"drawn instead of {address}: {reason}", err=True)
    for line in _noticed(reading):
        click.echo(line, err=True)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in imported.counts.items())
    click.echo(f"{counts}, {len(imported.bad)} left out, in {show.seconds:.1f} s.")
    if imported.bad and not any(imported.counts.values()):
        raise click.exceptions.Exit(1)


def _noticed(reading: Reading) -> Iterator[str]:
    """Yield what should be known about how prices were read."""
    for other in sorted(reading.unknown):
        yield f"prices in {other} were taken as {reading.currency}; say --rate {other}=…"
    for text, amount in list(reading.read.items())[:MOST_READ]:
        yield f"“{text}” was read as {amount}"
    if (more := len(reading.read) - MOST_READ) > 0:
        yield f"and {more} more prices in marks of their own"
    yield from sorted(reading.remarks)


def _load(source: str) -> tuple[bytes, Path | None]:
    """Return a file's content, and the folder that its pictures may be read from."""
    if "://" in source:
        return fetch(source), None
    path = Path(source)
    try:
        if not path.is_file():
            raise BadInput(f"There is no file {source}.")
        if path.stat().st_size > LARGEST_FILE:
            raise BadInput(f"{source} is larger than {LARGEST_FILE // 1024**2} MB.")
        return path.read_bytes(), path.parent
    except OSError as error:
        raise BadInput(f"{source[:200]} cannot be read: {error.strerror}.") from error


def _rate(text: str) -> tuple[str, Decimal]:
    currency, _, number = text.partition("=")
    try:
        rate = Decimal(number)
    except InvalidOperation:
        rate = Decimal(0)
    if len(currency) != 3 or not rate.is_finite() or not 0 < rate < 1_000_000:
        raise BadInput(f"Write a rate like USD=0.92, not {text}.")
    return currency.upper(), rate


@click.command("check")
@with_appcontext
@explained
def check_command() -> None:
    """Look whether everything on sale can be bought, seen and paid for; exit 1 if not."""
    counts = count_rows()
    currency, locale = config().currency, shop_settings().locale
    lowest, highest = (
        format_money(amount, currency, locale) for amount in (counts.lowest, counts.highest)
    )
    click.echo(
        f"{counts.on_sale} pieces on sale from {lowest} to {highest}: {counts.variants} variants, "
        f"{counts.with_variants} pieces to choose from, {counts.reduced} reduced, "
        f"{counts.sold_out} sold out.\n"
        f"{counts.pictures} pictures, {counts.categories} categories, {counts.brands} houses."
    )
    problems = list(find_problems())
    for problem in problems:
        listed = f": {', '.join(problem.examples)}" if problem.examples else ""
        number = f"{problem.count} pieces " if problem.count else ""
        click.echo(f"{number}{problem.what}{listed}", err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("Every piece can be bought, seen and paid for.")
