"""The numbers of orders: random ones, or counted ones where the merchant wants to count."""

from typing import Any, Final

from sqlalchemy import case, select, update

from shop.core.db import crash_point, db, guarded, insert_new
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
    last: Any = NumberSeries.last
    if not guarded("number.step"):
        last = db.session.scalar(select(NumberSeries.last).where(NumberSeries.name == SERIES)) or 0
        crash_point("number-read")
    following = last + 1
    step = (
        update(NumberSeries)
        .where(NumberSeries.name == SERIES)
        .values(last=case((following < start, start), else_=following))
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
