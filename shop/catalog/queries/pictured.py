"""The pictures of variants that have none of their own: two statements for a whole bag."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.catalog.pictured import shows, telling_places
from shop.core.db import db
from shop.models import ProductImage, ProductOption, ProductVariant


@dataclass(frozen=True)
class Covers:
    """Pictures that show a variant, by product: (storage key, option values) in their order."""

    pictures: dict[int, list[tuple[str, list[str]]]]
    coloured: dict[int, list[bool]]

    def find(self, product_id: int, values: Sequence[str]) -> str | None:
        """Return the storage key of the first picture that shows the variant with `values`."""
        pictures = self.pictures.get(product_id, [])
        places = telling_places(self.coloured[product_id], [own for _, own in pictures])
        return next((key for key, own in pictures if shows(own, values, places)), None)


def list_covers(product_ids: Collection[int]) -> Covers:
    """Return what the variants of these products, all with options, may be shown by."""
    pictures: dict[int, list[tuple[str, list[str]]]] = defaultdict(list)
    for row in db.session.execute(
        select(ProductImage.product_id, ProductImage.storage_key, ProductVariant.option_values)
        .join(ProductVariant, ProductVariant.id == ProductImage.variant_id)
        .where(ProductImage.product_id.in_(product_ids), ProductVariant.is_active)
        .order_by(ProductImage.position, ProductImage.id)
    ):
        pictures[row.product_id].append((row.storage_key, row.option_values))
    coloured: dict[int, list[bool]] = defaultdict(list)
    for product_id, values in db.session.execute(
        select(ProductOption.product_id, ProductOption.values)
        .where(ProductOption.product_id.in_(product_ids))
        .order_by(ProductOption.product_id, ProductOption.position)
    ):
        coloured[product_id].append(any(value.get("hex") for value in values))
    return Covers(pictures, coloured)
