"""A page of a list: its cards, its counts, and what can be chosen next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from shop.catalog.facets import Counts, Selection, to_set
from shop.catalog.filters import PER_PAGE, Filters
from shop.catalog.queries.cards import (
    AVAILABLE,
    ON_SALE,
    Card,
    P,
    page_of_cards,
    page_of_found,
    text_conditions,
)
from shop.catalog.queries.counts import current_facets, current_list_stamp
from shop.catalog.queries.shelves import Shelf, Shelves
from shop.catalog.text import words
from shop.db import db
from shop.errors import NotFound
from shop.models import Product

FEW_MATCHES = 1000  # found products are named by id up to here, searched for again above


@dataclass(frozen=True)
class Listing:
    """A page of pieces. `counts` has no values while a large shop is not counted yet.

    `is_settled` is False while the counts are of an older state of the catalogue than the cards.
    """

    cards: Sequence[Card]
    total: int
    counts: Counts
    is_settled: bool

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PER_PAGE))


@dataclass(frozen=True)
class Chosen:
    """The shelves that the filters name."""

    category: Shelf | None
    brands: Sequence[Shelf]


def choose(
    filters: Filters, shelves: Shelves, category: Shelf | None = None, brand: Shelf | None = None
) -> Chosen:
    """Look up the shelves of `filters`; unknown slugs are left out.

    `category` or `brand`: the shelf whose page it is.
    """
    picked = category or shelves.category_slugs.get(filters.category)
    houses = [shelves.brand_slugs[slug] for slug in filters.brands if slug in shelves.brand_slugs]
    return Chosen(picked, [brand] if brand else houses)


def list_products(filters: Filters, chosen: Chosen, shelves: Shelves) -> Listing:
    """Return a page of products. Raises NotFound for a page beyond the last one."""
    conditions = _conditions(filters, chosen, shelves)
    offset = (filters.page - 1) * PER_PAGE
    found: list[int] | None = None
    cards: list[Card]
    if filters.q:
        asked = words(filters.q)
        text = text_conditions(asked)
        found = list(db.session.scalars(select(P.id).where(ON_SALE, *text))) if asked else []
        if len(found) <= FEW_MATCHES:
            text = [P.id.in_(found)]
        where = [*text, *conditions]
        cards = (
            page_of_found(shelves, where, asked, filters.sort, limit=PER_PAGE, offset=offset)
            if found
            else []
        )
    else:
        cards = page_of_cards(
            shelves,
            conditions,
            filters.sort,
            limit=PER_PAGE,
            offset=offset,
            with_sold_out=not filters.in_stock,
        )
    if not cards and filters.page > 1:
        raise NotFound
    return _counted(filters, chosen, cards, found, conditions)


def _conditions(filters: Filters, chosen: Chosen, shelves: Shelves) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.category:
        conditions.append(_one_of(P.category_id, shelves.ids_below(chosen.category)))
    if chosen.brands:
        conditions.append(_one_of(P.brand_id, [brand.id for brand in chosen.brands]))
    if filters.min_price is not None:
        conditions.append(P.price_from >= filters.min_price)
    if filters.max_price is not None:
        conditions.append(P.price_from <= filters.max_price)
    if filters.in_stock:
        conditions.append(AVAILABLE)
    return conditions


def _one_of(column: ColumnElement[Any], ids: Sequence[int]) -> ColumnElement[bool]:
    return column == ids[0] if len(ids) == 1 else column.in_(ids)


def _counted(
    filters: Filters,
    chosen: Chosen,
    cards: Sequence[Card],
    found: list[int] | None,
    conditions: Sequence[ColumnElement[bool]],
) -> Listing:
    facets = current_facets()
    if facets is None:
        return Listing(cards, _total(cards, filters, found, conditions), Counts(), False)
    counts = facets.count(
        Selection(
            category_id=chosen.category.id if chosen.category else None,
            brand_ids=[brand.id for brand in chosen.brands],
            min_price=filters.min_price,
            max_price=filters.max_price,
            in_stock=filters.in_stock,
            matches=None if found is None else to_set(found),
        )
    )
    total = _at_least(counts.total, cards, filters)
    return Listing(cards, total, counts, facets.stamp == current_list_stamp())


def _at_least(total: int, cards: Sequence[Card], filters: Filters) -> int:
    """Correct a count that is some seconds old by what the page itself shows."""
    seen = (filters.page - 1) * PER_PAGE + len(cards)
    return seen if len(cards) < PER_PAGE else max(total, seen)


def _total(
    cards: Sequence[Card],
    filters: Filters,
    found: list[int] | None,
    conditions: Sequence[ColumnElement[bool]],
) -> int:
    if len(cards) < PER_PAGE:
        return _at_least(0, cards, filters)
    if found is not None and not conditions:
        return len(found)
    text = text_conditions(words(filters.q)) if found is not None else []
    count = select(func.count()).select_from(Product).where(ON_SALE, *text, *conditions)
    return db.session.scalar(count) or 0
