"""The one place that writes the copies a product carries for lists, and renews what is shown."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shop.catalog.listing_columns import ListingColumns, make_listing
from shop.catalog.queries.listings import present_and_sources
from shop.core.clock import now
from shop.core.db import changed, db
from shop.core.errors import BadInput, NotFound
from shop.jobs import enqueue
from shop.models import Product, ProductVariant
from shop.shared.page_versions import bump_list, bump_product, lock_products
from shop.stock.display import low_stock_threshold

_TAKEN = {
    "slug": ("slug", "Another product has this address."),
    "sku_key": ("sku", "Another variant has this SKU."),
    "option_key": ("option_values", "Another variant has these options."),
}


def refresh_listings(product_ids: set[int]) -> int:
    """Write the copies of these products from their sources; returns how many were different.

    Joins the caller's transaction; the rows stay locked until it ends. Bumps the stamps of what
    changed and is shown.
    """
    lock_products(product_ids)
    threshold = low_stock_threshold()
    different = 0
    for product_id, is_active, present, sources in present_and_sources(product_ids):
        wanted: ListingColumns = make_listing(sources, threshold)
        if wanted == present:
            continue
        different += 1
        changed(
            update(Product)
            .where(Product.id == product_id)
            .values(**wanted._asdict(), updated_at=Product.updated_at)
        )
        bump_product(product_id)
        if is_active:
            bump_list()
    return different


def load_product(product_id: int) -> Product:
    """Return the product for a change, its variants locked first, as orders lock them.

    Raises NotFound.
    """
    db.session.execute(
        select(ProductVariant.id)
        .where(ProductVariant.product_id == product_id)
        .order_by(ProductVariant.id)
        .with_for_update(key_share=True)
    ).all()
    product = db.session.scalars(
        select(Product).where(Product.id == product_id).with_for_update(key_share=True)
    ).one_or_none()
    if product is None:
        raise NotFound
    return product


def publish_changes(product: Product, *, was_active: bool | None = None) -> None:
    """Finish a change of a product: copies, stamps, and the job that tells the payment service."""
    product.updated_at = now()
    with taken_means_bad_input():
        db.session.flush()
    refresh_listings({product.id})
    db.session.refresh(product)
    bump_product(product.id)
    if product.is_active or was_active:
        bump_list()
    enqueue_provider_sync(product.id)


def enqueue_provider_sync(product_id: int) -> None:
    """Let a job tell the payment service of a product, once this transaction has committed."""
    enqueue(
        "payments.sync_product",
        {"product_id": product_id},
        f"payments.sync_product:{product_id}:{secrets.token_hex(8)}",
    )


@contextmanager
def taken_means_bad_input() -> Iterator[None]:
    """Turn a lost race for a slug, SKU or combination into the form's error."""
    try:
        yield
    except IntegrityError as error:
        text = str(error.orig)
        for column, (field, sentence) in _TAKEN.items():
            if column in text:
                raise BadInput(**{field: sentence}) from error
        raise
