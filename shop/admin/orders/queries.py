"""What the orders desk reads: the list by view and filter, one order with its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, or_, select, tuple_

from shop.admin.queries import TO_SEND
from shop.config import config
from shop.db import db
from shop.errors import NotFound
from shop.models import (
    Attention,
    FulfilmentStatus,
    MailMessage,
    Order,
    OrderItem,
    OrderNote,
    Payment,
    PaymentStatus,
    Provider,
    User,
)
from shop.models.order import OPEN
from shop.security import normalise_email

PER_PAGE = 50
SENT = (FulfilmentStatus.PARTIALLY_SHIPPED, FulfilmentStatus.SHIPPED)
ENDED = (PaymentStatus.EXPIRED, PaymentStatus.CANCELED, PaymentStatus.REFUNDED)
VIEWS: dict[str, ColumnElement[bool] | None] = {
    "send": TO_SEND,
    "all": None,
    "waiting": Order.payment_status.in_(OPEN),
    "sent": Order.fulfilment_status.in_(SENT),
    "delivered": Order.fulfilment_status == FulfilmentStatus.DELIVERED,
    "ended": Order.payment_status.in_(ENDED),
    "attention": Order.attention != Attention.NONE,
}


@dataclass(frozen=True)
class OrderFilter:
    """Which orders: a key of VIEWS, a text, the days of their placing (both ends included)."""

    view: str = "send"
    text: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1


@dataclass(frozen=True)
class OrderRows:
    """A page of the list; `pieces` by order id."""

    orders: Sequence[Order]
    pieces: dict[int, int]
    total: int
    pages: int


@dataclass(frozen=True)
class Around:
    """The numbers of the orders before and after one in the same view, newest first."""

    newer: str | None
    older: str | None


def list_orders(chosen: OrderFilter) -> OrderRows:
    """Return a page of the chosen orders, newest first; three statements."""
    conditions = _conditions(chosen)
    total = db.session.scalar(select(func.count()).select_from(Order).where(*conditions)) or 0
    orders = db.session.scalars(
        select(Order)
        .where(*conditions)
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(PER_PAGE)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    ids = [order.id for order in orders]
    counted = db.session.execute(
        select(OrderItem.order_id, func.sum(OrderItem.quantity))
        .where(OrderItem.order_id.in_(ids))
        .group_by(OrderItem.order_id)
    ).all()
    pieces = {row[0]: int(row[1]) for row in counted}
    return OrderRows(orders, pieces, total, max(1, -(-total // PER_PAGE)))


def _conditions(chosen: OrderFilter) -> list[ColumnElement[bool]]:
    found = []
    view = VIEWS.get(chosen.view)
    if view is not None:
        found.append(view)
    if chosen.text:
        found.append(_matches(chosen.text))
    if chosen.since:
        found.append(Order.placed_at >= _midnight(chosen.since))
    if chosen.until:
        found.append(Order.placed_at < _midnight(chosen.until + timedelta(days=1)))
    return found


def _matches(text: str) -> ColumnElement[bool]:
    by_sku = select(OrderItem.id).where(
        OrderItem.order_id == Order.id, OrderItem.sku == text.upper()
    )
    return or_(
        Order.number.icontains(text, autoescape=True),
        Order.customer_name.icontains(text, autoescape=True),
        Order.email_key.contains(normalise_email(text), autoescape=True),
        by_sku.exists(),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(config().timezone))


def get_order(number: str) -> Order:
    """Return any order by its number. Raises NotFound."""
    order = db.session.scalar(select(Order).where(Order.number == number))
    if order is None:
        raise NotFound
    return order


def around(order: Order, view: str) -> Around:
    """Return the neighbours of an order in a view of the list."""
    condition = VIEWS.get(view)
    here = tuple_(Order.placed_at, Order.id)
    there = (order.placed_at, order.id)
    inside = [condition] if condition is not None else []
    newer = select(Order.number).where(here > there, *inside).order_by(Order.placed_at, Order.id)
    older = (
        select(Order.number)
        .where(here < there, *inside)
        .order_by(Order.placed_at.desc(), Order.id.desc())
    )
    return Around(db.session.scalar(newer.limit(1)), db.session.scalar(older.limit(1)))


def list_notes(order_id: int) -> Sequence[OrderNote]:
    """Return what staff wrote about an order, newest first."""
    return db.session.scalars(
        select(OrderNote).where(OrderNote.order_id == order_id).order_by(OrderNote.id.desc())
    ).all()


def list_mails(order_id: int) -> Sequence[MailMessage]:
    """Return the mails about an order, newest first."""
    return db.session.scalars(
        select(MailMessage).where(MailMessage.order_id == order_id).order_by(MailMessage.id.desc())
    ).all()


def staff_names(ids: set[int]) -> dict[int, str]:
    """Return the names of the members of staff behind `ids`."""
    rows = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {row.id: row.name or row.email for row in rows}


def provider_url(payment: Payment | None) -> str:
    """Return where the provider shows a payment to the merchant; "" for play money."""
    if payment is None or payment.provider is not Provider.STRIPE:
        return ""
    mode = "" if payment.livemode else "test/"
    return f"https://dashboard.stripe.com/{mode}payments/{payment.payment_intent}"
