"""A category or a brand as its form saves and shows it. Pure."""

from dataclasses import dataclass

from shop.models import Brand, Category


@dataclass(frozen=True)
class CategoryValues:
    """What staff edit of a category; `parent_id`: None for a main one."""

    name: str
    parent_id: int | None
    description: str
    is_active: bool


@dataclass(frozen=True)
class BrandValues:
    """What staff edit of a brand. `country`: ISO 3166-1 alpha-2, or empty."""

    name: str
    country: str
    description: str


def category_shown(category: Category | CategoryValues) -> dict[str, str]:
    """Return what the form of a category shows, by field."""
    return {
        "name": category.name,
        "parent_id": str(category.parent_id or ""),
        "description": category.description,
        "is_active": "yes" if category.is_active else "",
    }


def brand_shown(brand: Brand | BrandValues) -> dict[str, str]:
    """Return what the form of a brand shows, by field."""
    return {"name": brand.name, "country": brand.country, "description": brand.description}
