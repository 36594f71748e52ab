"""What counts as a sale and as a refund, in SQL: of the rows of orders, never of the sums.

A sale counts on the day on which its order became paid, a refund on the day on which it succeeded;
docs/reports.md says it in the words of the pages.
"""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from shop.models import Dimension, Order, OrderItem, Refund, RefundItem, SalesSum

KEYS: Final = ("dimension", "is_sandbox", "currency", "day", "key")
MEASURES: Final = (
    "orders",
    "pieces",
    "amount_goods",
    "amount_discount",
    "amount_shipping",
    "amount_tax",
    "amount_sales",
    "refunds",
    "pieces_refunded",
    "amount_refunded",
)
Facts = Select[*tuple[Any, ...]]
_WHOLE: Final[dict[Dimension, ColumnElement[str] | InstrumentedAttribute[str]]] = {
    Dimension.TOTAL: literal_column("''", String),
    Dimension.COUNTRY: Order.country,
    Dimension.COUPON: Order.coupon_code,
}


def sale_facts(which: ColumnElement[bool] | None = None) -> list[Facts]:
    """Return statements for the sales of all orders, or of those that `which` says."""
    pieces = (
        select(func.coalesce(func.sum(OrderItem.quantity), 0))
        .where(OrderItem.order_id == Order.id)
        .correlate(Order)
        .scalar_subquery()
    )
    values = {
        "orders": literal_column("1"),
        "pieces": pieces,
        "amount_goods": Order.amount_subtotal,
        "amount_discount": Order.amount_discount,
        "amount_shipping": Order.amount_shipping,
        "amount_tax": Order.amount_tax,
        "amount_sales": Order.amount_paid,
    }
    lines = {
        "orders": literal_column("1"),
        "pieces": func.sum(OrderItem.quantity),
        "amount_goods": func.sum(OrderItem.unit_amount * OrderItem.quantity),
        "amount_discount": func.sum(OrderItem.amount_discount),
        "amount_tax": func.sum(OrderItem.tax_amount),
        "amount_sales": func.sum(OrderItem.amount_total),
    }
    whole = list(_each_whole(Order.paid_on, values))
    by_product = (
        _row(Dimension.PRODUCT, cast(OrderItem.product_id, String), Order.paid_on, lines)
        .join(OrderItem, OrderItem.order_id == Order.id)
        .group_by(Order.id, OrderItem.product_id)
    )
    return [_only(fact, Order.paid_on, which) for fact in (*whole, by_product)]


def refund_facts(which: ColumnElement[bool] | None = None) -> list[Facts]:
    """Return statements for all refunds, or those that `which` says."""
    pieces = (
        select(func.coalesce(func.sum(RefundItem.quantity), 0))
        .where(RefundItem.refund_id == Refund.id)
        .correlate(Refund)
        .scalar_subquery()
    )
    values = {
        "refunds": literal_column("1"),
        "pieces_refunded": pieces,
        "amount_refunded": Refund.amount,
    }
    lines = {
        "refunds": literal_column("1"),
        "pieces_refunded": func.sum(RefundItem.quantity),
        "amount_refunded": func.sum(RefundItem.amount),
    }
    whole = [
        fact.join(Refund, Refund.order_id == Order.id)
        for fact in _each_whole(Refund.refunded_on, values)
    ]
    by_product = (
        _row(Dimension.PRODUCT, cast(OrderItem.product_id, String), Refund.refunded_on, lines)
        .join(Refund, Refund.order_id == Order.id)
        .join(RefundItem, RefundItem.refund_id == Refund.id)
        .join(OrderItem, OrderItem.id == RefundItem.order_item_id)
        .group_by(Order.id, Refund.id, OrderItem.product_id)
    )
    return [_only(fact, Refund.refunded_on, which) for fact in (*whole, by_product)]


def summed(facts: list[Facts]) -> Subquery:
    """Return the facts as rows of SalesSum: one for each of its keys."""
    each = union_all(*facts).subquery("fact")
    keys = [each.c[name] for name in KEYS]
    sums = [
        cast(func.sum(each.c[name]), SalesSum.__table__.c[name].type).label(name)
        for name in MEASURES
    ]
    return select(*keys, *sums).group_by(*keys).subquery("summed")


def _each_whole(day: Any, values: dict[str, Any]) -> Iterator[Facts]:
    for dimension, key in _WHOLE.items():
        fact = _row(dimension, key, day, values)
        yield fact.where(key != "") if dimension is Dimension.COUPON else fact


def _row(dimension: Dimension, key: Any, day: Any, values: dict[str, Any]) -> Facts:
    keys = (
        literal(dimension.value, literal_execute=True).label("dimension"),
        Order.is_sandbox.label("is_sandbox"),
        Order.currency.label("currency"),
        day.label("day"),
        key.label("key"),
    )
    measures = [values.get(name, literal_column("0")).label(name) for name in MEASURES]
    return select(*keys, *measures).select_from(Order)


def _only(fact: Facts, day: Any, which: ColumnElement[bool] | None) -> Facts:
    fact = fact.where(day.is_not(None))
    return fact if which is None else fact.where(which)
