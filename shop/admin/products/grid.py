"""What staff do to all variants of a product at once, each with its trail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from shop.admin.products.audit import audited_product
from shop.admin.products.form_defaults import variant_shown
from shop.admin.staff_actions import Entry, Staff, done_once
from shop.catalog import services as catalog
from shop.catalog.input_types import VariantFields, variant_content
from shop.core.errors import BadInput, InsufficientStock, StaleForm
from shop.models import MovementKind, ProductVariant
from shop.stock.services import adjust_stock

# What the grid calls a field of the catalogue.
CELLS = {"unit_amount": "price", "compare_at_amount": "before"}


@dataclass(frozen=True)
class GridRow:
    """A variant as the grid wants it: prices in minor units, stock as a difference in pieces.

    `seen`: the version that the grid was made from.
    """

    variant_id: int
    seen: int | None
    unit_amount: int
    compare_at_amount: int | None
    is_active: bool
    delta: int


@done_once
def change_grid(product_id: int, rows: Sequence[GridRow], *, staff: Staff) -> Entry:
    """Change what differs in the rows, all of it or nothing.

    What is counted is a difference to what was seen, so a sale meanwhile is not undone. Raises
    BadInput and StaleForm, whose names are those of the grid's cells, such as price-12; NotFound.
    """
    with audited_product("products.grid", product_id, staff=staff) as entry:
        present = {variant.id: variant for variant in catalog.list_variants(product_id)}
        wrong: dict[str, str] = {}
        stale: dict[str, str] = {}
        wanted = {}
        for row in rows:
            variant = present.get(row.variant_id)
            if variant is None:
                raise StaleForm("A variant was withdrawn in the meantime. Nothing was changed.")
            fields = _fields(variant, row)
            if fields != variant_content(variant):
                stale |= _overtaken(variant, row, fields)
                wrong |= _problems(row, fields)
                wanted[row.variant_id] = fields
            wrong |= _count(row, staff.user_id)
        if stale:
            raise StaleForm(present=stale)
        if wrong:
            raise BadInput(**wrong)
        if wanted:
            catalog.update_variants(product_id, wanted, user_id=staff.user_id)
    return entry


@done_once
def make_missing(product_id: int, *, staff: Staff) -> Entry:
    """Make a variant for each combination of the options that has none.

    Raises BadInput, NotFound.
    """
    with audited_product("products.variant_add", product_id, staff=staff) as entry:
        catalog.add_missing_variants(product_id, user_id=staff.user_id)
    return entry


def _fields(variant: ProductVariant, row: GridRow) -> VariantFields:
    return replace(
        variant_content(variant),
        unit_amount=row.unit_amount,
        compare_at_amount=row.compare_at_amount,
        is_active=row.is_active,
    )


def _overtaken(variant: ProductVariant, row: GridRow, fields: VariantFields) -> dict[str, str]:
    """Return what stands there now, by cell, where saving would undo what others have changed."""
    if row.seen in {None, variant.version}:
        return {}
    now, then = _shown(variant), _shown(fields)
    return {f"{cell}-{row.variant_id}": now[cell] for cell in now if now[cell] != then[cell]}


def _shown(variant: ProductVariant | VariantFields) -> dict[str, str]:
    shown: dict[str, Any] = variant_shown(variant)
    return {
        "price": shown["price"],
        "before": shown["compare_at"],
        "sold": "yes" if variant.is_active else "no",
    }


def _problems(row: GridRow, fields: VariantFields) -> dict[str, str]:
    try:
        fields.check()
    except BadInput as error:
        return {
            f"{CELLS.get(name, name)}-{row.variant_id}": text for name, text in error.fields.items()
        }
    return {}


def _count(row: GridRow, user_id: int | None) -> dict[str, str]:
    """Book the difference of a row; return what is wrong with it."""
    if not row.delta:
        return {}
    try:
        adjust_stock(row.variant_id, row.delta, MovementKind.CORRECTION, "", user_id)
    except (BadInput, InsufficientStock) as error:
        named = error.fields.values() if isinstance(error, BadInput) else ()
        return {f"stock-{row.variant_id}": " ".join(named) or str(error)}
    return {}
