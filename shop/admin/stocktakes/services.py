"""What staff do in a stocktake, each with its trail."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import db
from shop.core.errors import BadInput, StaleForm
from shop.jobs import enqueue
from shop.models import CountState, ProductVariant, StockCount
from shop.stock import stocktake


@dataclass(frozen=True)
class CountedRow:
    """How many of a variant were counted; `seen`: the version of its line, 0 for none."""

    variant_id: int
    seen: int
    counted: int


@done_once
def begin_stocktake(
    name: str, *, category_id: int | None, brand_id: int | None, staff: Staff
) -> Entry:
    """Begin a stocktake of all pieces, of a category or of a house. Raises BadInput."""
    with audited("stock.count_begin", "stock_count", staff=staff) as entry:
        entry.object_id = stocktake.begin_count(
            name=name, category_id=category_id, brand_id=brand_id, user_id=staff.user_id
        )
        count = db.session.get_one(StockCount, entry.object_id)
        entry.after = {"name": count.name}
    return entry


@done_once
def save_counted(count_id: int, rows: Sequence[CountedRow], *, staff: Staff) -> Entry:
    """Write down what was counted: all rows or none, in the order of the variants' ids.

    Raises StaleForm and BadInput, whose names are those of the fields, such as counted-12;
    NotFound, OrderError.
    """
    with audited("stock.count", "stock_count", count_id, staff=staff) as entry:
        wrong: dict[str, str] = {}
        stale: dict[str, str] = {}
        for row in sorted(rows, key=lambda each: each.variant_id):
            try:
                stocktake.count_pieces(
                    count_id, row.variant_id, row.seen, row.counted, staff.user_id
                )
            except StaleForm as error:
                stale[f"counted-{row.variant_id}"] = error.present["counted"]
            except BadInput as error:
                wrong[f"counted-{row.variant_id}"] = str(error)
        if stale:
            raise StaleForm(present=stale)
        if wrong:
            raise BadInput(**wrong)
        skus = _skus([row.variant_id for row in rows])
        entry.more = {"counted": {skus[row.variant_id]: row.counted for row in rows}}
    return entry


@done_once
def save_scanned(count_id: int, variant_id: int, *, staff: Staff) -> Entry:
    """Write down one piece more of a variant. Raises BadInput, NotFound, OrderError."""
    with audited("stock.count", "stock_count", count_id, staff=staff) as entry:
        counted = stocktake.count_one_more(count_id, variant_id, staff.user_id)
        entry.more = {"counted": {_skus([variant_id])[variant_id]: counted}}
    return entry


@done_once
def close_stocktake(count_id: int, *, staff: Staff) -> Entry:
    """Let nobody count any more, and have what differs booked. Raises NotFound, OrderError."""
    with audited("stock.count_book", "stock_count", count_id, staff=staff) as entry:
        stocktake.close_count(count_id, staff.user_id)
        entry.before, entry.after = {"state": CountState.OPEN}, {"state": CountState.BOOKING}
        enqueue("stock.book_count", {"count_id": count_id}, f"stock.book_count:{count_id}")
    return entry


@done_once
def drop_stocktake(count_id: int, *, staff: Staff) -> Entry:
    """End a stocktake without booking anything. Raises NotFound, OrderError."""
    with audited("stock.count_drop", "stock_count", count_id, staff=staff) as entry:
        stocktake.drop_count(count_id, staff.user_id)
        entry.before, entry.after = {"state": CountState.OPEN}, {"state": CountState.DROPPED}
    return entry


def _skus(ids: Sequence[int]) -> dict[int, str]:
    columns = select(ProductVariant.id, ProductVariant.sku).where(ProductVariant.id.in_(ids))
    return {row.id: row.sku for row in db.session.execute(columns)}
