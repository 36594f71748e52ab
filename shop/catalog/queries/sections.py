"""Categories and brands, kept in the process: they stand on every page and change rarely."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import literal, select, union_all

from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Brand, Category
from shop.settings.queries import kept


@dataclass(frozen=True, slots=True)
class Section:
    """A category or a brand. `path` and `parent_id` are a category's; `url` is its page."""

    id: int
    slug: str
    name: str
    description: str
    url: str
    parent_id: int | None = None
    path: str = ""
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True)
class Sections:
    """All of them, in the merchant's order, and how they hang together."""

    categories: dict[int, Section] = field(default_factory=dict)
    brands: dict[int, Section] = field(default_factory=dict)
    below: dict[int | None, list[Section]] = field(default_factory=dict)
    category_slugs: dict[str, Section] = field(default_factory=dict)
    brand_slugs: dict[str, Section] = field(default_factory=dict)

    @property
    def main(self) -> Sequence[Section]:
        """The categories at the top."""
        return self.below.get(None, [])

    def children(self, category: Section) -> Sequence[Section]:
        """Return the categories one level below."""
        return self.below.get(category.id, [])

    def ids_below(self, category: Section) -> list[int]:
        """Return the ids of the category and of all below it."""
        return [c.id for c in self.categories.values() if c.path.startswith(category.path)]

    def way_to(self, category: Section) -> list[Section]:
        """Return the categories from the top down to this one."""
        ids = [int(part) for part in category.path.strip("/").split("/")]
        return [self.categories[i] for i in ids if i in self.categories]

    def brand_name(self, brand_id: int | None) -> str:
        """Return the name of a brand; empty for none."""
        brand = self.brands.get(brand_id) if brand_id is not None else None
        return brand.name if brand else ""

    def category(self, slug: str) -> Section:
        """Return an active category by its slug. Raises NotFound."""
        found = self.category_slugs.get(slug)
        if found is None:
            raise NotFound
        return found

    def brand(self, slug: str) -> Section:
        """Return a brand by its slug. Raises NotFound."""
        found = self.brand_slugs.get(slug)
        if found is None:
            raise NotFound
        return found


def sections() -> Sections:
    """Return the categories and brands in force; a statement only after one of them changed."""
    return kept("sections", _load)


def _load() -> Sections:
    c, b = Category, Brand
    rows = db.session.execute(
        union_all(
            select(
                literal("categories").label("kind"),
                c.id,
                c.slug,
                c.name,
                c.description,
                c.parent_id,
                c.path,
                c.position,
                c.is_active,
            ),
            select(
                literal("brands"),
                b.id,
                b.slug,
                b.name,
                b.description,
                literal(None, c.parent_id.type),
                literal(""),
                b.position,
                literal(value=True),
            ),
        )
    ).all()
    found = [
        (
            kind,
            Section(i, slug, name, text, f"/{kind}/{slug}", parent, path, position, bool(active)),
        )
        for kind, i, slug, name, text, parent, path, position, active in rows
    ]
    found.sort(key=lambda pair: (pair[1].position, pair[1].name, pair[1].id))
    return _link_sections(
        [section for kind, section in found if kind == "categories"],
        [section for kind, section in found if kind == "brands"],
    )


def _link_sections(categories: Iterable[Section], brands: Iterable[Section]) -> Sections:
    """Leave out what is hidden, with all below it, and link the rest."""
    everything = list(categories)
    hidden = [category.path for category in everything if not category.is_active]
    visible = [c for c in everything if not any(c.path.startswith(path) for path in hidden)]
    below: dict[int | None, list[Section]] = defaultdict(list)
    for category in visible:
        below[category.parent_id].append(category)
    brands = list(brands)
    return Sections(
        categories={category.id: category for category in visible},
        brands={brand.id: brand for brand in brands},
        below=dict(below),
        category_slugs={category.slug: category for category in visible},
        brand_slugs={brand.slug: brand for brand in brands},
    )
