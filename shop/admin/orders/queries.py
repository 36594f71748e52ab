"""What the orders desk reads: the list by view and filter, one order with its neighbours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select, true, tuple_

from shop.admin.queries import TO_SEND, count_items
from shop.core.config import config
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import (
    Attention,
    CheckoutAttempt,
    DeliveryMethod,
    FulfilmentStatus,
    MailMessage,
    Order,
    OrderItem,
    OrderNote,
    PaymentStatus,
    Provider,
    Refund,
    RefundItem,
    User,
)
from shop.models.order import OPEN
from shop.models.payment import GONE
from shop.orders.search import found_by_staff

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
    """Which orders: a key of VIEWS, a text, a payment status, whom they were to be paid by.

    And the days of their placing.

    Both days are included.
    """

    view: str = "send"
    text: str = ""
    payment: PaymentStatus | None = None
    provider: Provider | None = None
    since: date | None = None
    until: date | None = None
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows less than its view."""
        return bool(self.text or self.payment or self.provider or self.since or self.until)

    def values(self) -> dict[str, str]:
        """Return it as the fields of a form; none for the list as it opens."""
        values = {
            "view": self.view if self.view != "send" else "",
            "q": self.text,
            "payment": self.payment or "",
            "provider": self.provider or "",
            "since": self.since or "",
            "until": self.until or "",
            "page": self.page if self.page > 1 else "",
        }
        return {name: str(value) for name, value in values.items() if value}

    def query(self, **changes: object) -> str:
        """Return it as a query string ("?view=all&page=2"), "" for the list as it opens."""
        values = {**self.values(), **changes}
        kept = {name: str(value) for name, value in values.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


@dataclass(frozen=True)
class OrderRows:
    """A page of the list; `quantities` and `left_to_send` by order id, `counts` by view."""

    orders: Sequence[Order]
    quantities: dict[int, int]
    left_to_send: dict[int, int]
    counts: dict[str, int]
    total: int
    pages: int


@dataclass(frozen=True)
class Neighbours:
    """The numbers of the orders above and below one in the same list."""

    above: str | None
    below: str | None


def list_desk_orders(chosen: OrderFilter) -> OrderRows:
    """Return a page of the chosen orders: those to send oldest first, others newest first."""
    conditions = _conditions(chosen)
    counts = _counts()
    total = counts[chosen.view]
    if chosen.is_narrowed:
        total = db.session.scalar(select(func.count()).select_from(Order).where(*conditions)) or 0
    is_rising, *keys = _sorting(chosen)
    orders = db.session.scalars(
        select(Order)
        .where(*conditions)
        .order_by(*(key if is_rising else key.desc() for key in keys))
        .limit(PER_PAGE)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    rows = count_items(orders)
    return OrderRows(
        orders=orders,
        quantities={row[0]: row[1] for row in rows},
        left_to_send={row[0]: row[2] for row in rows},
        counts=counts,
        total=total,
        pages=max(1, -(-total // PER_PAGE)),
    )


def _counts() -> dict[str, int]:
    """Return how many orders each view has; one statement."""
    parts = [
        select(func.count()).select_from(Order).where(true() if view is None else view)
        for view in VIEWS.values()
    ]
    row = db.session.execute(select(*(part.scalar_subquery() for part in parts))).one()
    return dict(zip(VIEWS, row, strict=True))


def _sorting(
    chosen: OrderFilter,
) -> tuple[bool, SQLColumnExpression[Any], SQLColumnExpression[Any]]:
    """Return whether the list goes upwards, and by what: who has waited longest is sent first."""
    if chosen.view == "send":
        return True, Order.paid_at, Order.id
    return False, Order.placed_at, Order.id


def _conditions(chosen: OrderFilter) -> list[ColumnElement[bool]]:
    found = []
    view = VIEWS.get(chosen.view)
    if view is not None:
        found.append(view)
    if chosen.text:
        found.append(found_by_staff(chosen.text))
    if chosen.payment:
        found.append(Order.payment_status == chosen.payment)
    if chosen.provider:
        mine = CheckoutAttempt.provider == chosen.provider
        found.append(Order.id.in_(select(CheckoutAttempt.order_id).where(mine)))
    if chosen.since:
        found.append(Order.placed_at >= _midnight(chosen.since))
    if chosen.until:
        found.append(Order.placed_at < _midnight(chosen.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(config().timezone))


def get_desk_order(number: str) -> Order:
    """Return any order by its number. Raises NotFound."""
    order = db.session.scalar(select(Order).where(Order.number == number))
    if order is None:
        raise NotFound
    return order


def around(order: Order, chosen: OrderFilter) -> Neighbours:
    """Return the neighbours of an order in the list it was opened from."""
    is_rising, first, second = _sorting(chosen)
    mine = order.paid_at if chosen.view == "send" else order.placed_at
    if mine is None:
        return Neighbours(None, None)
    here, there = tuple_(first, second), (mine, order.id)
    numbers = select(Order.number).where(*_conditions(chosen)).limit(1)
    smaller = numbers.where(here < there).order_by(first.desc(), second.desc())
    larger = numbers.where(here > there).order_by(first, second)
    above, below = (smaller, larger) if is_rising else (larger, smaller)
    return Neighbours(db.session.scalar(above), db.session.scalar(below))


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


def list_refunds(order_id: int) -> Sequence[Refund]:
    """Return the refunds of an order, those that failed, too, oldest first."""
    return db.session.scalars(
        select(Refund).where(Refund.order_id == order_id).order_by(Refund.created_at, Refund.id)
    ).all()


def get_order_refund(order_id: int, refund_id: str) -> Refund:
    """Return a refund of the order. Raises NotFound."""
    refund = db.session.get(Refund, refund_id)
    if refund is None or refund.order_id != order_id:
        raise NotFound
    return refund


def count_restockable(order_id: int) -> dict[str, int]:
    """Return how many pieces of each refund are not back in stock; refunds by id."""
    left = func.sum(RefundItem.quantity - RefundItem.quantity_restocked)
    rows = db.session.execute(
        select(Refund.id, left)
        .join(RefundItem, RefundItem.refund_id == Refund.id)
        .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
        .where(Refund.order_id == order_id, Refund.state.not_in(GONE), OrderItem.is_tracked)
        .group_by(Refund.id)
        .having(left > 0)
    )
    return {row[0]: int(row[1]) for row in rows}


def usual_carrier(order: Order) -> int | None:
    """Return the id of who usually carries parcels of the order's delivery method."""
    mine = DeliveryMethod.id == order.delivery_method_id
    return db.session.scalar(select(DeliveryMethod.carrier_id).where(mine))


def staff_names(ids: set[int]) -> dict[int, str]:
    """Return the names of the members of staff behind `ids`."""
    rows = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {row.id: row.name or row.email for row in rows}
