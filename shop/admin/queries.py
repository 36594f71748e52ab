"""What the first page and the navigation of the staff pages count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Final
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, and_, func, select, union_all

from shop.catalog.text import like, sku_key, words
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.models import (
    Attention,
    ContactMessage,
    FulfilmentStatus,
    Order,
    OrderItem,
    PaymentStatus,
    Product,
    ProductVariant,
)
from shop.models.order import SENDABLE, UNSENT

LEFT_TO_SEND = (
    select(OrderItem.id)
    .where(OrderItem.order_id == Order.id, OrderItem.left_to_send > 0)
    .correlate(Order)
    .exists()
)
TO_SEND = Order.payment_status.in_(SENDABLE) & Order.fulfilment_status.in_(UNSENT) & LEFT_TO_SEND


MANY: Final = 1000  # what waits is counted up to here: a page says "999+"


@dataclass(frozen=True)
class OpenWork:
    """What waits for staff, each counted up to MANY; `oldest`: when the first of it was paid."""

    to_send: int
    oldest: datetime | None
    attention: int
    messages: int


def open_work() -> OpenWork:
    """Count the orders that wait to be sent or looked at, and open messages; one statement."""
    waiting = union_all(*(_waiting(*at) for at in product(SENDABLE, UNSENT))).cte("waiting")
    looked_at = select(Order.id).where(Order.attention > Attention.NONE).limit(MANY).subquery()
    messages = select(ContactMessage.id).where(ContactMessage.done_at.is_(None))
    unanswered = messages.limit(MANY).subquery()
    row = db.session.execute(
        select(
            select(func.count()).select_from(waiting).scalar_subquery(),
            select(func.min(waiting.c.paid_at)).scalar_subquery(),
            select(func.count()).select_from(looked_at).scalar_subquery(),
            select(func.count()).select_from(unanswered).scalar_subquery(),
        )
    ).one()
    return OpenWork(min(row[0], MANY), row[1], row[2], row[3])


def _waiting(payment: PaymentStatus, fulfilment: FulfilmentStatus) -> Select[datetime | None]:
    """Return when the first MANY orders to send at these statuses were paid, found by an index."""
    rows = (
        select(Order.paid_at)
        .where(Order.payment_status == payment, Order.fulfilment_status == fulfilment, LEFT_TO_SEND)
        .order_by(Order.placed_at)
        .limit(MANY)
        .subquery()
    )
    return select(rows.c.paid_at)


def count_items(orders: Sequence[Order]) -> list[tuple[int, int, int]]:
    """Return (order id, pieces bought, pieces left to send) of each order."""
    left = OrderItem.left_to_send
    rows = db.session.execute(
        select(OrderItem.order_id, func.sum(OrderItem.quantity), func.sum(left))
        .where(OrderItem.order_id.in_([order.id for order in orders]))
        .group_by(OrderItem.order_id)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def find_page(text: str, may: Callable[[str], bool]) -> str:
    """Return where to go for `text`: an order by number or address, a product by SKU, a list.

    Only where `may` says that the asker is let in.
    """
    orders, products = may("orders.view"), may("products.view")
    if orders and (number := find_exact_order(text)) is not None:
        return f"/admin/orders/{number}"
    if products and (product_id := _find_by_sku(text)) is not None:
        return f"/admin/products/{product_id}"
    if products and not (orders and "@" in text):
        named = select(Product.id).where(says(text), Product.archived_at.is_(None)).limit(1)
        if not orders or (text and db.session.scalar(named) is not None):
            return f"/admin/products?view=all&q={quote(text)}"
    if orders:
        return f"/admin/orders?view=all&q={quote(text)}" if text else "/admin/orders"
    return "/admin/"


def find_exact_order(text: str) -> str | None:
    """Return the number of the one order with this number or this e-mail address."""
    number = db.session.scalar(select(Order.number).where(Order.number == text.upper()))
    if number is not None or "@" not in text:
        return number
    of_it = Order.email_key == normalise_email(text)
    numbers = db.session.scalars(select(Order.number).where(of_it).limit(2)).all()
    return numbers[0] if len(numbers) == 1 else None


def _find_by_sku(text: str) -> int | None:
    of_it = ProductVariant.sku_key == sku_key(text)
    found: int | None = db.session.scalar(select(ProductVariant.product_id).where(of_it))
    return found


def says(text: str) -> ColumnElement[bool]:
    """Return the condition that a product holds all words of `text`, accents folded."""
    found = [Product.search_text.like(like(word), escape="!") for word in words(text)]
    return and_(*found) if found else Product.name.icontains(text, autoescape=True)
