"""Figures as the sums of the days tell them; docs/reports.md says what each means."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Row, cast, func, or_, select

from shop.core.config import config
from shop.core.db import db
from shop.models import Dimension, Product, SalesSum
from shop.payments.current import configured_providers, is_play_money
from shop.sales.facts import MEASURES
from shop.sales.period import Period


@dataclass(frozen=True)
class Figures:
    """Sums of days; amounts in minor units."""

    orders: int = 0
    pieces: int = 0
    amount_goods: int = 0
    amount_discount: int = 0
    amount_shipping: int = 0
    amount_tax: int = 0
    amount_sales: int = 0
    refunds: int = 0
    pieces_refunded: int = 0
    amount_refunded: int = 0

    @property
    def amount_net(self) -> int:
        """Sales less what went back; below zero where more went back."""
        return self.amount_sales - self.amount_refunded

    @property
    def amount_average(self) -> int:
        """What an order came to on average, rounded half up; 0 without orders."""
        return (2 * self.amount_sales + self.orders) // (2 * self.orders) if self.orders else 0


class Books(NamedTuple):
    """Which sums count: in one currency, those of the sandbox while the shop takes play money."""

    currency: str
    with_sandbox: bool

    def of(self, dimension: Dimension) -> ColumnElement[bool]:
        """Return the condition for the sums of a dimension."""
        kinds = (True, False) if self.with_sandbox else (False,)
        return (
            (SalesSum.dimension == dimension)
            & SalesSum.is_sandbox.in_(kinds)
            & (SalesSum.currency == self.currency)
        )


def current_books() -> Books:
    """Return the books of the shop as it sells now."""
    return Books(config().currency, any(map(is_play_money, configured_providers())))


def within(*periods: Period) -> ColumnElement[bool]:
    """Return the condition that a sum's day lies in one of the periods."""
    return or_(*(SalesSum.day.between(period.since, period.until) for period in periods))


def sum_of(name: str) -> Any:
    """Return the sum of a measure, a whole number on both engines, labelled with its name."""
    column = SalesSum.__table__.c[name]
    return cast(func.sum(column), column.type).label(name)


def figures_of(row: Row[Any]) -> Figures:
    """Return the figures of a row that has all measures."""
    return Figures(**{name: getattr(row, name) for name in MEASURES})


def figures_by_day(books: Books, *periods: Period) -> dict[date, Figures]:
    """Return the figures of each day of the periods on which anything counted; one statement."""
    rows = db.session.execute(
        select(SalesSum.day, *map(sum_of, MEASURES))
        .where(books.of(Dimension.TOTAL), within(*periods))
        .group_by(SalesSum.day)
        .order_by(SalesSum.day)
    )
    return {row.day: figures_of(row) for row in rows}


def total_of(days: Mapping[date, Figures], period: Period) -> Figures:
    """Return the figures of a period as a whole, from those of its days."""
    return add_up(figures for day, figures in days.items() if day in period)


def add_up(many: Iterable[Figures]) -> Figures:
    """Return the sum of figures."""
    found = list(many)
    return Figures(**{name: sum(getattr(one, name) for one in found) for name in MEASURES})


def best_sellers(books: Books, period: Period, limit: int) -> list[Row[Any]]:
    """Return id, name, cover, pieces and sales of the products sold most; one statement."""
    pieces = sum_of("pieces")
    best = (
        select(SalesSum.key, pieces, sum_of("amount_sales"))
        .where(books.of(Dimension.PRODUCT), within(period))
        .group_by(SalesSum.key)
        .having(pieces > 0)
        .order_by(pieces.desc(), SalesSum.key)
        .limit(limit)
        .subquery()
    )
    return list(
        db.session.execute(
            select(Product.id, Product.name, Product.cover, best.c.pieces, best.c.amount_sales)
            .join(best, Product.id == cast(best.c.key, Integer))
            .order_by(best.c.pieces.desc(), best.c.amount_sales.desc(), Product.id)
        )
    )
