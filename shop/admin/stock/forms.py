"""What the desk of stock sends: filters, and the numbers that were typed over others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from werkzeug.datastructures import MultiDict

from shop.admin.stock.ledger import LedgerFilter
from shop.admin.stock.queries import VIEWS, StockFilter
from shop.admin.stock.services import TypedRow
from shop.core import plaintext
from shop.core.errors import BadInput, NotFound
from shop.core.row_ids import parse_id
from shop.models import MovementKind
from shop.stock.services import LARGEST_STOCK

MOST_ROWS: Final = 200  # of one form: more than a page of the list
KINDS: Final = {
    MovementKind.CORRECTION: "Counted",
    MovementKind.RESTOCK: "Delivery",
    MovementKind.WRITE_OFF: "Written off",
}
_PIECES = re.compile(r"[0-9]{1,7}", re.ASCII)


def read_stock_filter(args: MultiDict[str, str]) -> StockFilter:
    """Return the filter in a query string; nonsense falls back to the default."""
    page = parse_id(args.get("page", "1"))
    if not 1 <= page <= 10_000:
        raise NotFound
    view = args.get("view", "all")
    return StockFilter(
        view=view if view in VIEWS else "all",
        text=plaintext.line(args.get("q", "")[:100]),
        page=page,
    )


def read_ledger_filter(args: MultiDict[str, str]) -> LedgerFilter:
    """Return the filter of a ledger; nonsense leaves nothing out."""
    kind = args.get("kind", "")
    return LedgerFilter(
        kind=MovementKind(kind) if kind in set(MovementKind) else None,
        first=_day(args.get("from")),
        last=_day(args.get("to")),
        below=parse_id(args.get("below")),
    )


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1970 <= found.year <= 9000 else None


@dataclass
class StockForm:
    """The rows that were sent, why, and what is wrong with them by field; `typed`: as it came."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def variant_ids(self) -> list[int]:
        """The variants of the rows that were sent."""
        ids = {parse_id(name.partition("-")[2]) for name in self.typed if "-" in name}
        return sorted(ids - {0})[:MOST_ROWS]

    @property
    def kind(self) -> MovementKind:
        """Why the numbers are others."""
        chosen = self.typed.get("kind", "")
        known = {str(kind) for kind in KINDS}
        return MovementKind(chosen) if chosen in known else MovementKind.CORRECTION

    @property
    def reason(self) -> str:
        """Why, in words of their own."""
        return plaintext.line(self.typed.get("reason", ""))[:200]

    def rows(self) -> list[TypedRow]:
        """Return what was typed over. Raises BadInput for nonsense, by field."""
        found = [self._row(variant_id) for variant_id in self.variant_ids]
        if self.errors:
            raise BadInput(**self.errors)
        return found

    def cell(self, name: str, present: object) -> str:
        """Return what a field shows: what was typed, else what is there."""
        return plaintext.line(self.typed.get(name, _words(present)))[:20]

    def _row(self, variant_id: int) -> TypedRow:
        seen, there = self._pieces("seen", variant_id), self._pieces("on_hand", variant_id)
        was, level = self._pieces("was", variant_id), self._pieces("level", variant_id)
        if f"on_hand-{variant_id}" in self.typed and there is None:
            self._refuse("on_hand", variant_id)
        is_level_sent = f"level-{variant_id}" in self.typed
        return TypedRow(
            variant_id,
            (seen, there) if seen is not None and there not in {None, seen} else None,
            (was, level) if is_level_sent and was != level else None,
        )

    def _pieces(self, kind: str, variant_id: int) -> int | None:
        """Return the number in a field, None for an empty one and for nonsense, which is noted."""
        text = plaintext.code(self.typed.get(f"{kind}-{variant_id}", ""))
        if not text:
            return None
        if not _PIECES.fullmatch(text) or int(text) > LARGEST_STOCK:
            self._refuse(kind, variant_id)
            return None
        return int(text)

    def _refuse(self, kind: str, variant_id: int) -> None:
        cell = f"{kind}-{variant_id}"
        text = plaintext.code(self.typed.get(cell, ""))
        is_number = _PIECES.fullmatch(text) is not None
        self.errors[cell] = (
            f"Enter at most {LARGEST_STOCK} pieces."
            if is_number
            else "Enter a number of pieces, like 12."
        )


def _words(value: object) -> str:
    return "" if value is None else str(value)
