"""SKUs that the shop makes itself: free ones, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from shop.catalog.combinations import compose_sku
from shop.catalog.input_types import NewVariant
from shop.catalog.text import sku_key
from shop.core.db import db
from shop.models import ProductVariant


def name_variants(stem: str, variants: Sequence[NewVariant]) -> list[NewVariant]:
    """Return the variants to make; those without a SKU get one of `stem` and options."""
    found = []
    given: set[str] = set()
    for new in variants:
        sku = new.fields.sku.strip() or _free_sku(
            compose_sku(stem, new.fields.option_values), given
        )
        given.add(sku_key(sku))
        found.append(replace(new, fields=replace(new.fields, sku=sku)))
    return found


def _free_sku(wanted: str, given: set[str]) -> str:
    sku, number = wanted, 1
    while sku_key(sku) in given or _is_taken(sku):
        number += 1
        sku = f"{wanted}-{number}"
    return sku


def _is_taken(sku: str) -> bool:
    taken = select(ProductVariant.id).where(ProductVariant.sku_key == sku_key(sku))
    return db.session.scalar(taken) is not None
