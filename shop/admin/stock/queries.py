"""What the desk of stock reads: a row for each SKU that can be counted or sold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, func, or_, select

from shop.admin.open_work import MANY, Count
from shop.admin.queries import says
from shop.admin.query_strings import query_string
from shop.catalog.text import sku_key
from shop.core.db import abandon, db
from shop.core.errors import NotFound
from shop.models import Product, ProductVariant, StockPolicy
from shop.stock.low import low_level, low_variants

PER_PAGE: Final = 50
VIEWS: Final = ("all", "low")
_V = ProductVariant
_IS_KEPT = (_V.archived_at.is_(None), Product.archived_at.is_(None))


@dataclass(frozen=True)
class StockFilter:
    """Which SKUs: one of VIEWS, a text."""

    view: str = "all"
    text: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the list as it opens."""
        values = {
            "view": self.view if self.view != "all" else "",
            "q": self.text,
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class StockRow:
    """A SKU. `level`: its own, None for the shop's; `runs_low_at`: the one that counts."""

    id: int
    sku: str
    barcode: str
    product_id: int
    name: str
    label: str
    cover: str | None
    policy: StockPolicy
    on_hand: int
    reserved: int
    level: int | None
    is_on_sale: bool

    @property
    def is_counted(self) -> bool:
        """Whether there is anything to count."""
        return self.policy is not StockPolicy.UNTRACKED

    @property
    def available(self) -> int:
        """How many are left to sell."""
        return max(0, self.on_hand - self.reserved)

    @property
    def runs_low_at(self) -> int:
        """At how many pieces or fewer it runs low."""
        return low_level(self.level)

    @property
    def is_low(self) -> bool:
        """Whether staff hear that it runs low."""
        is_limited = self.policy is StockPolicy.DENY and self.is_on_sale
        return is_limited and self.on_hand - self.reserved <= self.runs_low_at


@dataclass(frozen=True)
class StockRows:
    """A page of the list; `total` is counted up to MANY, None where nothing counts it."""

    rows: Sequence[StockRow]
    total: Count | None
    low: Count
    has_more: bool


def list_stock(chosen: StockFilter) -> StockRows:
    """Return a page: by SKU, what runs low by what is left, what is searched the newest first."""
    found = _rows(_chosen(chosen).limit(PER_PAGE + 1).offset((chosen.page - 1) * PER_PAGE))
    low, every = db.session.execute(
        select(_number(select(low_variants(MANY))), _number(_some()))
    ).one()
    total = None if chosen.text else Count(low if chosen.view == "low" else every)
    return StockRows(found[:PER_PAGE], total, Count(low), len(found) > PER_PAGE)


def list_stock_of(variant_ids: Sequence[int]) -> Sequence[StockRow]:
    """Return the rows of these variants by SKU."""
    return _rows(_SELECT.where(_V.id.in_(variant_ids)).order_by(_V.sku_key))


def get_stock_row(variant_id: int) -> StockRow:
    """Return the row of a variant. Raises NotFound."""
    found = list_stock_of([variant_id])
    if not found:
        raise NotFound
    return found[0]


def walk_stock(chosen: StockFilter, at_once: int = 500) -> Iterator[Sequence[StockRow]]:
    """Yield the whole list in turns, each in a snapshot of its own; nothing is in it twice."""
    if chosen.view == "low" or chosen.text:  # short, or in an order that moves on
        for first in range(0, MANY, at_once):
            rows = _rows(_chosen(chosen).limit(at_once).offset(first))
            yield rows
            abandon()
            if len(rows) < at_once:
                return
        return
    last = ""
    while rows := _rows(_chosen(chosen).where(_V.sku_key > last).limit(at_once)):
        last = sku_key(rows[-1].sku)
        yield rows
        abandon()


_SELECT: Final = (
    select(
        _V.id,
        _V.sku,
        _V.barcode,
        _V.product_id,
        _V.option_values,
        _V.stock_policy,
        _V.stock_on_hand,
        _V.stock_reserved,
        _V.low_stock_level,
        _V.is_active,
        Product.name,
        Product.cover,
        Product.is_active.label("is_shown"),
    )
    .join(Product, Product.id == _V.product_id)
    .where(*_IS_KEPT)
)


def _chosen(chosen: StockFilter) -> Select[Any]:
    rows = _SELECT
    if chosen.text:
        exact = or_(_V.sku_key == sku_key(chosen.text), _V.barcode == chosen.text)
        rows = rows.where(or_(says(chosen.text), exact))
    if chosen.view == "low":
        low = low_variants(MANY)
        return rows.join(low, low.c.id == _V.id).order_by(low.c.available, _V.id)
    if chosen.text:
        return rows.order_by(Product.id.desc(), _V.position, _V.id)
    return rows.order_by(_V.sku_key)


def _some() -> Select[Any]:
    return select(_V.id).join(Product, Product.id == _V.product_id).where(*_IS_KEPT).limit(MANY)


def _number(some: Select[Any]) -> Any:
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def _rows(statement: Select[Any]) -> Sequence[StockRow]:
    return [
        StockRow(
            id=row.id,
            sku=row.sku,
            barcode=row.barcode or "",
            product_id=row.product_id,
            name=row.name,
            label=", ".join(row.option_values),
            cover=row.cover,
            policy=row.stock_policy,
            on_hand=row.stock_on_hand,
            reserved=row.stock_reserved,
            level=row.low_stock_level,
            is_on_sale=row.is_active and row.is_shown,
        )
        for row in db.session.execute(statement)
    ]
