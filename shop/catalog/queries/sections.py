"""Categories, brands and collections, kept in the process: they stand on every page and change
rarely.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Integer, Select, Text, case, cast, literal, null, select, union_all

from shop.catalog.rules import Rule, rule_of
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Brand, Category, Collection, CollectionKind
from shop.settings.queries import kept


@dataclass(frozen=True, slots=True)
class Section:
    """A category, a brand or a collection; `url` is its page.

    `path` and `parent_id` are a category's. `rule` is a collection's, None where its pieces are
    chosen by hand. `picture`: a storage key, "" for none.
    """

    id: int
    slug: str
    name: str
    description: str
    url: str
    parent_id: int | None = None
    path: str = ""
    position: int = 0
    is_active: bool = True
    picture: str = ""
    picture_alt: str = ""
    seo_title: str = ""
    seo_description: str = ""
    rule: Rule | None = None
    in_menu: bool = False


@dataclass(frozen=True)
class Sections:
    """All of them, in the merchant's order, and how they hang together."""

    categories: dict[int, Section] = field(default_factory=dict)
    brands: dict[int, Section] = field(default_factory=dict)
    collections: dict[int, Section] = field(default_factory=dict)
    below: dict[int | None, list[Section]] = field(default_factory=dict)
    category_slugs: dict[str, Section] = field(default_factory=dict)
    brand_slugs: dict[str, Section] = field(default_factory=dict)
    collection_slugs: dict[str, Section] = field(default_factory=dict)

    @property
    def has_chosen(self) -> bool:
        """Whether there are collections whose pieces are chosen by hand."""
        return any(section.rule is None for section in self.collections.values())

    @property
    def in_menu(self) -> Sequence[Section]:
        """The collections that stand in the menu."""
        return [section for section in self.collections.values() if section.in_menu]

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

    def collection(self, slug: str) -> Section:
        """Return a published collection by its slug. Raises NotFound."""
        found = self.collection_slugs.get(slug)
        if found is None:
            raise NotFound
        return found


def sections() -> Sections:
    """Return those in force; a statement only after one of them changed."""
    return kept("sections", _load)


def _load() -> Sections:
    rows = db.session.execute(union_all(_of_categories(), _of_brands(), _of_collections())).all()
    found = [
        (
            row.kind,
            Section(
                row.id,
                row.slug,
                row.name,
                row.description,
                f"/{row.kind}/{row.slug}",
                row.parent_id,
                row.path,
                row.position,
                bool(row.is_active),
                row.picture,
                row.picture_alt,
                row.seo_title,
                row.seo_description,
                rule_of(json.loads(row.rule)) if row.rule else None,
                bool(row.in_menu),
            ),
        )
        for row in rows
    ]
    found.sort(key=lambda pair: (pair[1].position, pair[1].name, pair[1].id))
    return _link_sections(*([section for kind, section in found if kind == k] for k in KINDS))


KINDS = ("categories", "brands", "collections")


def _of_categories() -> Select[Any]:
    c = Category
    own = (c.parent_id, c.path, c.position, c.is_active)
    return select(literal("categories").label("kind"), *_shared(c), *own, *_without_rule())


def _of_brands() -> Select[Any]:
    own = (cast(null(), Integer), literal(""), Brand.position, literal(value=True))
    return select(literal("brands"), *_shared(Brand), *own, *_without_rule())


def _of_collections() -> Select[Any]:
    c = Collection
    own = (cast(null(), Integer), literal(""), c.position, c.is_active)
    rule = case((c.kind == CollectionKind.RULE, cast(c.rule, Text)), else_=cast(null(), Text))
    return select(literal("collections"), *_shared(c), *own, rule, c.in_menu).where(c.is_active)


def _shared(model: Any) -> Sequence[Any]:
    names = "id slug name description picture picture_alt seo_title seo_description".split()
    return [getattr(model, name) for name in names]


def _without_rule() -> Sequence[Any]:
    return cast(null(), Text).label("rule"), literal(value=False).label("in_menu")


def _link_sections(
    categories: Iterable[Section], brands: Iterable[Section], collections: Iterable[Section]
) -> Sections:
    """Leave out what is hidden, with all below it, and link the rest."""
    everything = list(categories)
    hidden = [category.path for category in everything if not category.is_active]
    visible = [c for c in everything if not any(c.path.startswith(path) for path in hidden)]
    below: dict[int | None, list[Section]] = defaultdict(list)
    for category in visible:
        below[category.parent_id].append(category)
    brands, collections = list(brands), list(collections)
    return Sections(
        categories={category.id: category for category in visible},
        brands={brand.id: brand for brand in brands},
        collections={collection.id: collection for collection in collections},
        below=dict(below),
        category_slugs={category.slug: category for category in visible},
        brand_slugs={brand.slug: brand for brand in brands},
        collection_slugs={collection.slug: collection for collection in collections},
    )
