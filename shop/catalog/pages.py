"""What the pages of lists show, put together for their templates."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from shop.catalog.filters import SORTS, Filters
from shop.catalog.queries.cards import Card, page_of_cards
from shop.catalog.queries.lists import ChosenShelves, Listing, choose, list_products
from shop.catalog.queries.shelves import Shelf, Shelves
from shop.catalog.queries.suggestions import matching_categories
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
    """A house that can be ticked; `products` None: not counted yet."""

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
    """A list as its template wants it. `shelf`: the category or house whose page it is."""

    filters: Filters
    listing: Listing
    chosen: ChosenShelves
    shelves: Shelves
    category: Shelf | None
    brand: Shelf | None
    steps: Sequence[tuple[str, str]]
    form: FilterErrors
    typed: Mapping[str, str]
    popular: Sequence[Card]
    found_categories: Sequence[Shelf]

    sorts = SORTS

    @property
    def shelf(self) -> Shelf | None:
        """The category or house whose page this is."""
        return self.category or self.brand

    @property
    def canonical(self) -> str:
        """The address search engines should know this list by."""
        plain = replace(Filters(self.filters.path, self.filters.currency), page=self.filters.page)
        return plain.url(plain.page)

    @property
    def chips(self) -> Sequence[CategoryLink]:
        """The categories above the list."""
        return _chips(self.filters, self.shelves, self.category, self.listing)

    @property
    def applied(self) -> Sequence[ActiveFilter]:
        """The filters in use."""
        return _applied(self.filters, self.chosen, self.category)

    @property
    def houses(self) -> Sequence[BrandRow]:
        """The houses that can be ticked."""
        return () if self.brand else _houses(self.filters, self.shelves, self.listing)

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
    shelves: Shelves,
    *,
    category: Shelf | None = None,
    brand: Shelf | None = None,
    problems: Mapping[str, str],
    typed: Mapping[str, str],
) -> ListPage:
    """Read and put together the page that `filters` ask for. Raises NotFound beyond the last."""
    chosen = choose(filters, shelves, category, brand)
    listing = list_products(filters, chosen, shelves)
    return ListPage(
        filters=filters,
        listing=listing,
        chosen=chosen,
        category=category,
        brand=brand,
        shelves=shelves,
        steps=_steps(shelves, category, brand),
        form=FilterErrors(problems),
        typed=typed,
        popular=() if listing.cards else page_of_cards(shelves, (), "featured", limit=4),
        found_categories=matching_categories(words(filters.q), shelves)[:4],
    )


def _steps(shelves: Shelves, category: Shelf | None, brand: Shelf | None) -> list[tuple[str, str]]:
    if category:
        return [(step.url, step.name) for step in shelves.way_to(category)]
    return [(brand.url, brand.name)] if brand else []


def _chips(
    filters: Filters, shelves: Shelves, category: Shelf | None, listing: Listing
) -> list[CategoryLink]:
    if category is None:
        current = filters.category
        chips = [
            CategoryLink(_narrowed(filters, shelf), shelf.name, shelf.slug == current)
            for shelf in _counted_ones(shelves.main, listing, current)
        ]
        return [CategoryLink(filters.but(category="").url(), None, not current), *chips]
    below = shelves.children(category)
    parent = shelves.categories.get(category.parent_id or 0)
    around = below or (shelves.children(parent) if parent else shelves.main)
    whole = category if below else parent
    url = filters.but(path=whole.url if whole else "/products").url()
    return [
        CategoryLink(url, None, bool(below)),
        *(
            CategoryLink(filters.but(path=shelf.url).url(), shelf.name, shelf.id == category.id)
            for shelf in _counted_ones(around, listing, category.slug)
        ),
    ]


def _narrowed(filters: Filters, shelf: Shelf) -> str:
    """Return the URL of the list on a shelf: the shelf's own page, when nothing is searched for."""
    if filters.path == "/products" and not filters.q:
        return filters.but(path=shelf.url, category="").url()
    return filters.but(category=shelf.slug).url()


def _counted_ones(found: Sequence[Shelf], listing: Listing, current: str) -> list[Shelf]:
    counts = listing.counts.categories
    if not counts:
        return list(found)
    return [shelf for shelf in found if counts.get(shelf.id) or shelf.slug == current]


def _applied(filters: Filters, chosen: ChosenShelves, category: Shelf | None) -> list[ActiveFilter]:
    found = []
    if chosen.category and not category:
        url = filters.but(category="").url()
        found.append(ActiveFilter("category", chosen.category.name, url))
    if filters.brands:
        for shelf in chosen.brands:
            rest = tuple(slug for slug in filters.brands if slug != shelf.slug)
            found.append(ActiveFilter("brand", shelf.name, filters.but(brands=rest).url()))
    if filters.min_price is not None or filters.max_price is not None:
        url = filters.but(min_price=None, max_price=None).url()
        found.append(ActiveFilter("price", "", url))
    if filters.in_stock:
        found.append(ActiveFilter("in_stock", "", filters.but(in_stock=False).url()))
    return found


def _houses(filters: Filters, shelves: Shelves, listing: Listing) -> list[BrandRow]:
    counts = listing.counts.brands
    return [
        BrandRow(
            brand.slug,
            brand.name,
            counts.get(brand.id, 0) if counts else None,
            brand.slug in filters.brands,
        )
        for brand in shelves.brands.values()
    ]
