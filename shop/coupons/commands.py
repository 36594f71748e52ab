"""`flask coupons`: make codes and switch them off."""

import sys
from datetime import datetime
from typing import Any

import click
from flask.cli import with_appcontext

from shop.core import plaintext
from shop.core.command_input import one_line
from shop.core.config import config
from shop.core.errors import BadInput, ShopError
from shop.core.spreadsheets import write_rows
from shop.coupons.changes import switch_coupon
from shop.coupons.reading import coupon_line, least_text, off_text, shown_coupon
from shop.coupons.services import (
    CouponTerms,
    create_batch,
    create_coupon,
)
from shop.coupons.typed import TypedTerms, read_terms
from shop.models import Coupon, CouponKind
from shop.settings.queries import shop_settings

_OPTIONS = (
    click.option("--percent", help="Take off this share of the goods, such as 10 or 12.5."),
    click.option("--amount", help="Take off this amount of the goods, such as 25 or 9.90."),
    click.option("--free-delivery", is_flag=True, help="Take off the delivery."),
    click.option("--per-customer", type=int, help="How often one customer may use it."),
    click.option("--minimum", default="0", help="What the goods must be worth at least."),
    click.option("--starts", type=click.DateTime(["%Y-%m-%d"]), help="The first day."),
    click.option("--ends", type=click.DateTime(["%Y-%m-%d"]), help="The last day, whole."),
    click.option("--first-order", is_flag=True, help="Only for a first order."),
    click.option(
        "--holder",
        default="",
        callback=one_line,
        help="Only for the account with this proven address.",
    ),
    click.option(
        "--category",
        multiple=True,
        callback=one_line,
        help="Only for pieces of it, by slug; repeat.",
    ),
    click.option(
        "--product", multiple=True, callback=one_line, help="Only for this piece, by slug; repeat."
    ),
)
_ARGUMENTS = ("code", "name", "number")


def _terms_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command("create")
@click.argument("code")
@_terms_options
@click.option("--limit", type=int, help="How often it may be used in all.")
@with_appcontext
def create(code: str, limit: int | None, **asked: Any) -> None:
    """Make the coupon CODE."""
    try:
        coupon = create_coupon(code, _terms(limit, **asked))
    except ShopError as error:
        raise _refused(error) from error
    click.echo(_line(coupon))


@click.command("batch")
@click.argument("name", callback=one_line)
@click.argument("number", type=int)
@_terms_options
@with_appcontext
def batch(name: str, number: int, **asked: Any) -> None:
    """Make NUMBER codes that can be used once each, and print them as CSV."""
    name = plaintext.line(name)
    try:
        terms = _terms(1, **asked)
        parts = create_batch(name, number, terms)
        if terms.amount_off or terms.minimum_amount:  # say how what was typed was read
            click.echo(f"Each takes off: {_said(terms)}", err=True)
        write_rows(sys.stdout, [["batch", "code"]])
        for codes in parts:
            write_rows(sys.stdout, ([name, code] for code in codes))
            sys.stdout.flush()
    except ShopError as error:
        raise _refused(error) from error


@click.command("disable")
@click.argument("code")
@with_appcontext
def disable(code: str) -> None:
    """Switch the coupon CODE off; orders that wait for their payment keep it."""
    _switch(code, is_active=False)


@click.command("enable")
@click.argument("code")
@with_appcontext
def enable(code: str) -> None:
    """Switch the coupon CODE on again."""
    _switch(code, is_active=True)


def _switch(code: str, *, is_active: bool) -> None:
    try:
        click.echo(_line(switch_coupon(code, is_active=is_active)))
    except ShopError as error:
        raise _refused(error) from error


def _refused(error: ShopError) -> click.ClickException:
    fields = error.fields if isinstance(error, BadInput) else {}
    lines = [
        f"{name.upper() if name in _ARGUMENTS else '--' + name.replace('_', '-')}: {text}"
        for name, text in fields.items()
    ]
    return click.ClickException("\n".join(lines) or str(error))


def _terms(
    limit: int | None,
    *,
    percent: str | None,
    amount: str | None,
    free_delivery: bool,
    starts: datetime | None,
    ends: datetime | None,
    **typed: Any,
) -> CouponTerms:
    if (percent is not None) + (amount is not None) + free_delivery != 1:
        raise click.UsageError("Say one of --percent, --amount and --free-delivery.")
    kind = CouponKind.FREE_DELIVERY
    if percent is not None:
        kind = CouponKind.PERCENT
    elif amount is not None:
        kind = CouponKind.AMOUNT
    return read_terms(
        TypedTerms(
            kind=kind,
            percent=percent or "",
            amount=amount or "",
            starts=starts.date() if starts else None,
            ends=ends.date() if ends else None,
            limit=limit,
            **typed,
        )
    )


def _said(terms: CouponTerms) -> str:
    """Return how the amounts of `terms` were read."""
    form = (config().currency, shop_settings().locale)
    off = off_text(terms.percent_bp, terms.amount_off, *form)
    return f"{off} {least_text(terms.minimum_amount, *form)}".rstrip()


def _line(coupon: Coupon) -> str:
    return coupon_line(shown_coupon(coupon), config(), shop_settings().locale)
