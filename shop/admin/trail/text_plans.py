"""Taking back texts of pages, sections and settings, and the prices of delivery."""

from dataclasses import fields
from typing import Any, Final, TypeVar

from shop.admin.delivery.input_types import MethodValues
from shop.admin.delivery.services import save_method
from shop.admin.mail_texts.queries import read_text
from shop.admin.mail_texts.services import save_mail_text
from shop.admin.pages.input_types import PageValues, page_shown
from shop.admin.pages.services import save_page
from shop.admin.sections.collections import save_collection
from shop.admin.sections.input_types import (
    LOOKS,
    BrandValues,
    CategoryValues,
    brand_shown,
    category_shown,
    collection_shown,
    read_rule,
)
from shop.admin.sections.services import save_brand, save_category
from shop.admin.settings.input_types import CarrierValues
from shop.admin.settings.queries import load_settings, show_settings
from shop.admin.settings.services import save_carrier, save_settings
from shop.admin.staff_actions import Staff
from shop.admin.trail.plans import GONE, Old, Reversal, Step, get_row, steps_of
from shop.catalog.input_types import CollectionFields, LookFields
from shop.core.db import Base
from shop.core.errors import OrderError
from shop.core.row_ids import parse_id
from shop.mail.texts import MAIL_TEXTS
from shop.models import (
    AuditEntry,
    Brand,
    Carrier,
    Category,
    Collection,
    DeliveryMethod,
    Page,
    PageSection,
    Rates,
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
    steps, back = _section_steps(before, after, category_shown(category))
    values = CategoryValues(
        name=back["name"],
        parent_id=parse_id(back["parent_id"]) or None,
        description=back["description"],
        is_active=back["is_active"] == "yes",
        look=_look(back),
    )

    def act(staff: Staff) -> object:
        return save_category(category.id, category.version, values, staff=staff)

    return Reversal(_PRODUCTS, steps, act)


def plan_brand(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the values of a house back means. Raises OrderError."""
    brand = get_row(Brand, entry)
    steps, back = _section_steps(before, after, brand_shown(brand))
    values = BrandValues(back["name"], back["country"], back["description"], _look(back))

    def act(staff: Staff) -> object:
        return save_brand(brand.id, brand.version, values, staff=staff)

    return Reversal(_PRODUCTS, steps, act)


def plan_collection(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the values of a collection back means. Raises OrderError."""
    collection = get_row(Collection, entry)
    steps, back = _section_steps(before, after, collection_shown(collection))
    values = CollectionFields(
        name=back["name"],
        description=back["description"],
        rule=read_rule(back) if back["kind"] == "rule" else None,
        is_active=back["is_active"] == "yes",
        in_menu=back["in_menu"] == "yes",
        look=_look(back),
    )

    def act(staff: Staff) -> object:
        return save_collection(collection.id, collection.version, values, staff=staff)

    return Reversal(_PRODUCTS, steps, act)


def _section_steps(
    before: Old, after: Old, now: dict[str, str]
) -> tuple[list[Step], dict[str, str]]:
    """Return the steps for a section that is shown as `now`, and what it would show then."""
    steps = steps_of(before, after, now)
    return steps, now | {step.name[1]: step.back for step in steps}


def _look(shown: dict[str, str]) -> LookFields:
    return LookFields(**{name: shown[name] for name in LOOKS})


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


def plan_method(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the values of a delivery method back means. Raises OrderError."""
    method = get_row(DeliveryMethod, entry)
    steps = steps_of(before, after, {f.name: getattr(method, f.name) for f in fields(MethodValues)})
    back: dict[str, Any] = {step.name[1]: step.back for step in steps}
    if "rates" in back:
        back["rates"] = Rates(back["rates"])
    values = _with(MethodValues, method, back)

    def act(staff: Staff) -> object:
        return save_method(method.id, method.version, values, staff=staff)

    return Reversal(_SETTINGS, steps, act)


def plan_mail_text(entry: AuditEntry, before: Old, after: Old) -> Reversal:
    """Return what taking the words of a mail back means; "" are the delivered ones.

    Raises OrderError for a mail that is no more.
    """
    kind, _dash, language = entry.object_id.rpartition("-")
    text = MAIL_TEXTS.get(kind)
    if text is None:
        raise OrderError(GONE)
    reading = read_text(text, language)
    steps = steps_of(before, after, reading.kept)
    back = reading.kept | {step.name[1]: step.back for step in steps}

    def act(staff: Staff) -> object:
        return save_mail_text(kind, language, reading.version, back, staff=staff)

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
    # Each of these kinds is a dataclass; a type variable cannot say so.
    now = {f.name: getattr(row, f.name) for f in fields(kind)}  # type: ignore[arg-type]
    return kind(**{**now, **back})
