"""The sources of the copies in product rows, for those who write and those who check them."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from sqlalchemy import func, select

from shop.catalog.listing_columns import ListedVariant, ListingColumns, Sources, make_listing
from shop.core.db import db
from shop.models import Brand, Category, Product, ProductImage, ProductVariant
from shop.stock.display import StockLevel, low_stock_threshold

CHUNK = 500


def present_and_sources(
    product_ids: Collection[int],
) -> Iterator[tuple[int, bool, ListingColumns, Sources]]:
    """Yield (id, is on sale, the copies as they are, their sources) in the order of ids."""
    rows = db.session.execute(
        select(
            Product.id,
            Product.is_active,
            Product.name,
            Product.tags,
            Brand.name.label("brand"),
            Category.name.label("category"),
            *(getattr(Product, name) for name in ListingColumns._fields),
        )
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .where(Product.id.in_(product_ids))
        .order_by(Product.id)
    ).all()
    variants, covers = _variants(product_ids), _covers(product_ids)
    for row in rows:
        present = ListingColumns(*(getattr(row, name) for name in ListingColumns._fields))
        sources = Sources(
            row.name,
            row.brand or "",
            row.category or "",
            row.tags,
            variants[row.id],
            covers.get(row.id),
        )
        yield row.id, row.is_active, present, sources


def _variants(product_ids: Collection[int]) -> dict[int, list[ListedVariant]]:
    found: dict[int, list[ListedVariant]] = defaultdict(list)
    v = ProductVariant
    for row in db.session.execute(
        select(
            v.product_id,
            v.id,
            v.sku,
            v.is_active,
            v.unit_amount,
            v.compare_at_amount,
            v.stock_policy,
            v.stock_on_hand,
            v.stock_reserved,
        )
        .where(v.product_id.in_(product_ids), v.archived_at.is_(None))
        .order_by(v.position, v.id)
    ):
        level = StockLevel(row.stock_policy, row.stock_on_hand, row.stock_reserved)
        found[row.product_id].append(
            ListedVariant(
                row.id, row.sku, row.is_active, row.unit_amount, row.compare_at_amount, level
            )
        )
    return found


def _covers(product_ids: Collection[int]) -> dict[int, str]:
    images = select(
        ProductImage.product_id,
        ProductImage.storage_key,
        func.row_number()
        .over(
            partition_by=ProductImage.product_id,
            order_by=(ProductImage.position, ProductImage.id),
        )
        .label("place"),
    ).where(ProductImage.product_id.in_(product_ids))
    first = images.subquery()
    rows = db.session.execute(
        select(first.c.product_id, first.c.storage_key).where(first.c.place == 1)
    )
    return {row.product_id: row.storage_key for row in rows}


def product_ids_after(
    last: int,
    *,
    brand_id: int | None = None,
    category_id: int | None = None,
    limit: int = CHUNK,
) -> list[int]:
    """Return the next `limit` product ids above `last`, of a section or all; empty at the end."""
    query = select(Product.id).where(Product.id > last)
    if brand_id is not None:
        query = query.where(Product.brand_id == brand_id)
    if category_id is not None:
        query = query.where(Product.category_id == category_id)
    return list(db.session.scalars(query.order_by(Product.id).limit(limit)))


def find_listing_differences() -> Iterator[tuple[int, str, object, object]]:
    """Yield (product id, column, what it says, what it should say) for `flask audit`."""
    threshold = low_stock_threshold()
    last = 0
    while ids := product_ids_after(last):
        last = ids[-1]
        for product_id, _, present, sources in present_and_sources(ids):
            wanted = make_listing(sources, threshold)
            for column, is_value, should in zip(
                ListingColumns._fields, present, wanted, strict=True
            ):
                if is_value != should:
                    yield product_id, column, is_value, should
