"""What the pages of a stocktake read: the sheet to count by, and what differs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from shop.admin.open_work import MANY, Count, in_list
from shop.admin.queries import says
from shop.admin.query_strings import query_string
from shop.catalog.text import sku_key
from shop.core.db import db
from shop.core.errors import BadInput, NotFound
from shop.models import (
    Brand,
    Category,
    Order,
    OrderItem,
    Product,
    ProductVariant,
    StockCount,
    StockCountLine,
    StockPolicy,
    User,
)
from shop.stock.stocktake import CORRECTED_SINCE

PER_PAGE: Final = 50
VIEWS: Final = ("sheet", "left", "differs")
_V, _L = ProductVariant, StockCountLine


@dataclass(frozen=True)
class SheetFilter:
    """Which pieces of a stocktake: one of VIEWS, a text."""

    view: str = "sheet"
    text: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the sheet as it opens."""
        values = {
            "view": self.view if self.view != "sheet" else "",
            "q": self.text,
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class SheetRow:
    """A piece to count. `counted` and `on_hand` (of that moment): None until it is counted.

    `to_send`: how many are sold and wait to be sent, so they may lie on the shelf all the same.
    """

    id: int
    sku: str
    name: str
    cover: str | None
    counted: int | None
    on_hand: int | None
    version: int
    who: str
    is_corrected: bool
    booked: int | None
    to_send: int

    @property
    def difference(self) -> int:
        """How many more were counted than the books said; negative: fewer."""
        return (self.counted or 0) - (self.on_hand or 0)


@dataclass(frozen=True)
class Sheet:
    """A page of a stocktake; what was counted and what differs is counted up to MANY."""

    count: StockCount
    rows: Sequence[SheetRow]
    has_more: bool
    counted: Count
    differs: Count


def list_counts() -> Sequence[Any]:
    """Return the latest stocktakes, each with who began and who ended it."""
    begun, ended = aliased(User), aliased(User)
    return db.session.execute(
        select(StockCount, _name(begun).label("begun_by"), _name(ended).label("ended_by"))
        .outerjoin(begun, begun.id == StockCount.begun_by_id)
        .outerjoin(ended, ended.id == StockCount.ended_by_id)
        .order_by(StockCount.id.desc())
        .limit(PER_PAGE)
    ).all()


def _name(user: Any) -> ColumnElement[str]:
    return func.coalesce(func.nullif(user.name, ""), user.email, "")


def get_sheet(count_id: int, chosen: SheetFilter) -> Sheet:
    """Return a page of a stocktake. Raises NotFound."""
    mine = select(_L.id).where(_L.count_id == count_id)
    found = db.session.execute(
        select(
            StockCount, _number(mine.limit(MANY)),
            _number(mine.where(_L.counted != _L.on_hand).limit(MANY)),
        )
        .where(StockCount.id == count_id)
    ).one_or_none()  # fmt: skip
    if found is None:
        raise NotFound
    count, counted, differs = found
    statement = _chosen(count, chosen).offset((chosen.page - 1) * PER_PAGE)
    rows = _rows(statement.limit(PER_PAGE + 1))
    return Sheet(count, rows[:PER_PAGE], len(rows) > PER_PAGE, Count(counted), Count(differs))


def list_sheet_rows(count_id: int, variant_ids: Sequence[int]) -> Sequence[SheetRow]:
    """Return these pieces of a stocktake, by SKU. Raises NotFound for a stocktake that is none."""
    count = db.session.get(StockCount, count_id)
    if count is None:
        raise NotFound
    return _rows(_of(count).where(_V.id.in_(variant_ids)).order_by(_V.sku_key))


def find_scanned(count_id: int, code: str) -> int:
    """Return the variant of the stocktake with this SKU or barcode. Raises BadInput, NotFound."""
    count = db.session.get(StockCount, count_id)
    if count is None:
        raise NotFound
    is_it = or_(_V.sku_key == sku_key(code), _V.barcode == code)
    kept = (_V.archived_at.is_(None), Product.archived_at.is_(None))
    found = db.session.execute(
        select(_V.id, _V.sku, and_(*_scope(count)).label("is_part"))
        .join(Product, Product.id == _V.product_id)
        .where(is_it, *kept)
        .order_by(_V.sku_key != sku_key(code), _V.id)
        .limit(5)
    ).all()
    if not code or not found:
        raise BadInput(code=f"No piece has the code {code[:64] or '–'}.")
    if len(found) > 1 and sku_key(found[0].sku) != sku_key(code):
        skus = ", ".join(row.sku for row in found)
        raise BadInput(code=f"Several pieces have this code: {skus}. Enter the SKU.")
    if not found[0].is_part:
        raise BadInput(code=f"{found[0].sku} is no part of this stocktake.")
    return int(found[0].id)


def scope_choices() -> list[tuple[str, str]]:
    """Return what can be counted: everything, a category or a house."""
    sections = db.session.execute(select(Category.id, Category.name, Category.path)).all()
    names = {row.id: row.name for row in sections}
    ways = [
        (" › ".join(names[int(one)] for one in row.path.strip("/").split("/")), row.id)
        for row in sections
    ]
    houses = db.session.execute(select(Brand.name, Brand.id).order_by(Brand.name))
    return [
        ("all", "All pieces"),
        *((f"category-{row_id}", name) for name, row_id in sorted(ways)),
        *((f"brand-{row_id}", name) for name, row_id in houses),
    ]


def _scope(count: StockCount) -> list[ColumnElement[bool]]:
    """Return the conditions that a variant is counted in a stocktake."""
    found: list[ColumnElement[bool]] = [
        _V.archived_at.is_(None),
        _V.stock_policy != StockPolicy.UNTRACKED,
    ]
    if count.category_id:
        path = select(Category.path).where(Category.id == count.category_id).scalar_subquery()
        inside = select(Category.id).where(Category.path.like(path + "%"))
        found.append(Product.category_id.in_(inside))
    if count.brand_id:
        found.append(Product.brand_id == count.brand_id)
    return found


def _of(count: StockCount) -> Select[Any]:
    return (
        select(
            _V.id, _V.sku, _V.option_values, Product.name, Product.cover, _L.counted, _L.on_hand,
            _L.version, _L.booked, CORRECTED_SINCE.label("is_corrected"), _name(User).label("who"),
        )
        .join(Product, Product.id == _V.product_id)
        .outerjoin(_L, and_(_L.variant_id == _V.id, _L.count_id == count.id))
        .outerjoin(User, User.id == _L.user_id)
        .where(*_scope(count), Product.archived_at.is_(None))
    )  # fmt: skip


def _chosen(count: StockCount, chosen: SheetFilter) -> Select[Any]:
    rows = _of(count)
    if chosen.text:
        exact = or_(_V.sku_key == sku_key(chosen.text), _V.barcode == chosen.text)
        rows = rows.where(or_(says(chosen.text), exact))
    if chosen.view == "differs":
        return rows.where(_L.counted != _L.on_hand).order_by(_L.variant_id)
    if chosen.view == "left":
        rows = rows.where(_L.id.is_(None))
    return rows.order_by(_V.sku_key)


def _rows(statement: Select[Any]) -> list[SheetRow]:
    found = db.session.execute(statement).all()
    to_send = _to_send([row.id for row in found])
    return [
        SheetRow(
            id=row.id,
            sku=row.sku,
            name=", ".join([row.name, *row.option_values]),
            cover=row.cover,
            counted=row.counted,
            on_hand=row.on_hand,
            version=row.version or 0,
            who=row.who,
            is_corrected=bool(row.is_corrected and row.counted is not None),
            booked=row.booked,
            to_send=to_send.get(row.id, 0),
        )
        for row in found
    ]


def _to_send(variant_ids: Sequence[int]) -> dict[int, int]:
    if not variant_ids:
        return {}
    rows = db.session.execute(
        select(OrderItem.variant_id, func.sum(OrderItem.left_to_send))
        .join(Order, Order.id == OrderItem.order_id)
        .where(OrderItem.variant_id.in_(variant_ids), in_list("send"))
        .group_by(OrderItem.variant_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def _number(some: Select[Any]) -> Any:
    return select(func.count()).select_from(some.subquery()).scalar_subquery()
