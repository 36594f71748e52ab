"""The numbers of orders: random ones, or counted ones where the merchant wants to count."""

from typing import Final

from sqlalchemy import ColumnElement, case, update

from shop.core.db import db, insert_new
from shop.models import NumberSeries
from shop.orders.checkout_details import random_number
from shop.settings.queries import shop_settings

SERIES: Final = "order"


def draw_number() -> str:
    """Return the number of a new order, in the caller's transaction, before any order is locked.

    Random numbers do not tell how many orders there are. A counted one locks its series until the
    transaction ends, so that none is given twice; an order that comes to nothing gives it back.
    """
    settings = shop_settings()
    if settings.order_start == 0:
        return f"{settings.order_prefix}{random_number()}"
    return f"{settings.order_prefix}{_count_on(settings.order_start)}"


def _count_on(start: int) -> int:
    """Return the number after the last one, or `start` when that is higher."""
    step = (
        update(NumberSeries)
        .where(NumberSeries.name == SERIES)
        .values(last=_following(start))
        .returning(NumberSeries.last)
        .execution_options(synchronize_session=False)
    )
    number = db.session.scalar(step)
    if number is None:
        insert_new(NumberSeries, name=SERIES, last=0)  # or another order just did
        number = db.session.scalar(step)
    if number is None:
        raise RuntimeError("the series of order numbers cannot be counted on")
    return number


def _following(start: int) -> ColumnElement[int]:
    """Tell the next number from the row as it is when it is written, not as it was once read."""
    following = NumberSeries.last + 1
    return case((following < start, start), else_=following)
