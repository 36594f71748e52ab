"""Products as cards: lean rows, one statement for a page of them."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, case, false, func, select, true

from shop.catalog.queries.sections import Sections
from shop.catalog.sorts import SORTS
from shop.catalog.text import like
from shop.core.clock import now
from shop.core.db import db
from shop.models import Product

P = Product.__table__.c
ON_SALE = P.is_active == true()
AVAILABLE = P.is_available == true()
SOLD_OUT = P.is_available == false()
NEW_FOR = timedelta(days=30)

_COLUMNS = (  # in the order of Card
    P.id,
    P.slug,
    P.name,
    P.brand_id,
    P.cover,
    P.price_from,
    P.compare_at,
    P.has_price_range,
    P.is_available,
    P.few_left,
    P.single_variant_id,
    P.published_at,
)


class Card(NamedTuple):
    """What a product shows in a list. Money in minor units."""

    id: int
    slug: str
    name: str
    brand_name: str
    cover: str | None
    price_from: int
    compare_at: int | None
    has_price_range: bool
    is_available: bool
    few_left: int | None
    single_variant_id: int | None
    is_new: bool


def select_cards(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the statement for cards of products on sale."""
    return select(*_COLUMNS).where(ON_SALE, *conditions)


def fetch_cards(statement: Select[Any], sections: Sections, **asked: object) -> list[Card]:
    """Run a statement of `select_cards()`; `asked`: the values of its bind parameters."""
    new_since = now() - NEW_FOR
    cards = []
    for row in db.session.execute(statement, asked):
        # Unpacked, not asked by name: 24 rows of 12 columns are a tenth of a page.
        product_id, slug, name, brand_id, *shown, published_at = row
        is_new = published_at is not None and published_at > new_since
        brand_name = sections.brand_name(brand_id)
        cards.append(Card._make((product_id, slug, name, brand_name, *shown, is_new)))
    return cards


@cache
def _available(sort: str) -> Select[Any]:
    """Return the statement for a page of what can be bought, made once: building it costs."""
    statement = select_cards(AVAILABLE).order_by(*SORTS[sort].columns)
    return statement.limit(bindparam("limit")).offset(bindparam("offset"))


def page_of_cards(
    sections: Sections,
    conditions: Sequence[ColumnElement[bool]],
    sort: str,
    *,
    limit: int,
    offset: int = 0,
    with_sold_out: bool = True,
    order: Sequence[ColumnElement[Any]] | None = None,
) -> list[Card]:
    """Return cards in one of SORTS, or in another `order`; those sold out after all others.

    The sold-out range is read only when the available one does not fill the page, so that each
    statement walks one index from its start.
    """
    available = _available(sort)
    if conditions:
        available = available.where(*conditions)
    if order:
        available = available.order_by(None).order_by(*order)
    cards = fetch_cards(available, sections, limit=limit, offset=offset)
    missing = limit - len(cards)
    if not missing or not with_sold_out:
        return cards
    skip = 0
    if offset and not cards:
        count = select(func.count()).select_from(Product).where(ON_SALE, AVAILABLE, *conditions)
        skip = offset - (db.session.scalar(count) or 0)
    rest = select_cards(SOLD_OUT, *conditions).order_by(*(order or SORTS[sort].columns))
    rest = rest.limit(missing).offset(max(0, skip))
    return cards + fetch_cards(rest, sections)


def find_product_ids(asked: Sequence[str], limit: int | None = None) -> list[int]:
    """Return the products on sale in whose text every word stands; best matches first.

    Reads nothing but the index over the text.
    """
    if not asked:
        return []
    text = [P.search_text.like(like(word), escape="!") for word in asked]
    query = select(P.id).where(ON_SALE, *text).order_by(_rank(asked)).limit(limit)
    return list(db.session.scalars(query))


def page_of_found(
    sections: Sections,
    found: Sequence[int],
    asked: Sequence[str],
    sort: str = "featured",
    *,
    conditions: Sequence[ColumnElement[bool]] = (),
    limit: int,
    offset: int = 0,
) -> list[Card]:
    """Return cards among the `found` ids that fit `conditions`, those sold out last.

    In the featured order the best matches come first.
    """
    if not found:
        return []
    by = SORTS[sort].columns
    if sort == "featured":
        by = (_rank(asked), *by)
    statement = select_cards(P.id.in_(found), *conditions)
    statement = statement.order_by(P.is_available.desc(), *by)
    return fetch_cards(statement.limit(limit).offset(offset), sections)


def _rank(asked: Sequence[str]) -> ColumnElement[int]:
    """Names that begin with what was asked come before others, whatever sign parts the words."""
    begins = "_".join(like(word)[1:-1] for word in asked) + "%"
    return case((P.search_text.like(begins, escape="!"), 0), else_=1)
