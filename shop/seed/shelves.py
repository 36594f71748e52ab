"""Categories and houses of a seed: those that are missing are made, the others left as they are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from shop.db import db, insert_new, retried, transaction
from shop.models import Brand
from shop.models import Category as CategoryRow
from shop.seed.pieces import Category, House
from shop.stamps import bump_list, bump_settings


@dataclass(frozen=True)
class ShelfIds:
    """Database ids by slug."""

    categories: Mapping[str, int]
    houses: Mapping[str, int]


@retried
def ensure_shelves(categories: Iterable[Category], houses: Iterable[House]) -> ShelfIds:
    """Make what is missing, in one transaction; return the ids of all of these.

    A category stands before those below it. Two processes may do this at once: a slug is only
    ever inserted where it is not there.
    """
    with transaction():
        category_ids, house_ids = _known_ids(CategoryRow), _known_ids(Brand)
        is_changed = False
        for position, category in enumerate(categories):
            if category.slug not in category_ids:
                is_changed |= _insert_category(category, position, category_ids)
        for position, house in enumerate(houses):
            if house.slug not in house_ids:
                is_changed |= _insert_house(house, position, house_ids)
        if is_changed:
            bump_settings()
            bump_list()
    return ShelfIds(category_ids, house_ids)


def _known_ids(model: type[CategoryRow] | type[Brand]) -> dict[str, int]:
    return {row.slug: row.id for row in db.session.execute(select(model.slug, model.id))}


def _insert_category(category: Category, position: int, ids: dict[str, int]) -> bool:
    is_new = insert_new(
        CategoryRow,
        slug=category.slug,
        name=category.name,
        description=category.text,
        parent_id=ids[category.parent] if category.parent else None,
        position=position,
    )
    row = db.session.scalars(select(CategoryRow).where(CategoryRow.slug == category.slug)).one()
    if is_new:
        above = db.session.get_one(CategoryRow, row.parent_id).path if row.parent_id else "/"
        row.path = f"{above}{row.id}/"
        db.session.flush()
    ids[category.slug] = row.id
    return is_new


def _insert_house(house: House, position: int, ids: dict[str, int]) -> bool:
    is_new = insert_new(
        Brand,
        slug=house.slug,
        name=house.name,
        description=house.text,
        country=house.country,
        position=position,
    )
    ids[house.slug] = db.session.scalars(select(Brand.id).where(Brand.slug == house.slug)).one()
    return is_new
