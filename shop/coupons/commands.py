"""`flask coupons`: make codes and switch them off."""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from shop.core import plaintext
from shop.core.command_input import one_line
from shop.core.config import config
from shop.core.emails import clean_email, normalise_email
from shop.core.errors import BadInput, ShopError
from shop.core.number_input import parse_amount, parse_percent
from shop.core.spreadsheets import write_rows
from shop.coupons.queries import find_scope_ids
from shop.coupons.reading import coupon_line, least_text, off_text, shown_coupon
from shop.coupons.services import (
    CouponTerms,
    create_batch,
    create_coupon,
    disable_coupon,
)
from shop.models import Category, Coupon, CouponKind, Product
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
    try:
        click.echo(_line(disable_coupon(code)))
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
    per_customer: int | None,
    minimum: str,
    starts: datetime | None,
    ends: datetime | None,
    first_order: bool,
    holder: str,
    category: Sequence[str],
    product: Sequence[str],
) -> CouponTerms:
    if (percent is not None) + (amount is not None) + free_delivery != 1:
        raise click.UsageError("Say one of --percent, --amount and --free-delivery.")
    kind = CouponKind.FREE_DELIVERY
    if percent is not None:
        kind = CouponKind.PERCENT
    elif amount is not None:
        kind = CouponKind.AMOUNT
    return CouponTerms(
        kind=kind,
        percent_bp=_basis_points(percent) if percent is not None else 0,
        amount_off=_amount("amount", amount) if amount is not None else 0,
        minimum_amount=_amount("minimum", minimum),
        starts_at=_midnight("starts", starts, 0) if starts else None,
        ends_at=_midnight("ends", ends, 1) if ends else None,
        usage_limit=limit,
        per_customer_limit=per_customer,
        is_first_order_only=first_order,
        holder_key=_holder(holder),
        category_ids=_ids("category", Category, category),
        product_ids=_ids("product", Product, product),
    )


def _holder(address: str) -> str:
    return normalise_email(clean_email(address, "holder")) if address else ""


def _ids(name: str, model: type[Category] | type[Product], slugs: Sequence[str]) -> tuple[int, ...]:
    ids = find_scope_ids(model, slugs)
    unknown = [slug for slug in slugs if slug not in ids]
    if unknown:
        raise BadInput(**{name: f"There is none with the slug {', '.join(unknown)}."})
    return tuple(ids.values())


def _basis_points(percent: str) -> int:
    try:
        points = parse_percent(percent)
    except BadInput:
        points = 0
    if not 1 <= points <= 10_000:
        raise BadInput(percent="Enter a percentage above 0, at most 100, such as 10 or 12.5.")
    return points


def _amount(name: str, text: str) -> int:
    try:
        return parse_amount(text, config().currency, shop_settings().locale)
    except BadInput as error:
        raise BadInput(**{name: str(error)}) from error


def _midnight(name: str, day: date, later: int) -> datetime:
    """Return when the day begins in the shop's zone, or the one `later` days after it."""
    try:
        begins = datetime.combine(day, time(), ZoneInfo(config().timezone))
        return (begins + timedelta(days=later)).astimezone(UTC)
    except OverflowError as error:
        raise BadInput(**{name: "That day is too far away."}) from error


def _said(terms: CouponTerms) -> str:
    """Return how the amounts of `terms` were read."""
    form = (config().currency, shop_settings().locale)
    off = off_text(terms.percent_bp, terms.amount_off, *form)
    return f"{off} {least_text(terms.minimum_amount, *form)}".rstrip()


def _line(coupon: Coupon) -> str:
    return coupon_line(shown_coupon(coupon), config(), shop_settings().locale)
