"""A product made like another: everything but its stock, as a draft."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from shop.catalog.input_types import (
    NewVariant,
    PictureFields,
    ProductFields,
    variant_content,
)
from shop.catalog.services.listings import load_product
from shop.catalog.services.products import create_product
from shop.catalog.services.variants import list_options, list_variants
from shop.core.db import changed, db, retried, transaction
from shop.models import Product, ProductImage, ProductVariant

LONGEST_NAME = 200


@retried
def copy_product(product_id: int, mark: str, *, user_id: int | None) -> int:
    """Make a draft like a product, of no pieces; returns its id. Raises NotFound.

    `mark` is put behind its name, which makes address and SKUs of its own. The barcode of a piece
    is that of no other, so none has one. Pictures are the same files: a file that is taken off a
    product stays for all others.
    """
    with transaction():
        product = load_product(product_id)
        fields = ProductFields(
            name=f"{product.name[: LONGEST_NAME - len(mark) - 1].rstrip()} {mark}",
            summary=product.summary,
            description=product.description,
            details=[(row["title"], row["text"]) for row in product.details],
            tags=product.tags,
            category_id=product.category_id,
            brand_id=product.brand_id,
            seo_title=product.seo_title,
            seo_description=product.seo_description,
        )
        variants = list_variants(product_id)
        new: dict[str, Any] = {"sku": "", "barcode": None}
        if product.archived_at is not None:
            new["is_active"] = True  # archiving took all of them off sale
        copy_id = create_product(
            fields,
            [NewVariant(replace(variant_content(each), **new)) for each in variants],
            options=list_options(product_id),
            pictures=_pictures(product, variants),
            user_id=user_id,
        )
        for variant in variants:
            same = (
                ProductVariant.product_id == copy_id,
                ProductVariant.option_key == variant.option_key,
            )
            level = {"low_stock_level": variant.low_stock_level}
            changed(update(ProductVariant).where(*same).values(**level))
        return copy_id


def _pictures(product: Product, variants: Sequence[ProductVariant]) -> list[PictureFields]:
    values = {variant.id: variant.option_values for variant in variants}
    images = db.session.scalars(
        select(ProductImage)
        .where(ProductImage.product_id == product.id)
        .order_by(ProductImage.position, ProductImage.id)
    )
    return [
        PictureFields(
            image.storage_key,
            image.width,
            image.height,
            image.alt,
            values.get(image.variant_id or 0, ()),
        )
        for image in images
    ]
