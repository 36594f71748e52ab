"""Sales of a period by day, product, category, country, coupon or customer, and as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Integer, Select, cast, func, literal_column, select, union_all

from shop.admin.query_strings import query_string
from shop.core.db import db
from shop.models import Category, Dimension, Order, Product, Refund, SalesSum
from shop.sales.facts import MEASURES
from shop.sales.period import ChosenPeriod, Period
from shop.sales.queries import (
    Books,
    Figures,
    current_books,
    figures_by_day,
    figures_of,
    sum_of,
    total_of,
    within,
)

PER_PAGE: Final = 50
Lines = Select[*tuple[Any, ...]]


class Division(StrEnum):
    """By what the sales are divided."""

    DAY = "day"
    PRODUCT = "product"
    CATEGORY = "category"
    COUNTRY = "country"
    COUPON = "coupon"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class ReportFilter:
    """Which report, of which days, and which page of it."""

    by: Division
    chosen: ChosenPeriod
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return it as a query string."""
        page = self.page if self.page > 1 else ""
        values = {"by": self.by.value, **self.chosen.values, "page": page, **changes}
        return query_string(values)


@dataclass(frozen=True)
class ReportLine:
    """One line: `key` as it is stored, `name` as it reads; None where it stands for no row."""

    key: Any
    name: str | None
    figures: Figures
    before: Figures


@dataclass(frozen=True)
class Report:
    """A page of a report with the sums of all of it; `before`: of the days before."""

    lines: Sequence[ReportLine]
    currency: str
    total: Figures
    before: Figures
    count: int
    pages: int


def load_report(asked: ReportFilter) -> Report:
    """Return a page of a report; three statements at most."""
    books, period = current_books(), asked.chosen.period
    days = figures_by_day(books, period.before, period)
    if asked.by is Division.DAY:
        lines = _by_day(days, period)
        count = len(lines)
        shown: Sequence[ReportLine] = lines[_offset(asked) : _offset(asked) + PER_PAGE]
    else:
        page = _lines(asked.by, books, period).limit(PER_PAGE).offset(_offset(asked))
        rows = db.session.execute(page).all()
        count = rows[0].of_all if rows else 0
        before = _before(asked.by, books, period.before, [row.key for row in rows])
        shown = [
            ReportLine(row.key, row.name, figures_of(row), before.get(row.key, Figures()))
            for row in rows
        ]
    return Report(
        lines=shown,
        currency=books.currency,
        total=total_of(days, period),
        before=total_of(days, period.before),
        count=count,
        pages=max(1, -(-count // PER_PAGE)),
    )


def all_lines(asked: ReportFilter) -> Iterable[ReportLine]:
    """Return every line of a report, for a file; nothing of the days before."""
    books, period = current_books(), asked.chosen.period
    if asked.by is Division.DAY:
        return _by_day(figures_by_day(books, period), period)
    rows = db.session.execute(_lines(asked.by, books, period))
    return [ReportLine(row.key, row.name, figures_of(row), Figures()) for row in rows]


def _offset(asked: ReportFilter) -> int:
    return (asked.page - 1) * PER_PAGE


def _by_day(days: Mapping[date, Figures], period: Period) -> list[ReportLine]:
    """Return the days on which anything counted, the last one first, beside those before."""
    none = Figures()
    pairs = zip(period, period.before, strict=True)
    lines = [
        ReportLine(day, day.isoformat(), days.get(day, none), days.get(before, none))
        for day, before in pairs
    ]
    return [line for line in reversed(lines) if line.key in days]


def _lines(by: Division, books: Books, period: Period) -> Lines:
    """Return the statement for all lines, the largest sales first, with their number."""
    sums = _sums(by, books, period).subquery("sums")
    columns = [sums.c.key, *(sums.c[name] for name in MEASURES)]
    count = func.count().over().label("of_all")
    name, lines = _NAMED[by](sums)
    return lines.add_columns(*columns, name.label("name"), count).order_by(
        sums.c.amount_sales.desc(), sums.c.amount_refunded.desc(), sums.c.key
    )


def _before(by: Division, books: Books, period: Period, keys: list[Any]) -> dict[Any, Figures]:
    if not keys:
        return {}
    sums = _sums(by, books, period).subquery("sums")
    rows = db.session.execute(select(sums).where(sums.c.key.in_(keys)))
    return {row.key: figures_of(row) for row in rows}


def _sums(by: Division, books: Books, period: Period) -> Lines:
    if by is Division.CUSTOMER:
        return _sums_of_customers(books, period)
    if by is Division.CATEGORY:
        return _sums_of_categories(books, period)
    return (
        select(SalesSum.key.label("key"), *map(sum_of, MEASURES))
        .where(books.of(Dimension(by.value)), within(period))
        .group_by(SalesSum.key)
    )


def _sums_of_categories(books: Books, period: Period) -> Lines:
    """Return the sums of products by the category that each is in now; 0 for none."""
    key = func.coalesce(Product.category_id, 0)
    return (
        select(key.label("key"), *map(sum_of, MEASURES))
        .join(Product, Product.id == cast(SalesSum.key, Integer))
        .where(books.of(Dimension.PRODUCT), within(period))
        .group_by(key)
    )


def _sums_of_customers(books: Books, period: Period) -> Lines:
    """Return the sums by e-mail address, from the orders: sums name no people."""
    in_books = Order.currency == books.currency
    if not books.with_sandbox:
        in_books &= ~Order.is_sandbox
    sales = {"orders": literal_column("1"), "amount_sales": Order.amount_paid}
    sales |= {
        name: getattr(Order, column)
        for name, column in (
            ("amount_goods", "amount_subtotal"),
            ("amount_discount", "amount_discount"),
            ("amount_shipping", "amount_shipping"),
            ("amount_tax", "amount_tax"),
        )
    }
    refunds = {"refunds": literal_column("1"), "amount_refunded": Refund.amount}
    both = union_all(
        _facts_of_customers(sales).where(
            Order.paid_on.between(period.since, period.until), in_books
        ),
        _facts_of_customers(refunds)
        .join(Refund, Refund.order_id == Order.id)
        .where(Refund.refunded_on.between(period.since, period.until), in_books),
    ).subquery("both")
    sums = [
        cast(func.sum(both.c[name]), SalesSum.__table__.c[name].type).label(name)
        for name in MEASURES
    ]
    return select(both.c.key, *sums).group_by(both.c.key)


def _facts_of_customers(values: Mapping[str, Any]) -> Lines:
    measures = [values.get(name, literal_column("0")).label(name) for name in MEASURES]
    return select(Order.email_key.label("key"), *measures).select_from(Order)


def _by_key(sums: Any) -> tuple[Any, Lines]:
    return sums.c.key, select()


def _by_product(sums: Any) -> tuple[Any, Lines]:
    joined = sums.outerjoin(Product, Product.id == cast(sums.c.key, Integer))
    return Product.name, select().select_from(joined)


def _by_category(sums: Any) -> tuple[Any, Lines]:
    joined = sums.outerjoin(Category, Category.id == sums.c.key)
    return Category.name, select().select_from(joined)


_NAMED: Final = {
    Division.PRODUCT: _by_product,
    Division.CATEGORY: _by_category,
    Division.COUNTRY: _by_key,
    Division.COUPON: _by_key,
    Division.CUSTOMER: _by_key,
}
