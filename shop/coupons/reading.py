"""Coupons and the fairness log as commands show them, read without the database library."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shop.core.config import Config
from shop.core.money import format_money
from shop.core.rows import moment_of, read_rows

_COUPONS = """
SELECT code, percent_bp, amount_off, used_count, usage_limit, per_customer_limit, minimum_amount,
    starts_at, ends_at, is_first_order_only, holder_key, batch, is_prize, is_active
FROM coupon WHERE ? OR batch = ? ORDER BY id DESC LIMIT ?
"""
_EVENTS = """
SELECT slot, kind, note, paid_count, every, created_at FROM luck_event ORDER BY id DESC LIMIT ?
"""


class ShownCoupon(NamedTuple):
    """What is shown of a coupon; the fields are those of the model."""

    code: str
    percent_bp: int
    amount_off: int
    used_count: int
    usage_limit: int | None
    per_customer_limit: int | None
    minimum_amount: int
    starts_at: datetime | None
    ends_at: datetime | None
    is_first_order_only: bool
    holder_key: str
    batch: str
    is_prize: bool
    is_active: bool


class ShownEvent(NamedTuple):
    """A line of the fairness log; the fields are those of the model."""

    slot: int
    kind: str
    note: str
    paid_count: int
    every: int
    created_at: datetime


def shown_coupon(coupon: object) -> ShownCoupon:
    """Return what is shown of a coupon that is an object of the model."""
    return ShownCoupon(*(getattr(coupon, name) for name in ShownCoupon._fields))


def read_coupons(
    database_url: str, limit: int, *, batch: str | None = None
) -> Sequence[ShownCoupon]:
    """Return the coupons, or those of a batch, the newest first, at most `limit`.

    Raises CannotRead.
    """
    rows = read_rows(database_url, _COUPONS, batch is None, batch or "", limit)
    found = (ShownCoupon(*row) for row in rows)
    return [
        coupon._replace(starts_at=_moment(coupon.starts_at), ends_at=_moment(coupon.ends_at))
        for coupon in found
    ]


def _moment(stored: datetime | None) -> datetime | None:
    return moment_of(stored) if stored else None


def read_events(database_url: str, limit: int = 1000) -> Sequence[ShownEvent]:
    """Return the newest lines of the fairness log, oldest first. Raises CannotRead."""
    rows = (ShownEvent(*row) for row in read_rows(database_url, _EVENTS, limit))
    return [event._replace(created_at=moment_of(event.created_at)) for event in rows][::-1]


def coupon_line(coupon: ShownCoupon, config: Config, locale: str) -> str:
    """Return a coupon in a line: amounts as `locale` writes them, days in the shop's zone."""
    limit = f" of {coupon.usage_limit}" if coupon.usage_limit else ""
    last = coupon.ends_at - timedelta(microseconds=1) if coupon.ends_at else None
    zone = ZoneInfo(config.timezone)
    parts = [
        coupon.code,
        off_text(coupon.percent_bp, coupon.amount_off, config.currency, locale),
        f"used {coupon.used_count}{limit}",
        f"{coupon.per_customer_limit} each" if coupon.per_customer_limit else "",
        least_text(coupon.minimum_amount, config.currency, locale),
        f"starts {_day(coupon.starts_at, zone)}" if coupon.starts_at else "",
        f"ends {_day(last, zone)}" if last else "",
        "first order" if coupon.is_first_order_only else "",
        f"for {coupon.holder_key}" if coupon.holder_key else "",
        f"batch {coupon.batch}" if coupon.batch else "",
        "prize" if coupon.is_prize else "",
        "" if coupon.is_active else "off",
    ]
    return " · ".join(filter(None, parts))


def off_text(percent_bp: int, amount_off: int, currency: str, locale: str) -> str:
    """Return what a coupon takes off: a share, an amount, or with neither the delivery."""
    if percent_bp:
        return f"{percent_bp / 100:g} %"
    return format_money(amount_off, currency, locale) if amount_off else "free delivery"


def least_text(minimum_amount: int, currency: str, locale: str) -> str:
    """Return what the goods must be worth at least; empty for no minimum."""
    return f"from {format_money(minimum_amount, currency, locale)}" if minimum_amount else ""


def _day(moment: datetime, zone: ZoneInfo) -> str:
    """Return the day of a moment in the shop's zone, as the options take it."""
    return moment.astimezone(zone).date().isoformat()
