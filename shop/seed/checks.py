"""Look through the whole catalogue: can everything on sale be bought, seen and paid for?"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from shop.catalog.queries.listings import find_listing_differences
from shop.core.db import db
from shop.core.money import LARGEST
from shop.media.services import file_name, widths_of
from shop.media.storage import storage
from shop.models import (
    Brand,
    Category,
    DeliveryMethod,
    PriceChange,
    Product,
    ProductImage,
    ProductVariant,
    StockMovement,
    TaxRate,
)

SHOWN = 20  # how many pieces a complaint names


@dataclass(frozen=True)
class Problem:
    """What is wrong, and with which pieces (the first SHOWN of `count`)."""

    what: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class CatalogueCounts:
    """How much there is."""

    on_sale: int
    sold_out: int
    reduced: int
    with_variants: int
    variants: int
    pictures: int
    categories: int
    brands: int
    lowest: int
    highest: int


def count_rows() -> CatalogueCounts:
    """Return how much there is on sale; prices in minor units."""
    p, v, on_sale = Product, ProductVariant, Product.is_active
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(p.is_available.is_(False)),
            func.count().filter(p.compare_at.is_not(None)),
            func.count().filter(p.single_variant_id.is_(None)),
        ).where(on_sale)
    ).one()
    variants = db.session.execute(
        select(
            func.count(),
            func.coalesce(func.min(v.unit_amount), 0),
            func.coalesce(func.max(v.unit_amount), 0),
        )
        .join(p, p.id == v.product_id)
        .where(on_sale, v.is_active)
    ).one()
    pictures, categories, brands = (
        db.session.scalar(select(counted)) or 0
        for counted in (
            func.count(ProductImage.storage_key.distinct()),
            func.count(Category.id),
            func.count(Brand.id),
        )
    )
    return CatalogueCounts(
        *row, variants[0], pictures, categories, brands, variants[1], variants[2]
    )


def find_problems() -> Iterator[Problem]:
    """Yield what keeps pieces on sale from being bought, seen or paid for."""
    yield from filter(None, [_empty(), *_missing()])
    for what, condition in _conditions().items():
        found = _named(condition)
        if found is not None:
            yield Problem(what, *found)
    lost = _lost_pictures()
    if lost:
        yield Problem("have a picture whose file is gone", len(lost), tuple(lost[:SHOWN]))
    stale = [f"{product_id}: {column}" for product_id, column, *_ in find_listing_differences()]
    if stale:
        yield Problem("show something else in lists", len(stale), tuple(stale[:SHOWN]))


def _empty() -> Problem | None:
    is_filled = db.session.scalar(select(Product.id).where(Product.is_active).limit(1))
    return None if is_filled else Problem("nothing is on sale", 0, ())


def _missing() -> Iterator[Problem]:
    """Yield what an order needs beside pieces, where there is none of it."""
    if db.session.scalar(select(DeliveryMethod.id).where(DeliveryMethod.is_active)) is None:
        yield Problem("no delivery method is active", 0, ())
    if db.session.scalar(select(TaxRate.id).limit(1)) is None:
        yield Problem("no tax rate is known", 0, ())


def _conditions() -> dict[str, ColumnElement[bool]]:
    """Return complaints with what is true of a product on sale that deserves them."""
    v = ProductVariant
    own = and_(v.product_id == Product.id, v.is_active)
    moved = (
        select(func.coalesce(func.sum(StockMovement.quantity), 0))
        .where(StockMovement.variant_id == v.id)
        .scalar_subquery()
    )
    priced = exists().where(PriceChange.variant_id == v.id, PriceChange.new_amount == v.unit_amount)
    return {
        "cannot be bought: no variant is on sale": ~exists().where(own),
        "have a variant without a price": exists().where(
            own, or_(v.unit_amount < 1, v.unit_amount > LARGEST)
        ),
        "have a price without a history": exists().where(own, ~priced),
        "have stock that no movement explains": exists().where(own, v.stock_on_hand != moved),
        "have no picture": ~exists().where(ProductImage.product_id == Product.id),
        "have no words": or_(Product.name == "", Product.slug == ""),
        "stand on no shelf that is shown": Product.category_id.is_(None)
        | exists().where(Category.id == Product.category_id, Category.is_active.is_(False)),
    }


def _named(condition: ColumnElement[bool]) -> tuple[int, tuple[str, ...]] | None:
    where = (Product.is_active, condition)
    count = db.session.scalar(select(func.count()).select_from(Product).where(*where)) or 0
    if not count:
        return None
    slugs = select(Product.slug).where(*where).order_by(Product.id).limit(SHOWN)
    return count, tuple(db.session.scalars(slugs))


def _lost_pictures() -> list[str]:
    """Return the slugs of pieces on sale with a picture whose largest file is gone: the smaller
    ones are made of it."""
    place = storage()
    pictures = select(ProductImage.storage_key, func.max(ProductImage.width)).group_by(
        ProductImage.storage_key
    )
    lost = [
        key
        for key, width in db.session.execute(pictures)
        if not place.exists(file_name(key, widths_of(width)[-1]))
    ]
    slugs: list[str] = []
    for begin in range(0, len(lost), 500):
        slugs += db.session.scalars(
            select(Product.slug)
            .join(ProductImage, ProductImage.product_id == Product.id)
            .where(Product.is_active, ProductImage.storage_key.in_(lost[begin : begin + 500]))
            .distinct()
        )
    return slugs
