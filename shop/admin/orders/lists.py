"""The lists of the orders desk: a page of one, an order's neighbours in it, all of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ScalarSelect, Select, select, tuple_

from shop.admin.open_work import MANY, Count, count_items, count_up_to
from shop.admin.orders.filters import (
    VIEWS,
    OrderFilter,
    filter_conditions,
    sorting_of,
    view_conditions,
)
from shop.core.db import abandon, db
from shop.models import Order

PER_PAGE = 50
MOST_IN_ALL = 10_000  # how far the orders that a filter finds are counted


@dataclass(frozen=True)
class OrderRows:
    """A page of the list; `quantities` and `left_to_send` by order id, `counts` by view."""

    orders: Sequence[Order]
    quantities: dict[int, int]
    left_to_send: dict[int, int]
    counts: dict[str, Count]
    total: Count
    has_more: bool


@dataclass(frozen=True)
class Neighbours:
    """The numbers of the orders above and below one in the same list."""

    above: str | None
    below: str | None


def list_desk_orders(chosen: OrderFilter) -> OrderRows:
    """Return a page of the chosen orders: those to send oldest first, others newest first.

    What is counted is counted up to a limit: a list costs the same however long it is.
    """
    found = db.session.scalars(
        _sorted(chosen, select(Order).where(*filter_conditions(chosen)))
        .limit(PER_PAGE + 1)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    orders = found[:PER_PAGE]
    is_whole = chosen.page == 1 and len(found) <= PER_PAGE
    counts, total = _counts(chosen, len(found) if is_whole else None)
    rows = count_items(orders)
    return OrderRows(
        orders=orders,
        quantities={row[0]: row[1] for row in rows},
        left_to_send={row[0]: row[2] for row in rows},
        counts=counts,
        total=total,
        has_more=len(found) > PER_PAGE,
    )


def _counts(chosen: OrderFilter, known: int | None) -> tuple[dict[str, Count], Count]:
    """Return how many orders each view has, and the list itself; one statement.

    `known`: how many the list has, where its first page is all of it: then nothing is counted.
    """
    parts: list[ScalarSelect[int]] = [count_up_to(MANY, *view_conditions(view)) for view in VIEWS]
    if chosen.is_narrowed and known is None:
        parts.append(count_up_to(MOST_IN_ALL, *filter_conditions(chosen)))
    row = db.session.execute(select(*parts)).one()
    counts = {view: Count(row[nth], MANY) for nth, view in enumerate(VIEWS)}
    if not chosen.is_narrowed:
        return counts, counts[chosen.view]
    return counts, Count(row[-1] if known is None else known, MOST_IN_ALL)


def _sorted(chosen: OrderFilter, statement: Select[Order]) -> Select[Order]:
    is_rising, *keys = sorting_of(chosen)
    return statement.order_by(*(key if is_rising else key.desc() for key in keys))


def around(order: Order, chosen: OrderFilter) -> Neighbours:
    """Return the neighbours of an order in the list it was opened from."""
    is_rising, first, second = sorting_of(chosen)
    mine = order.paid_at if chosen.view == "send" else order.placed_at
    if mine is None:
        return Neighbours(None, None)
    here, there = tuple_(first, second), (mine, order.id)
    numbers = select(Order.number).where(*filter_conditions(chosen)).limit(1)
    smaller = numbers.where(here < there).order_by(first.desc(), second.desc())
    larger = numbers.where(here > there).order_by(first, second)
    above, below = (smaller, larger) if is_rising else (larger, smaller)
    return Neighbours(db.session.scalar(above), db.session.scalar(below))


def walk_orders(chosen: OrderFilter, at_once: int = 500) -> Iterator[Sequence[Order]]:
    """Yield all orders of a list, `at_once` at a time, each time in a snapshot of its own.

    What is placed or moves on meanwhile may be in it or not; nothing is in it twice.
    """
    is_rising, first, second = sorting_of(chosen)
    found = _sorted(chosen, select(Order).where(*filter_conditions(chosen))).limit(at_once)
    statement = found
    while orders := db.session.scalars(statement).all():
        last = orders[-1]
        there = (last.paid_at if chosen.view == "send" else last.placed_at, last.id)
        yield orders
        abandon()
        here = tuple_(first, second)
        statement = found.where(here > there if is_rising else here < there)
