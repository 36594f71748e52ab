"""What the pages of lists show, put together for their templates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from shop.catalog.filters import Filters
from shop.catalog.queries.cards import Card, page_of_cards
from shop.catalog.queries.lists import ChosenSections, Listing, choose, list_products
from shop.catalog.queries.sections import Section, Sections
from shop.catalog.queries.suggestions import matching_categories
from shop.catalog.sorts import SORTS
from shop.catalog.text import words


class CategoryLink(NamedTuple):
    """A category above the list; `name` None: all of them."""

    url: str
    name: str | None
    is_current: bool


class ActiveFilter(NamedTuple):
    """A filter in use; `url` leads to the list without it. `kind` says which words it gets."""

    kind: str  # "category", "brand", "price" or "in_stock"
    name: str
    url: str


class BrandRow(NamedTuple):
    """A brand that can be ticked; `products` None: not counted yet."""

    slug: str
    name: str
    products: int | None
    is_ticked: bool


class FilterErrors:
    """What is wrong with the typed filters, in the shape the error summary takes forms in."""

    form_errors: Sequence[str] = ()

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = errors

    def __iter__(self) -> Iterator[object]:
        return iter(())


@dataclass(frozen=True)
class ListPage:
    """A list as its template wants it. `section`: the category or brand whose page it is."""

    filters: Filters
    listing: Listing
    chosen: ChosenSections
    sections: Sections
    category: Section | None
    brand: Section | None
    collection: Section | None
    steps: Sequence[tuple[str, str]]
    form: FilterErrors
    typed: Mapping[str, str]
    popular: Sequence[Card]
    found_categories: Sequence[Section]

    sorts = SORTS

    @property
    def section(self) -> Section | None:
        """The category, brand or collection whose page this is."""
        return self.category or self.brand or self.collection

    @property
    def canonical(self) -> str:
        """The address search engines should know this list by."""
        plain = replace(Filters(self.filters.path, self.filters.currency), page=self.filters.page)
        return plain.url(plain.page)

    @property
    def chips(self) -> Sequence[CategoryLink]:
        """The categories above the list."""
        return _chips(self.filters, self.sections, self.category, self.listing)

    @property
    def applied(self) -> Sequence[ActiveFilter]:
        """The filters in use."""
        return _applied(self.filters, self.chosen, self.category)

    @property
    def brands(self) -> Sequence[BrandRow]:
        """The brands that can be ticked."""
        return () if self.brand else _brand_rows(self.filters, self.sections, self.listing)

    @property
    def bar_key(self) -> tuple[object, ...] | None:
        """What the bar above the list depends on; None when it is not worth keeping."""
        if self.listing.stamp is None or self.form.errors or self.filters.is_free:
            return None
        return replace(self.filters, page=1), self.listing.total, self.listing.stamp

    @property
    def is_for_robots(self) -> bool:
        """Whether the list is worth finding by a search engine."""
        return not self.filters.q and not self.filters.count


def make_list_page(
    filters: Filters,
    sections: Sections,
    *,
    category: Section | None = None,
    brand: Section | None = None,
    collection: Section | None = None,
    problems: Mapping[str, str],
    typed: Mapping[str, str],
) -> ListPage:
    """Read and put together the page that `filters` ask for. Raises NotFound beyond the last."""
    chosen = choose(filters, sections, category, brand, collection)
    listing = list_products(filters, chosen, sections)
    return ListPage(
        filters=filters,
        listing=listing,
        chosen=chosen,
        category=category,
        brand=brand,
        collection=collection,
        sections=sections,
        steps=_steps(sections, category, brand or collection),
        form=FilterErrors(problems),
        typed=typed,
        popular=() if listing.cards else page_of_cards(sections, (), "featured", limit=4),
        found_categories=matching_categories(words(filters.q), sections)[:4],
    )


def _steps(
    sections: Sections, category: Section | None, other: Section | None
) -> list[tuple[str, str]]:
    if category:
        return [(step.url, step.name) for step in sections.way_to(category)]
    return [(other.url, other.name)] if other else []


def _chips(
    filters: Filters, sections: Sections, category: Section | None, listing: Listing
) -> list[CategoryLink]:
    if category is None:
        current = filters.category
        chips = [
            CategoryLink(_narrowed(filters, section), section.name, section.slug == current)
            for section in _counted_ones(sections.main, listing, current)
        ]
        return [CategoryLink(filters.but(category="").url(), None, not current), *chips]
    below = sections.children(category)
    parent = sections.categories.get(category.parent_id or 0)
    around = below or (sections.children(parent) if parent else sections.main)
    whole = category if below else parent
    url = filters.but(path=whole.url if whole else "/products").url()
    return [
        CategoryLink(url, None, bool(below)),
        *(
            CategoryLink(
                filters.but(path=section.url).url(), section.name, section.id == category.id
            )
            for section in _counted_ones(around, listing, category.slug)
        ),
    ]


def _narrowed(filters: Filters, section: Section) -> str:
    """Return the URL of the list of a section: its own page, when nothing is searched for."""
    if filters.path == "/products" and not filters.q:
        return filters.but(path=section.url, category="").url()
    return filters.but(category=section.slug).url()


def _counted_ones(found: Sequence[Section], listing: Listing, current: str) -> list[Section]:
    counts = listing.counts.categories
    if not counts:
        return list(found)
    return [section for section in found if counts.get(section.id) or section.slug == current]


def _applied(
    filters: Filters, chosen: ChosenSections, category: Section | None
) -> list[ActiveFilter]:
    found = []
    if chosen.category and not category:
        url = filters.but(category="").url()
        found.append(ActiveFilter("category", chosen.category.name, url))
    if filters.brands:
        for section in chosen.brands:
            rest = tuple(slug for slug in filters.brands if slug != section.slug)
            found.append(ActiveFilter("brand", section.name, filters.but(brands=rest).url()))
    if filters.min_price is not None or filters.max_price is not None:
        url = filters.but(min_price=None, max_price=None).url()
        found.append(ActiveFilter("price", "", url))
    if filters.in_stock:
        found.append(ActiveFilter("in_stock", "", filters.but(in_stock=False).url()))
    return found


def _brand_rows(filters: Filters, sections: Sections, listing: Listing) -> list[BrandRow]:
    counts = listing.counts.brands
    return [
        BrandRow(
            brand.slug,
            brand.name,
            counts.get(brand.id, 0) if counts else None,
            brand.slug in filters.brands,
        )
        for brand in sections.brands.values()
    ]
