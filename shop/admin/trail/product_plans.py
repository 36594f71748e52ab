"""Taking back what was done to a product: its texts, its prices, its stock."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select

from shop.admin.products.audit import VARIANT_STATE
from shop.admin.products.grid import GridRow, change_grid
from shop.admin.products.services import update
from shop.admin.products.variants import book_stock, change_variant
from shop.admin.staff_actions import Staff
from shop.admin.stock.services import TypedRow, save_stock
from shop.admin.trail.plans import Old, Reversal, Step, get_row, steps_of
from shop.catalog.input_types import ProductFields, product_content, variant_content
from shop.catalog.text import sku_key
from shop.core.db import db
from shop.core.errors import OrderError
from shop.models import AuditEntry, MovementKind, Product, ProductVariant, StockPolicy, TaxClass

_GONE: Final = "{} is not there any more, so nothing of it can be reverted."
_STOCK: Final = "stock_on_hand"
_KINDS: Final[Mapping[str, Callable[[str], object]]] = {
    "stock_policy": StockPolicy,
    "tax_class": TaxClass,
}


def plan_texts(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking a product's texts back means. Raises OrderError where it is gone."""
    product = _get_product(entry)
    now = product_content(product)
    steps = steps_of(before, after, now)
    wanted = now | {step.name[1]: step.back for step in steps}
    wanted["details"] = [(row["title"], row["text"]) for row in wanted["details"]]

    def act(staff: Staff) -> object:
        return update(product.id, product.version, ProductFields(**wanted), staff=staff)

    return Reversal(frozenset({"products.edit"}), steps, act)


def plan_variant(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking a variant's price and the like back means. Raises as `plan_texts`."""
    product_id, found = _variants(entry, before, after)
    ((variant, steps),) = found
    wanted = {step.name[1]: _typed(step) for step in steps}
    fields = replace(variant_content(variant), **wanted)

    def act(staff: Staff) -> object:
        return change_variant(product_id, variant.id, variant.version, fields, staff=staff)

    return Reversal(frozenset({"products.edit"}), steps, act)


def plan_stock(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return which difference takes a correction of stock back. Raises as `plan_texts`."""
    product_id, found = _variants(entry, before, after)
    ((variant, (step,)),) = found

    def act(staff: Staff) -> object:
        delta, reason = step.back - step.now, f"Reverts entry {entry.id} of the trail"
        return book_stock(product_id, variant.id, delta, reason, staff=staff)

    return Reversal(frozenset({"stock.edit"}), [step], act)


def plan_grid(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what takes prices and stock of several variants back. Raises as `plan_texts`."""
    product_id, found = _variants(entry, before, after)
    rows = [_grid_row(variant, steps) for variant, steps in found]
    steps = [step for _variant, some in found for step in some]
    needed = {"stock.edit" if step.is_difference else "products.edit" for step in steps}

    def act(staff: Staff) -> object:
        return change_grid(product_id, rows, staff=staff)

    return Reversal(frozenset(needed), steps, act)


def plan_counts(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what takes back counts and levels of several SKUs. Raises as `plan_texts`."""
    keys = {sku_key(sku): sku for sku, _name in after}
    rows = db.session.scalars(
        select(ProductVariant)
        .where(ProductVariant.sku_key.in_(keys), ProductVariant.archived_at.is_(None))
        .execution_options(populate_existing=True)
    )
    present = {keys[variant.sku_key]: variant for variant in rows}
    steps: list[Step] = []
    typed: list[TypedRow] = []
    for sku in keys.values():
        if sku not in present:
            raise OrderError(_GONE.format(sku))
        mine = _steps_of_count(present[sku], sku, before, after)
        steps += mine.values()
        typed.append(_typed_row(present[sku].id, mine))

    def act(staff: Staff) -> object:
        reason = f"Reverts entry {entry.id} of the trail"
        return save_stock(typed, MovementKind.CORRECTION, reason, staff=staff)

    return Reversal(frozenset({"stock.edit"}), steps, act)


def _steps_of_count(variant: ProductVariant, sku: str, before: Old, after: Old) -> dict[str, Step]:
    found = {}
    if (name := (sku, "on_hand")) in after:
        now = variant.stock_on_hand
        back = now - (after[name] - before[name])
        found["on_hand"] = Step(name, after[name], now, back, is_difference=True)
    if (name := (sku, "level")) in after:
        found["level"] = Step(name, after[name], variant.low_stock_level, before[name])
    return found


def _typed_row(variant_id: int, steps: Mapping[str, Step]) -> TypedRow:
    pairs = {name: (step.now, step.back) for name, step in steps.items()}
    return TypedRow(variant_id, pairs.get("on_hand"), pairs.get("level"))


def _get_product(entry: AuditEntry) -> Product:
    product = get_row(Product, entry)
    if product.archived_at is not None:
        raise OrderError("The product is archived, and what is archived cannot be changed.")
    return product


def _variants(
    entry: AuditEntry, before: Old, after: Old
) -> tuple[int, list[tuple[ProductVariant, list[Step]]]]:
    """Return the id of the product, and each variant that the entry changed with its steps."""
    product_id = _get_product(entry).id
    rows = db.session.scalars(
        select(ProductVariant)
        .where(ProductVariant.product_id == product_id, ProductVariant.archived_at.is_(None))
        .execution_options(populate_existing=True)
    )
    present = {variant.sku_key: variant for variant in rows}
    found = []
    for sku in dict.fromkeys(of for of, _name in after):
        variant = present.get(sku_key(sku))
        if variant is None:
            raise OrderError(_GONE.format(sku))
        names = [(sku, name) for name in VARIANT_STATE if (sku, name) in after]
        found.append((variant, [_step(variant, name, before, after) for name in names]))
    return product_id, found


def _step(variant: ProductVariant, name: tuple[str, str], before: Old, after: Old) -> Step:
    now = getattr(variant, name[1])
    if name[1] == _STOCK:
        return Step(name, after[name], now, now - (after[name] - before[name]), is_difference=True)
    return Step(name, after[name], str(now) if name[1] in _KINDS else now, before[name])


def _typed(step: Step) -> Any:
    kind = _KINDS.get(step.name[1])
    return kind(step.back) if kind else step.back


def _grid_row(variant: ProductVariant, steps: list[Step]) -> GridRow:
    back = {step.name[1]: step.back for step in steps if not step.is_difference}
    return GridRow(
        variant.id,
        variant.version,
        back.get("unit_amount", variant.unit_amount),
        back.get("compare_at_amount", variant.compare_at_amount),
        back.get("is_active", variant.is_active),
        sum(step.back - step.now for step in steps if step.is_difference),
    )
