"""Categories and brands of a seed: those that are missing are made, the others left as they are.

The demo's are known by their slugs. Those of imported files are known by what people see: a brand
by its exact name, a category by the exact names that lead to it. Their slugs are only addresses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from sqlalchemy import select

from shop.catalog.text import make_slug
from shop.core.db import db, end_read, insert_new, retried, transaction
from shop.core.long_writes import is_time_up, turn
from shop.models import Brand
from shop.models import Category as CategoryRow
from shop.seed.values import SeedBrand, SeedCategory, exact_name, key_of_way
from shop.shared.page_versions import bump_list, bump_settings

_LONGEST_SLUG: Final = 100

Model = type[CategoryRow] | type[Brand]


@dataclass(frozen=True)
class SectionIds:
    """Database ids by the keys that pieces name them with."""

    categories: Mapping[str, int]
    brands: Mapping[str, int]


@retried
def ensure_sections(categories: Iterable[SeedCategory], brands: Iterable[SeedBrand]) -> SectionIds:
    """Make what is missing, in one transaction; return the ids of all of these, by slug.

    A category stands before those below it. Two processes may do this at once: a slug is only
    ever inserted where it is not there.
    """
    with transaction():
        category_ids, brand_ids = _known_ids(CategoryRow), _known_ids(Brand)
        is_changed = False
        for position, category in enumerate(categories):
            if category.slug not in category_ids:
                is_changed |= _insert_category(category, position, category_ids)
        for position, brand in enumerate(brands):
            if brand.slug not in brand_ids:
                is_changed |= _insert_brand(brand, position, brand_ids)
        _renew(is_changed)
    return SectionIds(category_ids, brand_ids)


def ensure_named(ways: Iterable[Sequence[str]], brands: Iterable[str]) -> SectionIds:
    """Make what is missing, in short turns; return the ids of all of these.

    `ways`: the names of categories from the top down; `brands`: names. All as `exact_name()`
    leaves them. Two processes may do this at once.
    """
    all_ways, all_brands = [tuple(way) for way in ways], list(brands)
    while True:
        ids, missing_ways, missing_brands = _look_up(all_ways, all_brands)
        if not missing_ways and not missing_brands:
            return ids
        _make_some(missing_ways, missing_brands)


def _look_up(
    ways: Sequence[Sequence[str]], brands: Sequence[str]
) -> tuple[SectionIds, list[Sequence[str]], list[str]]:
    """Return the ids of what is there, and what is missing."""
    known, known_brands = _known_categories(), _known_brands()
    end_read()
    categories: dict[str, int] = {}
    missing = []
    for way in ways:
        parent_id = None
        for depth, name in enumerate(way, start=1):
            parent_id = known.get((parent_id, name))
            if parent_id is None:
                missing.append(way)
                break
            categories[key_of_way(way[:depth])] = parent_id
    lacking = [name for name in brands if name not in known_brands]
    return SectionIds(categories, known_brands), missing, lacking


@retried
def _make_some(ways: Sequence[Sequence[str]], brands: Sequence[str]) -> None:
    """Make at least one of what is missing, and more while it is this process's turn."""
    with turn():
        known, known_brands = _known_categories(), _known_brands()
        for way in ways:
            parent_id = None
            for depth in range(1, len(way) + 1):
                parent_id = _ensure_category(way[:depth], parent_id, known)
            if is_time_up():
                break
        for name in brands:
            if is_time_up() and ways:
                break
            if name not in known_brands:
                known_brands[name] = _make_brand(name, len(known_brands))
            if is_time_up():
                break
        _renew(is_changed=True)


def _renew(is_changed: bool) -> None:
    if is_changed:
        bump_settings()
        bump_list()


def _known_ids(model: Model) -> dict[str, int]:
    return {row.slug: row.id for row in db.session.execute(select(model.slug, model.id))}


def _known_categories() -> dict[tuple[int | None, str], int]:
    """Return the ids by parent and name; of two with the same name the older one."""
    columns = select(CategoryRow.parent_id, CategoryRow.name, CategoryRow.id)
    rows = db.session.execute(columns.order_by(CategoryRow.id.desc()))
    return {(row.parent_id, exact_name(row.name)): row.id for row in rows}


def _known_brands() -> dict[str, int]:
    rows = db.session.execute(select(Brand.name, Brand.id).order_by(Brand.id.desc()))
    return {exact_name(row.name): row.id for row in rows}


def _ensure_category(
    way: Sequence[str], parent_id: int | None, known: dict[tuple[int | None, str], int]
) -> int:
    key = (parent_id, way[-1])
    for slug in _addresses(way, "category"):
        if key not in known:
            values = {"slug": slug, "name": way[-1], "parent_id": parent_id, "position": len(known)}
            if insert_new(CategoryRow, **values):
                known[key] = _ensure_path(slug)
            else:  # the address is taken, perhaps by somebody who makes the same one right now
                known.update(_known_categories())
        if key in known:
            break
    return known[key]


def _make_brand(name: str, position: int) -> int:
    for slug in _addresses([name], "house"):
        if insert_new(Brand, slug=slug, name=name, position=position):
            break
        if name in (known := _known_brands()):
            return known[name]
    return db.session.scalars(select(Brand.id).where(Brand.slug == slug)).one()


def _addresses(way: Sequence[str], otherwise: str) -> Iterator[str]:
    """Yield addresses to try: by the name, by the whole way, then with numbers behind."""
    own = make_slug(way[-1], _LONGEST_SLUG) or otherwise
    whole = make_slug(" ".join(way), _LONGEST_SLUG) or own
    yield own
    if whole != own:
        yield whole
    yield from (f"{whole}-{number}" for number in count(2))


def _insert_category(category: SeedCategory, position: int, ids: dict[str, int]) -> bool:
    is_new = insert_new(
        CategoryRow,
        slug=category.slug,
        name=category.name,
        description=category.text,
        parent_id=ids[category.parent] if category.parent else None,
        position=position,
    )
    ids[category.slug] = _ensure_path(category.slug)
    return is_new


def _ensure_path(slug: str) -> int:
    """Return the id of the category at this address, its path written if that is missing."""
    row = db.session.scalars(select(CategoryRow).where(CategoryRow.slug == slug)).one()
    if row.path == "/":
        above = db.session.get_one(CategoryRow, row.parent_id).path if row.parent_id else "/"
        row.path = f"{above}{row.id}/"
        db.session.flush()
    return row.id


def _insert_brand(brand: SeedBrand, position: int, ids: dict[str, int]) -> bool:
    is_new = insert_new(
        Brand,
        slug=brand.slug,
        name=brand.name,
        description=brand.text,
        country=brand.country,
        position=position,
    )
    ids[brand.slug] = db.session.scalars(select(Brand.id).where(Brand.slug == brand.slug)).one()
    return is_new
