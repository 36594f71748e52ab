"""The grid as it is sent: a row for each variant, of which only what differs is changed."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from shop.admin.optimistic_lock import read_version
from shop.admin.products.form_defaults import variant_shown
from shop.admin.products.grid import GridRow
from shop.core import plaintext
from shop.core.config import config
from shop.core.errors import BadInput
from shop.core.number_input import parse_amount
from shop.models import ProductVariant, StockPolicy
from shop.settings.queries import shop_settings
from shop.stock.services import LARGEST_STOCK

V = TypeVar("V")
_PIECES = re.compile(r"[0-9]{1,7}", re.ASCII)


def blank_grid(variants: Sequence[ProductVariant]) -> dict[str, str]:
    """Return what the cells of the grid hold now, by the names of their fields."""
    cells: dict[str, str] = {}
    for variant in variants:
        shown = variant_shown(variant)
        on_hand = str(variant.stock_on_hand)
        row = {
            "price": shown["price"],
            "before": shown["compare_at"],
            "stock": on_hand,
            "seen": on_hand,
            "sold": "1" if variant.is_active else "",
            "version": str(variant.version),
        }
        cells |= {f"{kind}-{variant.id}": text for kind, text in row.items()}
    return cells


def typed_grid(form: Mapping[str, str], variants: Sequence[ProductVariant]) -> dict[str, str]:
    """Return the cells with what was typed instead; a variant that the form does not know stays.

    What stands there now is not typed over it: the versions are those of now, so whoever sends
    the grid once more has seen it. How many pieces were seen stays what it was, since what was
    typed is a difference to that.
    """
    cells = blank_grid(variants)
    for name, present in cells.items():
        kind, _, variant_id = name.partition("-")
        if f"version-{variant_id}" in form and kind != "version":
            cells[name] = plaintext.line(form.get(name, "" if kind == "sold" else present))
    return cells


def read_grid(
    form: Mapping[str, str], variants: Sequence[ProductVariant], may: Callable[[str], bool]
) -> list[GridRow]:
    """Return the rows that were sent; what one may not change is as it is. Raises BadInput."""
    wrong: dict[str, str] = {}
    sent = [variant for variant in variants if f"version-{variant.id}" in form]
    rows = [_read_row(_Cells(form, variant.id, wrong), variant, may) for variant in sent]
    if wrong:
        raise BadInput(**wrong)
    return rows


@dataclass(frozen=True)
class _Cells:
    """The cells of a row, read one by one; what is wrong with them goes to `wrong`, by name."""

    form: Mapping[str, str]
    variant_id: int
    wrong: dict[str, str]

    def text(self, kind: str) -> str:
        return self.form.get(f"{kind}-{self.variant_id}", "")

    def read(self, kind: str, parse: Callable[[str], V], otherwise: V) -> V:
        try:
            return parse(self.text(kind))
        except BadInput as error:
            self.wrong[f"{kind}-{self.variant_id}"] = str(error)
            return otherwise


def _read_row(cells: _Cells, variant: ProductVariant, may: Callable[[str], bool]) -> GridRow:
    price, before, is_active = variant.unit_amount, variant.compare_at_amount, variant.is_active
    if may("products.edit"):
        price = cells.read("price", _amount, price)
        before = cells.read("before", lambda text: _amount(text) if text.strip() else None, before)
        is_active = cells.text("sold") == "1"
    delta = 0
    if may("stock.edit") and variant.stock_policy is not StockPolicy.UNTRACKED:
        delta = cells.read("stock", _pieces, 0) - cells.read("seen", _pieces, 0)
    seen = read_version(cells.text("version"))
    return GridRow(variant.id, seen, price, before, is_active, delta)


def _amount(text: str) -> int:
    return parse_amount(text, config().currency, shop_settings().locale)


def _pieces(text: str) -> int:
    cleaned = plaintext.code(text)
    if not _PIECES.fullmatch(cleaned):
        raise BadInput("Enter how many pieces are there, like 12.")
    if int(cleaned) > LARGEST_STOCK:
        raise BadInput(f"At most {LARGEST_STOCK} pieces can be on hand.")
    return int(cleaned)
