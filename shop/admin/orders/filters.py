"""Which orders a list of the desk shows, in which order, and how it is called in addresses."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, SQLColumnExpression, func, literal_column, select

from shop.admin.open_work import LEFT_TO_SEND, in_list
from shop.admin.query_strings import query_string
from shop.catalog.text import sku_key
from shop.core.config import config
from shop.coupons.code import code_key
from shop.models import (
    CheckoutAttempt,
    Coupon,
    Order,
    OrderItem,
    PaymentStatus,
    ProductVariant,
    Provider,
)
from shop.models.order import DEAD, OPEN, WITH_COUPON
from shop.orders.search import found_by_staff

VIEWS = ("send", "all", "waiting", "sent", "delivered", "ended", "attention")


@dataclass(frozen=True)
class OrderFilter:
    """Which orders: one of VIEWS, a text, and what else they have in common.

    `provider`: whom they were to be paid by; `country`: where they go (ISO code); `coupon`: its
    code in any spelling; `sku`: of a piece that they hold. `since`, `until`: the days of
    their placing, both included.
    """

    view: str = "send"
    text: str = ""
    payment: PaymentStatus | None = None
    provider: Provider | None = None
    country: str = ""
    coupon: str = ""
    sku: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it shows less than its view."""
        return bool(self.values().keys() - {"view", "page"})

    def values(self) -> dict[str, str]:
        """Return it as the fields of a form; none for the list as it opens."""
        values = {
            "view": self.view if self.view != "send" else "",
            "q": self.text,
            "payment": self.payment or "",
            "provider": self.provider or "",
            "country": self.country,
            "coupon": self.coupon,
            "sku": self.sku,
            "since": self.since or "",
            "until": self.until or "",
            "page": self.page if self.page > 1 else "",
        }
        return {name: str(value) for name, value in values.items() if value}

    def query(self, **changes: object) -> str:
        """Return it as a query string ("?view=all&page=2"), "" for the list as it opens."""
        return query_string({**self.values(), **changes})


def view_conditions(view: str) -> list[ColumnElement[bool]]:
    """Return which orders one of VIEWS holds."""
    if view == "all":
        return []
    return [in_list(view), LEFT_TO_SEND] if view == "send" else [in_list(view)]


def filter_conditions(chosen: OrderFilter) -> list[ColumnElement[bool]]:
    """Return which orders a list holds."""
    found = view_conditions(chosen.view)
    if chosen.text:
        found.append(found_by_staff(chosen.text))
    if chosen.payment:
        found += [Order.payment_status == chosen.payment, *_list_of(chosen.payment)]
    if chosen.provider:
        found += [_is_used(chosen.provider), _was_to_be_paid_by(chosen.provider)]
    if chosen.country:
        found.append(Order.country == chosen.country)
    if chosen.coupon:
        found += [literal_column(WITH_COUPON), _has_used(chosen.coupon)]
    if chosen.sku:
        found.append(_holds(chosen.sku))
    if chosen.since:
        found.append(Order.placed_at >= _midnight(chosen.since))
    if chosen.until:
        found.append(Order.placed_at < _midnight(chosen.until + timedelta(days=1)))
    return found


def _list_of(status: PaymentStatus) -> list[ColumnElement[bool]]:
    """Return that orders of this status are in a list, by whose index they are found."""
    lists = {PaymentStatus.PARTIALLY_REFUNDED: "partly_refunded"}
    lists |= dict.fromkeys(OPEN, "waiting")
    lists |= dict.fromkeys({*DEAD, PaymentStatus.REFUNDED}, "ended")
    return [in_list(lists[status])] if status in lists else []


def _is_used(provider: Provider) -> ColumnElement[bool]:
    """Return the condition that anybody was to pay by a provider: asked once, before orders are."""
    return select(CheckoutAttempt.id).where(CheckoutAttempt.provider == provider).exists()


def _was_to_be_paid_by(provider: Provider) -> ColumnElement[bool]:
    mine = (CheckoutAttempt.order_id == Order.id) & (CheckoutAttempt.provider == provider)
    return select(CheckoutAttempt.id).where(mine).correlate(Order).exists()


def _has_used(code: str) -> ColumnElement[bool]:
    """Return the condition that an order has used the coupon of this code, in any spelling."""
    spelled = select(Coupon.code).where(Coupon.code_key == code_key(code)).scalar_subquery()
    return Order.coupon_code == func.coalesce(spelled, code)


def _holds(sku: str) -> ColumnElement[bool]:
    """Return the condition that an order holds the piece, whatever its SKU was when it was sold."""
    of_it = select(ProductVariant.id).where(ProductVariant.sku_key == sku_key(sku))
    mine = (OrderItem.order_id == Order.id) & (OrderItem.variant_id == of_it.scalar_subquery())
    return select(OrderItem.id).where(mine).correlate(Order).exists()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(config().timezone))


def sorting_of(
    chosen: OrderFilter,
) -> tuple[bool, SQLColumnExpression[Any], SQLColumnExpression[Any]]:
    """Return whether the list goes upwards, and by what: who has waited longest is sent first."""
    if chosen.view == "send":
        return True, Order.paid_at, Order.id
    return False, Order.placed_at, Order.id
