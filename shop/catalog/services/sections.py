"""Categories, brands, and what collections share with them.

They stand in the navigation, so a change makes every page new.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from sqlalchemy import func, select

from shop.catalog.input_types import NO_LOOK, LookFields
from shop.catalog.services.listings import taken_means_bad_input
from shop.catalog.text import make_slug
from shop.core.clock import now
from shop.core.db import db, retried, transaction
from shop.core.errors import BadInput, NotFound, OrderError
from shop.jobs import enqueue
from shop.models import Brand, Category, Collection, CouponCategory, Product
from shop.shared.page_versions import bump_list, bump_settings

DEEPEST = 6  # levels of categories
LONGEST_DESCRIPTION = 5_000  # characters
S = TypeVar("S", bound=Category | Brand | Collection)


@retried
def create_category(
    name: str,
    *,
    parent_id: int | None = None,
    slug: str = "",
    description: str = "",
    position: int = 0,
    look: LookFields = NO_LOOK,
) -> int:
    """Make a category below `parent_id`, or a main one; returns its id. Raises BadInput."""
    with transaction() as session:
        above = _path_below(parent_id, None)
        category = Category(
            name=section_name(name),
            slug=free_section_slug(Category, slug or name, None),
            parent_id=parent_id,
            description=section_text(description),
            position=position,
            **look_columns(look),
        )
        session.add(category)
        with taken_means_bad_input():
            session.flush()
        category.path = f"{above}{category.id}/"
        renew_sections()
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
    look: LookFields = NO_LOOK,
) -> None:
    """Change a category and, when it moves, the paths of those below it.

    Its version grows, if anything but its place differs. Raises BadInput, NotFound.
    """
    with transaction() as session:
        category = lock_section(Category, category_id)
        is_renamed = category.name != section_name(name)
        old_path = category.path
        path = f"{_path_below(parent_id, category_id)}{category_id}/"
        write_section(
            category,
            name=section_name(name),
            description=section_text(description),
            parent_id=parent_id,
            path=path,
            is_active=is_active,
            **look_columns(look),
        )
        category.position = position
        if category.path != old_path:
            below = session.scalars(
                select(Category).where(
                    Category.path.startswith(old_path), Category.id != category_id
                )
            )
            for child in below:
                child.path = category.path + child.path.removeprefix(old_path)
        renew_sections()
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
    look: LookFields = NO_LOOK,
) -> int:
    """Make a brand; returns its id. `country`: ISO 3166-1 alpha-2 or empty. Raises BadInput."""
    with transaction() as session:
        brand = Brand(
            name=section_name(name),
            slug=free_section_slug(Brand, slug or name, None),
            description=section_text(description),
            country=country,
            position=position,
            **look_columns(look),
        )
        session.add(brand)
        with taken_means_bad_input():
            session.flush()
        renew_sections()
        return brand.id


@retried
def update_brand(
    brand_id: int,
    *,
    name: str,
    description: str = "",
    country: str = "",
    position: int = 0,
    look: LookFields = NO_LOOK,
) -> None:
    """Change a brand; its version grows, if anything but its place differs.

    Raises BadInput, NotFound.
    """
    with transaction():
        brand = lock_section(Brand, brand_id)
        is_renamed = brand.name != section_name(name)
        write_section(
            brand,
            name=section_name(name),
            description=section_text(description),
            country=country,
            **look_columns(look),
        )
        brand.position = position
        renew_sections()
        if is_renamed:
            refresh_later(brand_id=brand_id)


@retried
def place_section(model: type[S], section_id: int, step: int) -> None:
    """Move a category among those beside it, a brand or a collection, by `step` places.

    Raises NotFound.
    """
    with transaction() as session:
        section = lock_section(model, section_id)
        beside = select(model).order_by(model.position, model.name, model.id)
        if isinstance(section, Category):
            beside = beside.where(Category.parent_id.is_not_distinct_from(section.parent_id))
        rows: Sequence[Any] = session.scalars(beside.with_for_update()).all()
        others: list[Any] = [one for one in rows if one is not section]
        place: int = min(max(list(rows).index(section) + step, 0), len(others))
        for position, one in enumerate([*others[:place], section, *others[place:]]):
            one.position = position
        renew_sections()


@retried
def delete_section(model: type[S], section_id: int) -> None:
    """Delete a category or a brand in which nothing is left, or a collection.

    Raises OrderError, NotFound.
    """
    with transaction() as session:
        section = lock_section(model, section_id)
        if isinstance(section, Collection):  # its pieces only stand in it
            session.delete(section)
            renew_sections()
            return
        owner = Product.category_id if model is Category else Product.brand_id
        products = session.scalar(select(func.count()).where(owner == section_id)) or 0
        if products:
            raise OrderError(f"{section.name} still has {products} products. Move them first.")
        if model is Category:
            _refuse_used(section_id)
        session.delete(section)
        renew_sections()


def _refuse_used(category_id: int) -> None:
    below = select(Category.id).where(Category.parent_id == category_id).limit(1)
    if db.session.scalar(below) is not None:
        raise OrderError("There are categories below this one. Move them first.")
    used = select(CouponCategory.coupon_id).where(CouponCategory.category_id == category_id)
    if db.session.scalar(used.limit(1)) is not None:
        raise OrderError("There are coupons for this category. Hide it instead.")


def lock_section(model: type[S], section_id: int) -> S:
    """Return a section, locked until the transaction ends. Raises NotFound."""
    found = db.session.get(model, section_id, with_for_update=True)
    if found is None:
        raise NotFound
    return found


def refresh_later(*, brand_id: int | None = None, category_id: int | None = None) -> None:
    """Let a job write the copies of the products of a section, or of all, in chunks."""
    at = now()
    enqueue(
        "catalog.refresh_listings",
        {"brand_id": brand_id, "category_id": category_id},
        f"catalog.refresh_listings:{brand_id}:{category_id}:{at.timestamp()}",
    )


def renew_sections() -> None:
    """Make every page new: sections stand in the navigation of all."""
    bump_settings()
    bump_list()


def section_name(name: str) -> str:
    """Return a section's name as it is kept. Raises BadInput."""
    if not name.strip() or len(name) > 100:
        raise BadInput(name="Enter a name of at most 100 characters.")
    return name.strip()


def section_text(description: str) -> str:
    """Return a section's text as it is kept. Raises BadInput."""
    if len(description) > LONGEST_DESCRIPTION:
        raise BadInput(description=f"Use at most {LONGEST_DESCRIPTION} characters.")
    return description.strip()


def look_columns(look: LookFields) -> dict[str, Any]:
    """Return the columns of how a section shows itself. Raises BadInput."""
    look.check()
    return {name: value.strip() for name, value in asdict(look).items()}


def write_section(section: Category | Brand | Collection, **columns: object) -> None:
    """Write what staff edit of a section; its version grows if anything differs."""
    differs = any(getattr(section, name) != value for name, value in columns.items())
    for name, value in columns.items():
        setattr(section, name, value)
    section.version += differs


def free_section_slug(model: type[S], wanted: str, mine: int | None) -> str:
    """Return an address that no other section of its kind has. Raises BadInput."""
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
