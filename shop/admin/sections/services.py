"""What staff do to categories and brands, and to all kinds of sections; each with its trail."""

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.sections.input_types import (
    BrandValues,
    CategoryValues,
    brand_shown,
    category_shown,
    plain_values,
)
from shop.admin.sections.queries import next_position
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.catalog import services as catalog
from shop.core.db import db
from shop.models import Brand, Category, Collection

KINDS = {  # desk and thing
    Category: ("categories", "category"),
    Brand: ("brands", "brand"),
    Collection: ("collections", "collection"),
}
AnySection = type[Category] | type[Brand] | type[Collection]


@done_once
def make_category(values: CategoryValues, *, staff: Staff) -> Entry:
    """Make a category, behind those beside it. Raises BadInput."""
    with audited("categories.create", "category", staff=staff) as entry:
        entry.object_id = catalog.create_category(
            values.name,
            parent_id=values.parent_id,
            description=values.description,
            position=next_position(Category, values.parent_id),
            look=values.look,
        )
        entry.after = category_shown(values)
    return entry


@done_once
def save_category(
    category_id: int, seen: int | None, values: CategoryValues, *, staff: Staff
) -> Entry:
    """Change a category.

    `seen`: the version that the form was made from. Raises StaleForm, BadInput, NotFound.
    """
    with audited("categories.update", "category", category_id, staff=staff) as entry:
        category = catalog.lock_section(Category, category_id)
        entry.before, entry.after = category_shown(category), category_shown(values)
        refuse_stale(seen, category.version, entry.before, entry.after)
        catalog.update_category(category_id, position=category.position, **plain_values(values))
    return entry


@done_once
def make_brand(values: BrandValues, *, staff: Staff) -> Entry:
    """Make a brand, behind all others. Raises BadInput."""
    with audited("brands.create", "brand", staff=staff) as entry:
        place = next_position(Brand)
        entry.object_id = catalog.create_brand(**plain_values(values), position=place)
        entry.after = brand_shown(values)
    return entry


@done_once
def save_brand(brand_id: int, seen: int | None, values: BrandValues, *, staff: Staff) -> Entry:
    """Change a brand.

    `seen`: the version that the form was made from. Raises StaleForm, BadInput, NotFound.
    """
    with audited("brands.update", "brand", brand_id, staff=staff) as entry:
        brand = catalog.lock_section(Brand, brand_id)
        entry.before, entry.after = brand_shown(brand), brand_shown(values)
        refuse_stale(seen, brand.version, entry.before, entry.after)
        catalog.update_brand(brand_id, position=brand.position, **plain_values(values))
    return entry


@done_once
def move_section(model: AnySection, section_id: int, step: int, *, staff: Staff) -> Entry:
    """Move a section by `step` places among those beside it. Raises NotFound."""
    desk, thing = KINDS[model]
    with audited(f"{desk}.place", thing, section_id, staff=staff) as entry:
        section = catalog.lock_section(model, section_id)
        entry.before = {"position": section.position}
        catalog.place_section(model, section_id, step)
        entry.after = {"position": section.position}
    return entry


@done_once
def remove_section(model: AnySection, section_id: int, *, staff: Staff) -> Entry:
    """Delete a category or a brand in which nothing is left, or a collection.

    Raises OrderError, NotFound.
    """
    desk, thing = KINDS[model]
    with audited(f"{desk}.delete", thing, section_id, staff=staff) as entry:
        section = catalog.lock_section(model, section_id)
        entry.before = {"name": section.name, "slug": section.slug}
        entry.after = dict.fromkeys(entry.before)
        catalog.delete_section(model, section_id)
        db.session.flush()
    return entry
