"""Write many new pieces at once, keeping every invariant that the services keep.

On hand is the sum of movements, the first price is a PriceChange, and the copies for lists come
from the same pure function as everywhere else. The job that tells the payment service of a new
product may be left out: a line without a product there describes itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from shop.catalog.listing_columns import ListedVariant, Sources, make_listing
from shop.catalog.services import LONGEST_ALT, enqueue_provider_sync
from shop.catalog.text import option_key, sku_key
from shop.core.clock import now
from shop.core.db import Base, changed, db, retried
from shop.core.long_writes import Pace
from shop.models import (
    MovementKind,
    PriceChange,
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
    SlugHistory,
    StockMovement,
)
from shop.seed.pictures import Stored
from shop.seed.sections import SectionIds
from shop.seed.values import SeedProduct
from shop.shared.page_versions import bump_list
from shop.stock.display import StockLevel, low_stock_threshold

_FIRST_CHUNK: Final = 30  # products and variants
_LARGEST_CHUNK: Final = 400


@dataclass(frozen=True)
class Placed:
    """A piece with its place in the lists."""

    product: SeedProduct
    position: int


@dataclass(frozen=True)
class Surroundings:
    """What pieces refer to: sections, the names of brands and sections by key, stored pictures.

    `tells_provider`: whether a job tells the payment service of each new product.
    """

    ids: SectionIds
    brand_names: Mapping[str, str]
    section_names: Mapping[str, str]
    stored: Stored
    tells_provider: bool = False


def write_products(products: Iterable[Placed], around: Surroundings) -> Iterator[tuple[int, int]]:
    """Write the pieces that are not there yet, in short turns.

    Yields (pieces looked at, pieces written) after each of them.
    """
    pace = new_pace()
    seen = written = 0
    for chunk in chunks(products, pace):
        written += len(write_chunk(chunk, around, pace))
        seen += len(chunk)
        yield seen, written


def chunks(products: Iterable[Placed], pace: Pace) -> Iterator[list[Placed]]:
    """Yield the pieces in lists, each of about as many rows as `pace` says by then."""
    chunk: list[Placed] = []
    for placed in products:
        if chunk and _weight([*chunk, placed]) > pace.size:
            yield chunk
            chunk = []
        chunk.append(placed)
    if chunk:
        yield chunk


def _weight(chunk: Sequence[Placed]) -> int:
    return sum(1 + len(placed.product.variants) for placed in chunk)


def new_pace() -> Pace:
    """Return how many products and variants are written in one turn, to begin with."""
    return Pace(_FIRST_CHUNK, _LARGEST_CHUNK)


def write_chunk(chunk: Sequence[Placed], around: Surroundings, pace: Pace) -> set[str]:
    """Write the pieces that are not there yet in one turn; return the slugs of those written.

    When another process wrote one of them first, the rest is written.
    """
    for _ in range(5):
        with suppress(IntegrityError):
            return _write(chunk, around, pace)
    return _write(chunk, around, pace)


@retried
def _write(chunk: Sequence[Placed], around: Surroundings, pace: Pace) -> set[str]:
    known = known_products([placed.product for placed in chunk])
    new = [placed for placed in chunk if placed.product.slug not in known]
    if not new:
        return set()
    at = now()
    with pace.turn(_weight(new)):
        threshold = low_stock_threshold()
        _insert(Product, [_product_row(placed, around, threshold, at) for placed in new])
        ids = _ids_by(Product.id, Product.slug, [placed.product.slug for placed in new])
        _write_children([(ids[p.product.slug], p.product) for p in new], around, at)
        if around.tells_provider:
            for product_id in ids.values():
                enqueue_provider_sync(product_id)
        bump_list()
    return set(ids)


def known_products(products: Sequence[SeedProduct]) -> set[str]:
    """Return the slugs of those pieces that the shop has, by slug, old slug or SKU."""
    by_sku = {sku_key(v.fields.sku): product.slug for product in products for v in product.variants}
    slugs = [product.slug for product in products]
    found = set(db.session.scalars(select(Product.slug).where(Product.slug.in_(slugs))))
    found |= set(db.session.scalars(select(SlugHistory.slug).where(SlugHistory.slug.in_(slugs))))
    sku = ProductVariant.sku_key
    taken = db.session.scalars(select(sku).where(sku.in_(list(by_sku))))
    return found | {by_sku[key] for key in taken}


def _insert(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows below the ORM: half the time of its own bulk insert."""
    if rows:  # mypy knows a model's __table__ as any FROM clause; ours are all tables
        db.session.connection().execute(insert(model.__table__), rows)  # type: ignore[arg-type]


def _ids_by(
    id_column: InstrumentedAttribute[int], key: InstrumentedAttribute[str], keys: Sequence[str]
) -> dict[str, int]:
    rows = db.session.execute(select(key, id_column).where(key.in_(keys)))
    return {row[0]: row[1] for row in rows}


