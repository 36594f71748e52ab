"""The pieces of a collection or at the top of a category, as staff put them in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from shop.admin.sections.queries import get_desk_category, get_desk_collection
from shop.catalog.queries.cards import find_product_ids
from shop.catalog.services import MOST_CHOSEN, list_collection_pieces, list_leading
from shop.catalog.text import words
from shop.core.db import db
from shop.models import Brand, Category, Collection, Product

MOST_FOUND = 12


@dataclass(frozen=True)
class PieceList:
    """The pieces in their order. `found`: what a search for more of them found.

    `mine`: the order that somebody asked for who was overtaken, empty otherwise.
    """

    section: Category | Collection
    pieces: Sequence[Row[Any]]
    found: Sequence[Row[Any]]
    mine: Sequence[Row[Any]]

    @property
    def is_category(self) -> bool:
        """Whether these are the first of many; a collection has no others."""
        return isinstance(self.section, Category)

    @property
    def ids(self) -> str:
        """The pieces by their ids, as the form carries them."""
        return ",".join(str(piece.id) for piece in self.pieces)

    @property
    def is_full(self) -> bool:
        """Whether no other piece can be chosen."""
        return not self.is_category and len(self.pieces) >= MOST_CHOSEN


def load_chosen(collection_id: int, text: str, mine: Sequence[int] = ()) -> PieceList:
    """Return the pieces of a collection. Raises NotFound."""
    collection = get_desk_collection(collection_id)
    chosen = list_collection_pieces(collection_id)
    return PieceList(collection, *_rows(chosen, _search(text, chosen, ()), mine))


def load_first(category_id: int, text: str, mine: Sequence[int] = ()) -> PieceList:
    """Return the first pieces of a category. Raises NotFound."""
    category = get_desk_category(category_id)
    first = list_leading(category_id)
    below = select(Category.id).where(Category.path.startswith(category.path, autoescape=True))
    found = _search(text, first, (Product.category_id.in_(below),))
    return PieceList(category, *_rows(first, found, mine))


def _search(
    text: str, known: Sequence[int], conditions: Sequence[ColumnElement[bool]]
) -> list[int]:
    """Return the pieces on sale that are found by `text` and not `known`."""
    found = find_product_ids(words(text)) if text else []
    if found and conditions:
        fitting = select(Product.id).where(Product.id.in_(found[:2000]), *conditions)
        those = set(db.session.scalars(fitting))
        found = [product_id for product_id in found if product_id in those]
    return [product_id for product_id in found if product_id not in set(known)][:MOST_FOUND]


def _rows(*lists: Sequence[int]) -> list[list[Any]]:
    """Return the rows of each list of ids, in its order; one statement for all of them."""
    wanted = {product_id for ids in lists for product_id in ids}
    rows = db.session.execute(
        select(
            Product.id,
            Product.name,
            Product.cover,
            Product.price_from,
            Product.has_price_range,
            Product.is_active,
            Product.is_available,
            Brand.name.label("brand"),
        )
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .where(Product.id.in_(wanted))
    )
    known: dict[int, Any] = {row.id: row for row in rows}
    return [[known[i] for i in ids if i in known] for ids in lists]
