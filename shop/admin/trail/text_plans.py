"""Taking back texts of pages, sections and settings, and the prices of delivery."""

from dataclasses import fields
from typing import Any, Final, TypeVar

from shop.admin.pages.input_types import PageValues, page_shown
from shop.admin.pages.services import save_page
from shop.admin.sections.input_types import (
    BrandValues,
    CategoryValues,
    brand_shown,
    category_shown,
)
from shop.admin.sections.services import save_brand, save_category
from shop.admin.settings.input_types import CarrierValues
from shop.admin.settings.queries import load_settings, show_settings
from shop.admin.settings.services import save_carrier, save_settings
from shop.admin.staff_actions import Staff
from shop.admin.trail.plans import GONE, Old, Reversal, get_row, steps_of
from shop.core.db import Base
from shop.core.errors import OrderError
from shop.core.row_ids import parse_id
from shop.models import (
    AuditEntry,
    Brand,
    Carrier,
    Category,
    Page,
    PageSection,
)
from shop.pages.roles import PageText
from shop.settings.registry import DEFINITIONS

Values = TypeVar("Values")
_PRODUCTS: Final = frozenset({"products.edit"})
_SETTINGS: Final = frozenset({"settings.edit"})


def plan_page(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the draft of a page back means: what is public stays. Raises OrderError.

    The text becomes public as every other does, once it is published.
    """
    page = get_row(Page, entry)
    now = page_shown(page)
    steps = steps_of(before, after, now)
    back = now | {step.name[1]: step.back for step in steps}
    text = PageText(back["title"], back["description"], back["source"])
    section, position = PageSection(back["section"]), int(back["position"])
    values = PageValues(text, back["slug"], section, position)

    def act(staff: Staff) -> object:
        return save_page(page.id, page.version, values, publish=False, staff=staff)

    return Reversal(frozenset({"pages.edit"}), steps, act)


def plan_category(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the values of a category back means. Raises OrderError."""
    category = get_row(Category, entry)
    steps = steps_of(before, after, category_shown(category))
    back: dict[str, Any] = {step.name[1]: step.back for step in steps}
    if "parent_id" in back:
        back["parent_id"] = parse_id(back["parent_id"]) or None
    if "is_active" in back:
        back["is_active"] = back["is_active"] == "yes"
    values = _with(CategoryValues, category, back)

    def act(staff: Staff) -> object:
        return save_category(category.id, category.version, values, staff=staff)

    return Reversal(_PRODUCTS, steps, act)


def plan_brand(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the values of a house back means. Raises OrderError."""
    brand = get_row(Brand, entry)
    steps = steps_of(before, after, brand_shown(brand))
    values = _with(BrandValues, brand, {step.name[1]: step.back for step in steps})

    def act(staff: Staff) -> object:
        return save_brand(brand.id, brand.version, values, staff=staff)

    return Reversal(_PRODUCTS, steps, act)


def plan_setting(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking a setting back means. Raises OrderError for one that is no more."""
    key = entry.object_id
    if key not in DEFINITIONS:
        raise OrderError(GONE)
    present, versions = load_settings([key])
    steps = steps_of(before, after, {"value": present[key]})
    texts = show_settings({key: before["", "value"]})

    def act(staff: Staff) -> object:
        seen, mine = sum(versions.values()), staff.reverts_id
        return save_settings([key], texts, seen, user_id=staff.user_id, reverts_id=mine)

    return Reversal(_SETTINGS, steps, act)


def plan_carrier(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the values of a carrier back means. Raises OrderError."""
    carrier = get_row(Carrier, entry)
    now = {f.name: getattr(carrier, f.name) for f in fields(CarrierValues)}
    steps = steps_of(before, after, now)
    values = _with(CarrierValues, carrier, {step.name[1]: step.back for step in steps})

    def act(staff: Staff) -> object:
        return save_carrier(carrier.id, carrier.version, values, staff=staff)

    return Reversal(_SETTINGS, steps, act)


def _with(kind: type[Values], row: Base, back: dict[str, Any]) -> Values:
    """Return the values of a row, with some as they were."""
    now = {f.name: getattr(row, f.name) for f in fields(kind)}  # type: ignore[arg-type]
    return kind(**{**now, **back})
