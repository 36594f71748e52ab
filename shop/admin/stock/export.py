"""The stock as CSV, in turns: it can be longer than what fits into memory."""

import io
from collections.abc import Iterator, Sequence
from typing import Final

from shop.admin.stock.queries import StockFilter, StockRow, walk_stock
from shop.core.spreadsheets import write_rows

COLUMNS: Final = (
    "sku", "product", "options", "barcode", "on_hand", "reserved", "available", "low_at",
    "is_low", "is_on_sale", "when_used_up",
)  # fmt: skip


def export_stock(chosen: StockFilter) -> Iterator[str]:
    """Yield the list as CSV, a few hundred rows at a time."""
    yield _as_csv([COLUMNS])
    for rows in walk_stock(chosen):
        yield _as_csv([_cells(row) for row in rows])


def _as_csv(rows: Sequence[Sequence[str | int]]) -> str:
    out = io.StringIO(newline="")
    write_rows(out, rows)
    return out.getvalue()


def _cells(row: StockRow) -> list[str | int]:
    return [
        row.sku,
        row.name,
        row.label,
        row.barcode,
        row.on_hand,
        row.reserved,
        row.available if row.is_counted else "",
        row.runs_low_at,
        "yes" if row.is_low else "no",
        "yes" if row.is_on_sale else "no",
        str(row.policy),
    ]
