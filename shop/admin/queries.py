"""What the first page and the navigation of the staff pages count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import Row, func, select

from shop.catalog.text import sku_key
from shop.clock import now
from shop.db import db
from shop.jobs.queries import JobHealth, job_health
from shop.models import (
    Attention,
    FulfilmentStatus,
    MailMessage,
    MailState,
    Order,
    PaymentStatus,
    Product,
    ProductVariant,
    StockPolicy,
)
from shop.security import normalise_email
from shop.settings.queries import shop_settings

SENDABLE = (PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED)
UNSENT = (FulfilmentStatus.UNFULFILLED, FulfilmentStatus.PARTIALLY_SHIPPED)
TO_SEND = Order.payment_status.in_(SENDABLE) & Order.fulfilment_status.in_(UNSENT)


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


def today() -> Today:
    """Return what the first page of the staff shows."""
    low, count = _low_stock()
    failed = select(func.count()).select_from(MailMessage)
    return Today(
        at=now(),
        work=open_work(),
        low=low,
        low_count=count,
        failed_mails=db.session.scalar(failed.where(MailMessage.state == MailState.FAILED)) or 0,
        jobs=job_health(now()),
        newest=db.session.scalars(
            select(Order).order_by(Order.placed_at.desc(), Order.id.desc()).limit(8)
        ).all(),
    )


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


def find_page(text: str) -> str:
    """Return where to go for `text`: an order by number or address, a product by SKU, a list."""
    if not text:
        return "/admin/orders"
    number = db.session.scalar(select(Order.number).where(Order.number == text.upper()))
    if number is not None:
        return f"/admin/orders/{number}"
    product_id = db.session.scalar(
        select(ProductVariant.product_id).where(ProductVariant.sku_key == sku_key(text))
    )
    if product_id is not None:
        return f"/admin/products/{product_id}"
    if "@" in text:
        numbers = db.session.scalars(
            select(Order.number).where(Order.email_key == normalise_email(text)).limit(2)
        ).all()
        if len(numbers) == 1:
            return f"/admin/orders/{numbers[0]}"
        return f"/admin/orders?view=all&q={quote(text)}"
    named = select(Product.id).where(Product.name.icontains(text, autoescape=True)).limit(1)
    desk = "products" if db.session.scalar(named) is not None else "orders"
    return f"/admin/{desk}?view=all&q={quote(text)}"
