"""The trail of what staff do to a product: all that they change of it, before and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import select

from shop.admin.staff_actions import Entry, Staff, State, audited
from shop.catalog.input_types import product_content
from shop.catalog.services import list_options, load_product
from shop.core.db import db
from shop.models import ProductImage, ProductVariant


@contextmanager
def audited_product(action: str, product_id: int, *, staff: Staff) -> Iterator[Entry]:
    """Open the transaction of what staff do to a product, which stays locked until its end.

    Raises NotFound, and as `audited`.
    """
    with audited(action, "product", product_id, staff=staff) as entry:
        entry.before = product_state(product_id)
        yield entry
        db.session.flush()
        entry.after = product_state(product_id)


def product_state(product_id: int) -> State:
    """Return what the trail of a product shows; it stays locked until the transaction ends.

    Raises NotFound.
    """
    product = load_product(product_id)
    variants = db.session.scalars(
        select(ProductVariant).where(ProductVariant.product_id == product_id)
    ).all()
    return {
        **product_content(product),
        "is_active": product.is_active,
        "is_archived": product.archived_at is not None,
        "on_sale_at": _written(product.on_sale_at),
        "off_sale_at": _written(product.off_sale_at),
        "planned": {
            one.sku: [one.sale_amount, _written(one.sale_since), _written(one.sale_until)]
            for one in variants
            if one.sale_amount is not None
        },
        "pictures": _pictures(product_id),
        "options": [option.name for option in list_options(product_id)],
        "variants": {variant.sku: _variant_state(variant) for variant in variants},
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _variant_state(variant: ProductVariant) -> list[object]:
    return [
        variant.unit_amount,
        variant.compare_at_amount,
        variant.stock_on_hand,
        list(variant.option_values),
        str(variant.stock_policy),
        str(variant.tax_class),
        variant.weight_grams,
        variant.unit_measure,
        variant.barcode,
        variant.is_active,
    ]


def _pictures(product_id: int) -> list[list[object]]:
    rows = db.session.execute(
        select(ProductImage.id, ProductImage.alt, ProductImage.variant_id)
        .where(ProductImage.product_id == product_id)
        .order_by(ProductImage.position, ProductImage.id)
    )
    return [[row.id, row.alt, row.variant_id] for row in rows]