def _product_row(
    placed: Placed, around: Surroundings, threshold: int, at: datetime
) -> dict[str, Any]:
    product = placed.product
    listing = make_listing(_sources(product, around), threshold)
    return {
        "slug": product.slug,
        "name": product.name,
        "brand_id": around.ids.brands.get(product.brand),
        "category_id": around.ids.categories.get(product.category),
        "summary": product.summary,
        "description": product.text,
        "details": [{"title": title, "text": text} for title, text in product.details if text],
        "tags": list(product.tags),
        "is_active": True,
        "published_at": at - timedelta(days=product.age_days),
        "position": placed.position,
        **listing._asdict(),
        "single_variant_id": None,  # has no id yet
    }


def _sources(product: SeedProduct, around: Surroundings) -> Sources:
    variants = [
        ListedVariant(
            id=place,
            sku=variant.fields.sku,
            is_active=variant.fields.is_active,
            unit_amount=variant.fields.unit_amount,
            compare_at_amount=variant.fields.compare_at_amount,
            level=StockLevel(variant.fields.stock_policy, variant.stock, 0),
        )
        for place, variant in enumerate(product.variants)
    ]
    return Sources(
        name=product.name,
        brand=around.brand_names[product.brand] if product.brand else "",
        category=around.section_names.get(product.category, ""),
        tags=product.tags,
        variants=variants,
        cover=around.stored[product.shots[0].source].key if product.shots else None,
    )


def _write_children(
    owned: Sequence[tuple[int, SeedProduct]], around: Surroundings, at: datetime
) -> None:
    """Write what belongs to the products; `owned` are (product id, piece)."""
    variants = [row for owner, product in owned for row in _variant_rows(owner, product)]
    _insert(ProductVariant, variants)
    keys = [row["sku_key"] for row in variants]
    ids = _ids_by(ProductVariant.id, ProductVariant.sku_key, keys)
    by_choice = {(row["product_id"], row["option_key"]): ids[row["sku_key"]] for row in variants}
    images = (_image_rows(owner, product, around, by_choice) for owner, product in owned)
    _insert(ProductOption, [row for key, product in owned for row in _option_rows(key, product)])
    _insert(ProductImage, [row for rows in images for row in rows])
    numbered = [(ids[row["sku_key"]], row) for row in variants]
    _insert(StockMovement, _movement_rows(numbered, at))
    _insert(PriceChange, _price_rows(numbered, at))
    single = [owner for owner, product in owned if len(product.variants) == 1]
    changed(
        update(Product)
        .where(Product.id.in_(single), ProductVariant.product_id == Product.id)
        .values(single_variant_id=ProductVariant.id, updated_at=Product.updated_at)
    )


def _variant_rows(product_id: int, product: SeedProduct) -> Iterator[dict[str, Any]]:
    for position, variant in enumerate(product.variants):
        fields = variant.fields
        yield {
            "product_id": product_id,
            "sku": fields.sku,
            "sku_key": sku_key(fields.sku),
            "option_values": list(fields.option_values),
            "option_key": option_key(fields.option_values),
            "unit_amount": fields.unit_amount,
            "compare_at_amount": fields.compare_at_amount,
            "stock_on_hand": variant.stock,
            "stock_policy": fields.stock_policy,
            "weight_grams": fields.weight_grams,
            "barcode": fields.barcode,
            "tax_class": fields.tax_class,
            "unit_measure": fields.unit_measure,
            "position": position,
            "is_active": True,
        }


def _option_rows(product_id: int, product: SeedProduct) -> Iterator[dict[str, Any]]:
    for position, option in enumerate(product.options):
        values = [{"label": value.label, "hex": value.hex} for value in option.values]
        yield {
            "product_id": product_id,
            "position": position,
            "name": option.name,
            "values": values,
        }


def _image_rows(
    owner: int, product: SeedProduct, around: Surroundings, by_choice: dict[tuple[int, str], int]
) -> Iterator[dict[str, Any]]:
    for position, shot in enumerate(product.shots):
        picture = around.stored[shot.source]
        key = (owner, option_key(shot.variant_key))
        yield {
            "product_id": owner,
            "variant_id": by_choice[key] if shot.variant_key else None,
            "storage_key": picture.key,
            "width": picture.width,
            "height": picture.height,
            "alt": shot.alt[:LONGEST_ALT],
            "position": position,
        }


def _movement_rows(
    variants: Sequence[tuple[int, dict[str, Any]]], at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "variant_id": variant_id,
            "quantity": row["stock_on_hand"],
            "kind": MovementKind.INITIAL,
            "created_at": at,
        }
        for variant_id, row in variants
        if row["stock_on_hand"]
    ]


def _price_rows(
    variants: Sequence[tuple[int, dict[str, Any]]], at: datetime
) -> list[dict[str, Any]]:
    return [
        {
            "variant_id": variant_id,
            "new_amount": row["unit_amount"],
            "new_compare_at": row["compare_at_amount"],
            "created_at": at,
        }
        for variant_id, row in variants
    ]
