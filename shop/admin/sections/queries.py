"""The tree of categories, brands and collections, with how many products stand in each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from shop.catalog.queries.collections import lost_of
from shop.catalog.queries.sections import sections
from shop.catalog.rules import rule_of
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    Brand,
    Category,
    Collection,
    CollectionKind,
    CollectionProduct,
    Product,
)


@dataclass(frozen=True)
class SectionRow:
    """A category, a brand or a collection in its list.

    `way`: the names of the categories above it. `is_first`, `is_last`: among those beside it.
    `lost`: the fields of a collection's rule that name what is hidden or gone.
    """

    section: Any
    products: int
    way: Sequence[str] = ()
    is_first: bool = False
    is_last: bool = False
    lost: Sequence[str] = ()


def list_desk_categories() -> list[SectionRow]:
    """Return all categories as they stand in the shop, each followed by those below it."""
    order = (Category.position, Category.name, Category.id)
    below: dict[int | None, list[Category]] = defaultdict(list)
    for category in db.session.scalars(select(Category).order_by(*order)):
        below[category.parent_id].append(category)
    return list(_walk(below, None, (), _count_products(Product.category_id)))


def _walk(
    below: Mapping[int | None, list[Category]],
    parent_id: int | None,
    way: tuple[str, ...],
    counts: Mapping[int, int],
) -> Sequence[SectionRow]:
    beside, rows = below.get(parent_id, []), []
    for place, category in enumerate(beside, 1):
        count = counts.get(category.id, 0)
        rows.append(SectionRow(category, count, way, place == 1, place == len(beside)))
        rows += _walk(below, category.id, (*way, category.name), counts)
    return rows


def list_desk_brands() -> list[SectionRow]:
    """Return all brands in their order."""
    order = (Brand.position, Brand.name, Brand.id)
    brands = db.session.scalars(select(Brand).order_by(*order)).all()
    counts, last = _count_products(Product.brand_id), len(brands)
    return [
        SectionRow(brand, counts.get(brand.id, 0), (), place == 1, place == last)
        for place, brand in enumerate(brands, 1)
    ]


def list_desk_collections() -> list[SectionRow]:
    """Return all collections in their order; what a rule finds is not counted."""
    order = (Collection.position, Collection.name, Collection.id)
    found = db.session.scalars(select(Collection).order_by(*order)).all()
    counts, last = _count_products(CollectionProduct.collection_id), len(found)
    return [
        SectionRow(one, counts.get(one.id, 0), (), place == 1, place == last, lost_rule(one))
        for place, one in enumerate(found, 1)
    ]


def lost_rule(collection: Collection) -> list[str]:
    """Return the fields of a collection's rule that name a section that is hidden or gone."""
    if collection.kind is CollectionKind.HAND:
        return []
    return lost_of(rule_of(collection.rule), sections())


def _count_products(column: Any) -> dict[int, int]:
    counted = select(column, func.count()).where(column.is_not(None)).group_by(column)
    return {row[0]: row[1] for row in db.session.execute(counted)}


def get_desk_category(category_id: int) -> Category:
    """Return a category. Raises NotFound."""
    found: Category = _get(Category, category_id)
    return found


def get_desk_brand(brand_id: int) -> Brand:
    """Return a brand. Raises NotFound."""
    found: Brand = _get(Brand, brand_id)
    return found


def get_desk_collection(collection_id: int) -> Collection:
    """Return a collection. Raises NotFound."""
    found: Collection = _get(Collection, collection_id)
    return found


def brand_options() -> list[tuple[str, str]]:
    """Return (id, name) of all brands in their order."""
    rows = db.session.execute(select(Brand.id, Brand.name).order_by(Brand.position, Brand.name))
    return [(str(row.id), row.name) for row in rows]


def _get(model: Any, section_id: int) -> Any:
    found = db.session.get(model, section_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def parent_choices(category: Category | None) -> list[tuple[str, str]]:
    """Return (id, way) of the categories that one may stand below: not itself, nothing below it."""
    return [
        (str(row.section.id), " › ".join([*row.way, row.section.name]))
        for row in list_desk_categories()
        if category is None or not row.section.path.startswith(category.path)
    ]


def next_position(model: Any, parent_id: int | None = None) -> int:
    """Return the place behind all others; of categories, those below `parent_id`."""
    last = select(func.coalesce(func.max(model.position) + 1, 0))
    if model is Category:
        last = last.where(Category.parent_id.is_not_distinct_from(parent_id))
    return int(db.session.scalars(last).one())
