"""Categories and brands. They stand in the navigation, so a change makes every page new."""

from sqlalchemy import select

from shop.catalog.services.listings import taken_means_bad_input
from shop.catalog.text import make_slug
from shop.core.clock import now
from shop.core.db import db, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.jobs import enqueue
from shop.models import Brand, Category
from shop.shared.page_versions import bump_list, bump_settings

DEEPEST = 6  # levels of categories


@retried
def create_category(
    name: str,
    *,
    parent_id: int | None = None,
    slug: str = "",
    description: str = "",
    position: int = 0,
) -> int:
    """Make a category below `parent_id`, or a main one; returns its id. Raises BadInput."""
    with transaction() as session:
        above = _path_below(parent_id, None)
        category = Category(
            name=_named(name),
            slug=_free_slug(Category, slug or name, None),
            parent_id=parent_id,
            description=description.strip(),
            position=position,
        )
        session.add(category)
        with taken_means_bad_input():
            session.flush()
        category.path = f"{above}{category.id}/"
        _renew()
        return category.id


@retried
def update_category(
    category_id: int,
    *,
    name: str,
    parent_id: int | None,
    description: str = "",
    position: int = 0,
    is_active: bool = True,
) -> None:
    """Change a category and, when it moves, the paths of those below it. Raises BadInput."""
    with transaction() as session:
        category = session.get(Category, category_id, with_for_update=True)
        if category is None:
            raise NotFound
        is_renamed = category.name != _named(name)
        old_path = category.path
        category.name = _named(name)
        category.path = f"{_path_below(parent_id, category_id)}{category_id}/"
        category.parent_id = parent_id
        category.description = description.strip()
        category.position = position
        category.is_active = is_active
        if category.path != old_path:
            below = session.scalars(
                select(Category).where(
                    Category.path.startswith(old_path), Category.id != category_id
                )
            )
            for child in below:
                child.path = category.path + child.path.removeprefix(old_path)
        _renew()
        if is_renamed:
            refresh_later(category_id=category_id)


@retried
def create_brand(
    name: str,
    *,
    slug: str = "",
    description: str = "",
    country: str = "",
    position: int = 0,
) -> int:
    """Make a brand; returns its id. `country`: ISO 3166-1 alpha-2 or empty. Raises BadInput."""
    with transaction() as session:
        brand = Brand(
            name=_named(name),
            slug=_free_slug(Brand, slug or name, None),
            description=description.strip(),
            country=country,
            position=position,
        )
        session.add(brand)
        with taken_means_bad_input():
            session.flush()
        _renew()
        return brand.id


@retried
def update_brand(
    brand_id: int,
    *,
    name: str,
    description: str = "",
    country: str = "",
    position: int = 0,
) -> None:
    """Change a brand. Raises BadInput, NotFound."""
    with transaction() as session:
        brand = session.get(Brand, brand_id, with_for_update=True)
        if brand is None:
            raise NotFound
        is_renamed = brand.name != _named(name)
        brand.name = _named(name)
        brand.description = description.strip()
        brand.country = country
        brand.position = position
        _renew()
        if is_renamed:
            refresh_later(brand_id=brand_id)


def refresh_later(*, brand_id: int | None = None, category_id: int | None = None) -> None:
    """Let a job write the copies of the products of a section, or of all, in chunks."""
    at = now()
    enqueue(
        "catalog.refresh_listings",
        {"brand_id": brand_id, "category_id": category_id},
        f"catalog.refresh_listings:{brand_id}:{category_id}:{at.timestamp()}",
    )


def _renew() -> None:
    bump_settings()
    bump_list()


def _named(name: str) -> str:
    if not name.strip() or len(name) > 100:
        raise BadInput(name="Enter a name of at most 100 characters.")
    return name.strip()


def _free_slug(model: type[Category] | type[Brand], wanted: str, mine: int | None) -> str:
    slug = make_slug(wanted, 100)
    if not slug:
        raise BadInput(name="Use at least one letter or digit in the name.")
    found = db.session.execute(select(model.slug, model.id).where(model.slug.startswith(slug)))
    taken = {row.slug for row in found if row.id != mine}
    number = 1
    while (f"{slug}-{number}" if number > 1 else slug) in taken:
        number += 1
    return f"{slug}-{number}" if number > 1 else slug


def _path_below(parent_id: int | None, category_id: int | None) -> str:
    """Return the path of the parent; `category_id`: the category that is to stand there."""
    if parent_id is None:
        return "/"
    parent = db.session.get(Category, parent_id)
    if parent is None:
        raise BadInput(parent_id="Choose a category.")
    if category_id is not None and f"/{category_id}/" in parent.path:
        raise BadInput(parent_id="A category cannot stand below itself.")
    if parent.path.count("/") > DEEPEST:
        raise BadInput(parent_id=f"Categories nest at most {DEEPEST} levels deep.")
    return parent.path
