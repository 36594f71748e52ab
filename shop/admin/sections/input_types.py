"""A category, a brand or a collection as its form saves and shows it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shop.catalog.input_types import NO_LOOK, CollectionFields, LookFields
from shop.catalog.rules import Rule, rule_of
from shop.models import Brand, Category, Collection, CollectionKind

LOOKS = tuple(asdict(NO_LOOK))


@dataclass(frozen=True)
class CategoryValues:
    """What staff edit of a category; `parent_id`: None for a main one."""

    name: str
    parent_id: int | None
    description: str
    is_active: bool
    look: LookFields = NO_LOOK


@dataclass(frozen=True)
class BrandValues:
    """What staff edit of a brand. `country`: ISO 3166-1 alpha-2, or empty."""

    name: str
    country: str
    description: str
    look: LookFields = NO_LOOK


def plain_values(values: CategoryValues | BrandValues) -> dict[str, Any]:
    """Return the values as the services of the catalogue take them."""
    return vars(values).copy()


def category_shown(category: Category | CategoryValues) -> dict[str, str]:
    """Return what the form of a category shows, by field."""
    return {
        "name": category.name,
        "parent_id": str(category.parent_id or ""),
        "description": category.description,
        "is_active": "yes" if category.is_active else "",
        **_look_shown(category),
    }


def brand_shown(brand: Brand | BrandValues) -> dict[str, str]:
    """Return what the form of a brand shows, by field."""
    return {
        "name": brand.name,
        "country": brand.country,
        "description": brand.description,
        **_look_shown(brand),
    }


def collection_shown(collection: Collection | CollectionFields) -> dict[str, str]:
    """Return what the form of a collection shows, by field; amounts in minor units."""
    rule = _rule_shown(collection)
    return {
        "name": collection.name,
        "description": collection.description,
        "kind": "hand" if rule is None else "rule",
        **{name: _told(value) for name, value in asdict(rule or Rule()).items()},
        "is_active": "yes" if collection.is_active else "",
        "in_menu": "yes" if collection.in_menu else "",
        **_look_shown(collection),
    }


def read_rule(shown: Mapping[str, str]) -> Rule:
    """Return the rule that `collection_shown` says."""
    return Rule(**{name: _read(shown[name], empty) for name, empty in asdict(Rule()).items()})


def _read(text: str, empty: bool | None) -> Any:
    if not text:
        return empty
    return True if text == "yes" else int(text)


def _told(value: bool | int | None) -> str:
    if value is None or value is False:
        return ""
    return "yes" if value is True else str(value)


def _rule_shown(collection: Collection | CollectionFields) -> Rule | None:
    if isinstance(collection, CollectionFields):
        return collection.rule
    return rule_of(collection.rule) if collection.kind is CollectionKind.RULE else None


def _look_shown(section: Any) -> dict[str, str]:
    look = getattr(section, "look", section)
    return {name: getattr(look, name) for name in LOOKS}
