"""The orders that wait for staff, and how many there are: counted up to a limit, by their index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal_column, select

from shop.core.db import db
from shop.models import ContactMessage, Order, OrderItem
from shop.models.order import DESK_LISTS

MANY: Final = 1000  # what waits is counted up to here: a page says "999+"
LEFT_TO_SEND = (
    select(OrderItem.id)
    .where(OrderItem.order_id == Order.id, OrderItem.left_to_send > 0)
    .correlate(Order)
    .exists()
)


class Count(int):
    """How many there are, counted up to `limit`. Reads "12", or "999+"."""

    limit: int

    def __new__(cls, found: int, limit: int = MANY) -> Self:
        """Return what was counted."""
        count = super().__new__(cls, found)
        count.limit = limit
        return count

    def __str__(self) -> str:
        return f"{self.limit - 1:,}+" if self >= self.limit else int.__repr__(self)


@dataclass(frozen=True)
class OpenWork:
    """What waits for staff: orders to send and to look at, messages; `oldest`: when it was paid."""

    to_send: Count
    oldest: datetime | None
    attention: Count
    messages: Count


def in_list(name: str) -> ColumnElement[bool]:
    """Return the condition that an order is in a list of DESK_LISTS, in the words of its index."""
    return literal_column(f"({DESK_LISTS[name]})")


def count_up_to(most: int, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """Return how many orders there are, `most` at most, as a part of a statement."""
    return _number_of(select(Order.id).where(*conditions).limit(most))


def _number_of(some: Select[int]) -> ScalarSelect[int]:
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


def open_work() -> OpenWork:
    """Count the orders that wait to be sent or looked at, and open messages; one statement."""
    messages = select(ContactMessage.id).where(ContactMessage.done_at.is_(None)).limit(MANY)
    to_send = (in_list("send"), LEFT_TO_SEND)
    oldest = select(Order.paid_at).where(*to_send).order_by(Order.paid_at, Order.id).limit(1)
    row = db.session.execute(
        select(
            count_up_to(MANY, *to_send),
            oldest.scalar_subquery(),
            count_up_to(MANY, in_list("attention")),
            _number_of(messages),
        )
    ).one()
    return OpenWork(Count(row[0]), row[1], Count(row[2]), Count(row[3]))


def count_items(orders: Sequence[Order]) -> list[tuple[int, int, int]]:
    """Return (order id, pieces bought, pieces left to send) of each order."""
    left = OrderItem.left_to_send
    rows = db.session.execute(
        select(OrderItem.order_id, func.sum(OrderItem.quantity), func.sum(left))
        .where(OrderItem.order_id.in_([order.id for order in orders]))
        .group_by(OrderItem.order_id)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]
