"""The trail of what staff do to a product: all that they change of it, before and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from shop.admin.staff_actions import Entry, Staff, State, audited
from shop.catalog.input_types import OptionFields, product_content
from shop.catalog.services import list_options, load_product
from shop.core.db import db
from shop.models import ProductImage, ProductPreview, ProductVariant


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
        select(ProductVariant)
        .where(ProductVariant.product_id == product_id)
        .execution_options(populate_existing=True)  # stock moves past the session
    ).all()
    return {
        **product_content(product),
        "is_active": product.is_active,
        "is_archived": product.archived_at is not None,
        "on_sale_at": _written(product.on_sale_at),
        "off_sale_at": _written(product.off_sale_at),
        "preview_until": _written(
            db.session.scalar(
                select(ProductPreview.expires_at).where(ProductPreview.product_id == product_id)
            )
        ),
        "planned": {
            one.sku: [one.sale_amount, _written(one.sale_since), _written(one.sale_until)]
            for one in variants
            if one.sale_amount is not None
        },
        "pictures": _pictures(product_id),
        "options": [_named(option) for option in list_options(product_id)],
        "variants": {variant.sku: _variant_state(variant) for variant in variants},
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


# What the trail keeps of a variant, in this order. Entries name no columns, so what is new goes
# to the end: older entries are read by it, too.
VARIANT_STATE: Final = (
    "unit_amount",
    "compare_at_amount",
    "stock_on_hand",
    "option_values",
    "stock_policy",
    "tax_class",
    "weight_grams",
    "unit_measure",
    "barcode",
    "is_active",
)


def _variant_state(variant: ProductVariant) -> list[object]:
    return [_plain(getattr(variant, name)) for name in VARIANT_STATE]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, StrEnum) else value


def _named(option: OptionFields) -> str:
    return f"{option.name} ({', '.join(value.label for value in option.values)})"


def _pictures(product_id: int) -> list[list[object]]:
    rows = db.session.execute(
        select(ProductImage.id, ProductImage.alt, ProductImage.variant_id)
        .where(ProductImage.product_id == product_id)
        .order_by(ProductImage.position, ProductImage.id)
    )
    return [[row.id, row.alt, row.variant_id] for row in rows]
