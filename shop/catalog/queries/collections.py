"""Which pieces stand in a collection: as conditions of a list, and as what its counts ask for."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false

from shop.catalog.facets import Within
from shop.catalog.queries.cards import AVAILABLE, P
from shop.catalog.queries.sections import Section, Sections
from shop.catalog.rules import Rule
from shop.core.clock import now
from shop.core.config import config
from shop.models import CollectionProduct

_CHOSEN = CollectionProduct.__table__.c
# Of pieces that staff chose, "featured" is the order that they gave them.
BY_HAND: Sequence[ColumnElement[Any]] = (_CHOSEN.position, _CHOSEN.product_id)


def stand_in(collection: Section, sections: Sections) -> list[ColumnElement[bool]]:
    """Return what is true of the pieces of a collection; no piece where its rule names nothing."""
    rule = collection.rule
    if rule is None:
        return [_CHOSEN.collection_id == collection.id, _CHOSEN.product_id == P.id]
    if lost_of(rule, sections):
        return [false()]
    found: list[ColumnElement[bool]] = []
    if rule.category_id is not None:
        ids = sections.ids_below(sections.categories[rule.category_id])
        found.append(P.category_id.in_(ids) if len(ids) > 1 else P.category_id == ids[0])
    if rule.brand_id is not None:
        found.append(P.brand_id == rule.brand_id)
    if rule.min_price is not None:
        found.append(P.price_from >= rule.min_price)
    if rule.max_price is not None:
        found.append(P.price_from <= rule.max_price)
    if rule.is_reduced:
        found.append(P.compare_at.is_not(None))
    if rule.in_stock:
        found.append(AVAILABLE)
    since = rule.since(now(), ZoneInfo(config().timezone))
    return found if since is None else [*found, P.published_at >= since]


def counted_within(collection: Section, sections: Sections) -> Within:
    """Return what the counts of a collection ask for."""
    rule = collection.rule
    if rule is None:
        return Within(collection.id)
    if lost_of(rule, sections):
        return Within()
    since = rule.since(now(), ZoneInfo(config().timezone))
    return Within(rule=rule, since=int(since.timestamp()) if since else None)


def lost_of(rule: Rule, sections: Sections) -> list[str]:
    """Return the fields of a rule whose section is hidden or gone: such a rule finds nothing."""
    lost = []
    if rule.category_id is not None and rule.category_id not in sections.categories:
        lost.append("category_id")
    if rule.brand_id is not None and rule.brand_id not in sections.brands:
        lost.append("brand_id")
    return lost
