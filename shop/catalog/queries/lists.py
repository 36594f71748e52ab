"""A page of a list: its cards, its counts, and what can be chosen next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from shop.catalog.facets import FacetCounts, Facets, Selection, to_set
from shop.catalog.filters import PER_PAGE, Filters
from shop.catalog.queries.cards import (
    AVAILABLE,
    ON_SALE,
    Card,
    P,
    find_product_ids,
    page_of_cards,
    page_of_found,
)
from shop.catalog.queries.collections import BY_HAND, counted_within, stand_in
from shop.catalog.queries.counts import current_facets, current_list_stamp
from shop.catalog.queries.sections import Section, Sections
from shop.catalog.text import words
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Product

MOST_RANKED = 2000  # found products that are put in order


@dataclass(frozen=True)
class Listing:
    """A page of pieces. `counts` has no values while a large shop is not counted yet.

    `stamp`: the state of the catalogue that the counts are of; None: not counted. `is_settled` is
    False while that is an older one than the cards'.
    """

    cards: Sequence[Card]
    total: int
    counts: FacetCounts
    stamp: int | None
    is_settled: bool

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True)
class ChosenSections:
    """The sections that the filters name."""

    category: Section | None
    brands: Sequence[Section]
    collection: Section | None = None


def choose(
    filters: Filters,
    sections: Sections,
    category: Section | None = None,
    brand: Section | None = None,
    collection: Section | None = None,
) -> ChosenSections:
    """Look up the sections of `filters`; unknown slugs are left out.

    `category`, `brand` or `collection`: the section whose page it is.
    """
    picked = category or sections.category_slugs.get(filters.category)
    brands = [sections.brand_slugs[slug] for slug in filters.brands if slug in sections.brand_slugs]
    return ChosenSections(picked, [brand] if brand else brands, collection)


def list_products(filters: Filters, chosen: ChosenSections, sections: Sections) -> Listing:
    """Return a page of products. Raises NotFound for a page beyond the last one."""
    conditions = _conditions(filters, chosen, sections)
    offset = (filters.page - 1) * PER_PAGE
    facets = current_facets()
    found: list[int] | None = None
    if filters.q:
        asked = words(filters.q)
        found = find_product_ids(asked)
        cards = page_of_found(
            sections,
            _candidates(found, facets, _selection(filters, chosen, sections)),
            asked,
            filters.sort,
            conditions=conditions,
            limit=PER_PAGE,
            offset=offset,
        )
    else:
        cards = page_of_cards(
            sections,
            conditions + _fewer(filters, chosen, sections, facets),
            filters.sort,
            limit=PER_PAGE,
            offset=offset,
            with_sold_out=not filters.in_stock,
            order=_order(filters, chosen),
        )
    if not cards and filters.page > 1:
        raise NotFound
    if facets is None:
        total = _total(cards, filters, found, conditions)
        return Listing(cards, total, FacetCounts(), None, is_settled=False)
    matches = None if found is None else to_set(found)
    selection = _selection(filters, chosen, sections, matches)
    counts = facets.count(selection)
    total = _at_least(counts.total, cards, filters)
    is_settled = facets.stamp == current_list_stamp()
    return Listing(cards, total, counts, facets.stamp, is_settled)


def _order(filters: Filters, chosen: ChosenSections) -> Sequence[ColumnElement[Any]] | None:
    """Return the columns of the list's order, where it is not that of all lists."""
    is_chosen = chosen.collection is not None and chosen.collection.rule is None
    return BY_HAND if is_chosen and filters.sort == "featured" else None


def _fewer(
    filters: Filters, chosen: ChosenSections, sections: Sections, facets: Facets | None
) -> list[ColumnElement[bool]]:
    """Name the pieces of a rule that fits few: they are found by their ids then."""
    if facets is None or chosen.collection is None or chosen.collection.rule is None:
        return []
    few = facets.few(_selection(filters, chosen, sections), PER_PAGE * filters.page)
    return [] if few is None else [P.id.in_(few)]


def _selection(
    filters: Filters, chosen: ChosenSections, sections: Sections, matches: int | None = None
) -> Selection:
    collection = chosen.collection
    return Selection(
        category_id=chosen.category.id if chosen.category else None,
        brand_ids=tuple(brand.id for brand in chosen.brands),
        min_price=filters.min_price,
        max_price=filters.max_price,
        in_stock=filters.in_stock,
        matches=matches,
        within=counted_within(collection, sections) if collection else None,
    )


def _candidates(found: list[int], facets: Facets | None, asked: Selection) -> list[int]:
    """Return the found products that are worth ranking, at most MOST_RANKED."""
    if len(found) <= MOST_RANKED or facets is None:
        return found[:MOST_RANKED]
    return facets.keep(found, asked)[:MOST_RANKED]


def _conditions(
    filters: Filters, chosen: ChosenSections, sections: Sections
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.category:
        conditions.append(_one_of(P.category_id, sections.ids_below(chosen.category)))
    if chosen.brands:
        conditions.append(_one_of(P.brand_id, [brand.id for brand in chosen.brands]))
    if chosen.collection:
        conditions += stand_in(chosen.collection, sections)
    if filters.min_price is not None:
        conditions.append(P.price_from >= filters.min_price)
    if filters.max_price is not None:
        conditions.append(P.price_from <= filters.max_price)
    if filters.in_stock:
        conditions.append(AVAILABLE)
    return conditions


def _one_of(column: ColumnElement[Any], ids: Sequence[int]) -> ColumnElement[bool]:
    return column == ids[0] if len(ids) == 1 else column.in_(ids)


def _at_least(total: int, cards: Sequence[Card], filters: Filters) -> int:
    """Correct a count that is some seconds old by what the page itself shows."""
    seen = (filters.page - 1) * PER_PAGE + len(cards)
    if len(cards) < PER_PAGE:
        return seen
    return max(min(total, MOST_RANKED) if filters.q else total, seen)


def _total(
    cards: Sequence[Card],
    filters: Filters,
    found: list[int] | None,
    conditions: Sequence[ColumnElement[bool]],
) -> int:
    """Count in SQL, before a large shop has been counted for the first time."""
    if len(cards) < PER_PAGE:
        return _at_least(0, cards, filters)
    named = [P.id.in_(found[:MOST_RANKED])] if found is not None else []
    count = select(func.count()).select_from(Product).where(ON_SALE, *named, *conditions)
    return db.session.scalar(count) or 0
