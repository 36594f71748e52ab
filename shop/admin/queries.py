"""What the first page and the navigation of the staff pages count."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import ColumnElement, Row, and_, func, select

from shop.catalog.text import like, sku_key, words
from shop.core.clock import now
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.jobs.queries import JobHealth, job_health
from shop.models import (
    Attention,
    MailMessage,
    MailState,
    Order,
    OrderItem,
    Product,
    ProductVariant,
    StockPolicy,
)
from shop.models.order import SENDABLE, UNSENT
from shop.settings.queries import shop_settings

LEFT_TO_SEND = (
    select(OrderItem.id)
    .where(OrderItem.order_id == Order.id, OrderItem.left_to_send > 0)
    .correlate(Order)
    .exists()
)
TO_SEND = Order.payment_status.in_(SENDABLE) & Order.fulfilment_status.in_(UNSENT) & LEFT_TO_SEND


@dataclass(frozen=True)
class OpenWork:
    """What waits for staff."""

    to_send: int
    oldest: datetime | None
    attention: int


@dataclass(frozen=True)
class Today:
    """Everything the first page shows."""

    at: datetime
    work: OpenWork
    low: Sequence[Row[*tuple[object, ...]]]
    low_count: int
    failed_mails: int
    jobs: JobHealth
    newest: Sequence[Order]
    left_to_send: dict[int, int]


def open_work() -> OpenWork:
    """Count the orders that wait to be sent or looked at; one statement."""
    row = db.session.execute(
        select(
            func.count().filter(TO_SEND),
            func.min(Order.paid_at).filter(TO_SEND),
            func.count().filter(Order.attention != Attention.NONE),
        ).where(TO_SEND | (Order.attention != Attention.NONE))
    ).one()
    return OpenWork(row[0], row[1], row[2])


def load_today() -> Today:
    """Return what the first page of the staff shows."""
    low, count = _low_stock()
    failed = select(func.count()).select_from(MailMessage)
    newest = db.session.scalars(
        select(Order).order_by(Order.placed_at.desc(), Order.id.desc()).limit(8)
    ).all()
    return Today(
        at=now(),
        work=open_work(),
        low=low,
        low_count=count,
        failed_mails=db.session.scalar(failed.where(MailMessage.state == MailState.FAILED)) or 0,
        jobs=job_health(now()),
        newest=newest,
        left_to_send={row[0]: row[2] for row in count_items(newest)},
    )


def count_items(orders: Sequence[Order]) -> list[tuple[int, int, int]]:
    """Return (order id, pieces bought, pieces left to send) of each order."""
    left = OrderItem.left_to_send
    rows = db.session.execute(
        select(OrderItem.order_id, func.sum(OrderItem.quantity), func.sum(left))
        .where(OrderItem.order_id.in_([order.id for order in orders]))
        .group_by(OrderItem.order_id)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def _low_stock() -> tuple[Sequence[Row[*tuple[object, ...]]], int]:
    left = ProductVariant.stock_on_hand - ProductVariant.stock_reserved
    is_low = (
        Product.is_active
        & ProductVariant.is_active
        & (ProductVariant.stock_policy == StockPolicy.DENY)
        & (left <= shop_settings().low_stock_threshold)
    )
    joined = ProductVariant.product_id == Product.id
    rows = db.session.execute(
        select(
            ProductVariant.id,
            ProductVariant.product_id,
            ProductVariant.sku,
            ProductVariant.option_values,
            ProductVariant.stock_on_hand,
            left.label("available"),
            Product.name,
            Product.cover,
        )
        .join(Product, joined)
        .where(is_low)
        .order_by(left, Product.name)
        .limit(8)
    ).all()
    count = select(func.count()).select_from(ProductVariant).join(Product, joined).where(is_low)
    return rows, db.session.scalar(count) or 0


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
