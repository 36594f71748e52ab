"""The home page: what is new, and a door to each of the first sections."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, union_all

from shop.catalog.queries.cards import (
    AVAILABLE,
    ON_SALE,
    Card,
    P,
    fetch_cards,
    page_of_cards,
    select_cards,
)
from shop.catalog.queries.sections import Section, Sections
from shop.catalog.sorts import SORTS
from shop.core.db import db

DOORS = 3
NEW_IN = 4
CANDIDATES = 12  # newest pieces of which the row takes those with pictures of their own


@dataclass(frozen=True)
class Door:
    """A main category with the picture of its first piece."""

    section: Section
    cover: str


@dataclass(frozen=True)
class HomePage:
    """What the home page shows. `lead` is None while the sections are empty."""

    lead: Card | None
    doors: Sequence[Door]
    new: Sequence[Card]
    brands: Sequence[Section]


def get_home(sections: Sections) -> HomePage:
    """Return the home page; no picture is shown twice on it."""
    first = page_of_cards(sections, (AVAILABLE,), "featured", limit=1, with_sold_out=False)
    lead = first[0] if first else None
    used = {lead.cover} if lead else set()
    doors = _doors(sections, used)
    used |= {door.cover for door in doors}
    newest = select_cards(AVAILABLE).order_by(*SORTS["newest"].columns).limit(CANDIDATES)
    new: list[Card] = []
    for card in fetch_cards(newest, sections):
        if card.cover not in used and len(new) < NEW_IN:
            new.append(card)
            used.add(card.cover)
    return HomePage(lead, doors, new, list(sections.brands.values()))


def _doors(sections: Sections, used: set[str | None]) -> list[Door]:
    """Return a door for each of the first main categories that have pieces with pictures."""
    parts = [
        select(P.cover)
        .where(
            ON_SALE,
            AVAILABLE,
            P.category_id.in_(sections.ids_below(section)),
            P.cover.is_not(None),
        )
        .order_by(*SORTS["featured"].columns)
        .limit(CANDIDATES)
        .add_columns(P.category_id)
        .subquery()
        for section in sections.main[: 2 * DOORS]
    ]
    if not parts:
        return []
    rows = db.session.execute(union_all(*(select(part) for part in parts))).all()
    doors: list[Door] = []
    taken = set(used)
    for section in sections.main[: 2 * DOORS]:
        ids = set(sections.ids_below(section))
        cover = next((c for c, i in rows if i in ids and c not in taken), None)
        if cover and len(doors) < DOORS:
            doors.append(Door(section, cover))
            taken.add(cover)
    return doors
