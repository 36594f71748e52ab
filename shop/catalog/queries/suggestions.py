"""A few answers while somebody is typing."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.catalog.queries.cards import Card, find_product_ids, page_of_found
from shop.catalog.queries.sections import Section, Sections
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
    categories: Sequence[Section]


def suggest(q: str, sections: Sections) -> Suggestions:
    """Return at most six pieces and two categories; nothing for a single letter."""
    asked = words(q)
    if len("".join(asked)) < SHORTEST:
        return Suggestions(q, (), ())
    cards = page_of_found(sections, find_product_ids(asked, CANDIDATES), asked, limit=PRODUCTS)
    return Suggestions(q, cards, matching_categories(asked, sections)[:CATEGORIES])


def matching_categories(asked: Sequence[str], sections: Sections) -> list[Section]:
    """Return the categories whose names hold every word."""
    return [
        section
        for section in sections.categories.values()
        if asked and all(word in fold(section.name) for word in asked)
    ]
