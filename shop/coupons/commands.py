"""`flask coupons`: make, list and switch off codes. `flask luck`: how the prizes went."""

import csv
import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import with_appcontext

from shop.config import config
from shop.coupons.luck import list_events
from shop.coupons.queries import list_coupons
from shop.coupons.services import CouponTerms, create_batch, create_coupon, disable_coupon
from shop.errors import BadInput, ShopError
from shop.models import Coupon, CouponKind
from shop.money import format_money, parse_amount

_OPTIONS = (
    click.option("--percent", help="Take off this share of the goods, such as 10 or 12.5."),
    click.option("--amount", help="Take off this amount of the goods, such as 25 or 9.90."),
    click.option("--free-delivery", is_flag=True, help="Take off the delivery."),
    click.option("--per-customer", type=int, help="How often one customer may use it."),
    click.option("--minimum", default="0", help="What the goods must be worth at least."),
    click.option("--starts", type=click.DateTime(["%Y-%m-%d"]), help="The first day."),
    click.option("--ends", type=click.DateTime(["%Y-%m-%d"]), help="The last day."),
    click.option("--first-order", is_flag=True, help="Only for a first order."),
)


def _terms_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group("coupons")
def coupons() -> None:
    """Make, list and switch off coupons."""


@coupons.command("create")
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


@coupons.command("batch")
@click.argument("name")
@click.argument("number", type=int)
@_terms_options
@with_appcontext
def batch(name: str, number: int, **asked: Any) -> None:
    """Make NUMBER codes that can be used once each, and print them as CSV."""
    try:
        codes = create_batch(name, number, _terms(1, **asked))
    except ShopError as error:
        raise _refused(error) from error
    writer = csv.writer(sys.stdout)
    writer.writerow(["batch", "code"])
    writer.writerows([name, code] for code in codes)


@coupons.command("list")
@with_appcontext
def show_all() -> None:
    """Show all coupons, the newest first."""
    for coupon in list_coupons():
        click.echo(_line(coupon))


@coupons.command("disable")
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
    lines = [f"--{name.replace('_', '-')}: {text}" for name, text in fields.items()]
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
) -> CouponTerms:
    if (percent is not None) + (amount is not None) + free_delivery != 1:
        raise click.UsageError("Say one of --percent, --amount and --free-delivery.")
    kind = CouponKind.FREE_DELIVERY
    if percent is not None:
        kind = CouponKind.PERCENT
    elif amount is not None:
        kind = CouponKind.AMOUNT
    currency = config().currency
    return CouponTerms(
        kind=kind,
        percent_bp=_basis_points(percent) if percent is not None else 0,
        amount_off=_amount("amount", amount, currency) if amount is not None else 0,
        minimum_amount=_amount("minimum", minimum, currency),
        starts_at=_midnight("starts", starts, 0) if starts else None,
        ends_at=_midnight("ends", ends, 1) if ends else None,
        usage_limit=limit,
        per_customer_limit=per_customer,
        is_first_order_only=first_order,
    )


def _basis_points(percent: str) -> int:
    try:
        points = Decimal(percent.strip().removesuffix("%")) * 100
    except InvalidOperation:
        points = Decimal(-1)
    if not points.is_finite() or points != points.to_integral_value():
        points = Decimal(-1)
    if not 1 <= points <= 10_000:
        raise BadInput(percent="Enter a percentage above 0, at most 100, such as 10 or 12.5.")
    return int(points)


def _amount(name: str, text: str, currency: str) -> int:
    try:
        return parse_amount(text, currency)
    except BadInput as error:
        raise BadInput(**{name: "Enter an amount such as 25 or 9.90."}) from error


def _midnight(name: str, day: date, later: int) -> datetime:
    """Return when the day begins in the shop's zone, or the one `later` days after it."""
    try:
        begins = datetime.combine(day, time(), ZoneInfo(config().timezone))
        return (begins + timedelta(days=later)).astimezone(UTC)
    except OverflowError as error:
        raise BadInput(**{name: "That day is too far away."}) from error


def _line(coupon: Coupon) -> str:
    currency = config().currency
    what = {
        CouponKind.PERCENT: f"{coupon.percent_bp / 100:g} %",
        CouponKind.AMOUNT: format_money(coupon.amount_off, currency),
        CouponKind.FREE_DELIVERY: "free delivery",
    }[coupon.kind]
    limit = f" of {coupon.usage_limit}" if coupon.usage_limit else ""
    parts = [coupon.code, what, f"used {coupon.used_count}{limit}"]
    if coupon.ends_at:
        parts.append(f"ends {coupon.ends_at:%Y-%m-%d %H:%M} UTC")
    if coupon.batch:
        parts.append(f"batch {coupon.batch}")
    if not coupon.is_active:
        parts.append("off")
    return " · ".join(parts)


@click.group("luck")
def luck() -> None:
    """Show how "Try your luck" went."""


@luck.command("log")
@click.option("--limit", default=1000, show_default=True, help="How many of the newest lines.")
@with_appcontext
def show_log(limit: int) -> None:
    """Show the fairness log: what became of each prize, oldest first."""
    for event in list_events(limit):
        note = f" ({event.note})" if event.note else ""
        every = f"one in {event.every}" if event.every else "off"
        click.echo(
            f"{event.created_at:%Y-%m-%d %H:%M:%S} UTC · order {event.slot} · {event.kind}{note}"
            f" · {event.paid_count} paid · {every}"
        )


COMMANDS = (coupons, luck)
