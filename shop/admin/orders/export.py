"""A list of orders as CSV, in turns: it can be longer than what fits into memory."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shop.admin.open_work import count_items
from shop.admin.orders.filters import OrderFilter
from shop.admin.orders.lists import walk_orders
from shop.core.config import config
from shop.core.money import plain_amount
from shop.core.spreadsheets import write_rows
from shop.models import Order

AMOUNTS: Final = ("subtotal", "discount", "shipping", "tax", "total", "paid", "refunded")
COLUMNS: Final = (
    "number", "placed_at", "paid_at", "payment", "fulfilment", "attention", "customer", "email",
    "country", "delivery", "coupon", "pieces", "left_to_send", "currency", *AMOUNTS,
)  # fmt: skip


def export_orders(chosen: OrderFilter) -> Iterator[str]:
    """Yield the whole list as CSV, a few hundred orders at a time.

    Times are those of the shop's zone; amounts have a point and no marks, whatever the locale.
    """
    yield _as_csv([COLUMNS])
    for orders in walk_orders(chosen):
        pieces = {row[0]: (row[1], row[2]) for row in count_items(orders)}
        yield _as_csv([_cells(order, pieces.get(order.id, (0, 0))) for order in orders])


def _as_csv(rows: Sequence[Sequence[str | int]]) -> str:
    out = io.StringIO(newline="")
    write_rows(out, rows)
    return out.getvalue()


def _cells(order: Order, pieces: tuple[int, int]) -> list[str | int]:
    amounts = (getattr(order, f"amount_{name}") for name in AMOUNTS)
    return [
        order.number,
        _local(order.placed_at),
        _local(order.paid_at),
        str(order.payment_status),
        str(order.fulfilment_status),
        str(order.attention),
        order.customer_name,
        order.email,
        order.country,
        order.delivery_name,
        order.coupon_code,
        *pieces,
        order.currency,
        *(plain_amount(amount, order.currency) for amount in amounts),
    ]


def _local(moment: datetime | None) -> str:
    return f"{moment.astimezone(ZoneInfo(config().timezone)):%Y-%m-%d %H:%M:%S}" if moment else ""
