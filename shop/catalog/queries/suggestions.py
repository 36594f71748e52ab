"""A few answers while somebody is typing."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.catalog.queries.cards import Card, find_product_ids, page_of_found
from shop.catalog.queries.shelves import Shelf, Shelves
from shop.catalog.text import fold, words

PRODUCTS = 6
CANDIDATES = 60
CATEGORIES = 2
SHORTEST = 2  # letters


@dataclass(frozen=True)
class Suggestions:
    """What may be meant by `q`."""

    q: str
    products: Sequence[Card]
    categories: Sequence[Shelf]


def suggest(q: str, shelves: Shelves) -> Suggestions:
    """Return at most six pieces and two categories; nothing for a single letter."""
    asked = words(q)
    if len("".join(asked)) < SHORTEST:
        return Suggestions(q, (), ())
    cards = page_of_found(shelves, find_product_ids(asked, CANDIDATES), asked, limit=PRODUCTS)
    return Suggestions(q, cards, matching_categories(asked, shelves)[:CATEGORIES])


def matching_categories(asked: Sequence[str], shelves: Shelves) -> list[Shelf]:
    """Return the categories whose names hold every word."""
    return [
        shelf
        for shelf in shelves.categories.values()
        if asked and all(word in fold(shelf.name) for word in asked)
    ]
