"""The sums of the days once more, in Python, from every row of the shop."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from shop.core.db import db
from shop.models import (
    Order,
    OrderItem,
    Payment,
    PaymentState,
    Refund,
    RefundItem,
    RefundState,
    SalesSum,
)
from shop.sales.facts import MEASURES

Key = tuple[str, str, date, str]
Values = dict[str, int]
Sums = dict[Key, Values]
Part = tuple[OrderItem, Values]


class Count:
    """Sums that grow by one order or refund after the other."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.sums: Sums = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
        self.items = {item.id: item for item in db.session.scalars(select(OrderItem))}

    def add(self, order: Order, at: datetime, whole: Values, parts: Sequence[Part]) -> None:
        """Add `whole` to what the order is a part of, and `parts` to their products, once each."""
        day = at.astimezone(self.zone).date()
        keys = [("total", ""), ("country", order.country)]
        keys += [("coupon", order.coupon_code)] if order.coupon_code else []
        for dimension, key in keys:
            self._add((dimension, order.currency, day, key), whole)
        once = {"refunds": 1} if "refunds" in whole else {"orders": 1}
        for product_id in {item.product_id for item, _ in parts}:
            self._add(("product", order.currency, day, str(product_id)), once)
        for item, values in parts:
            self._add(("product", order.currency, day, str(item.product_id)), values)

    def _add(self, key: Key, values: Values) -> None:
        for name, value in values.items():
            self.sums[key][name] += value

    def add_sale(self, order: Order) -> None:
        """Add an order that was paid."""
        if order.paid_at is None:
            return
        mine = [item for item in self.items.values() if item.order_id == order.id]
        whole = {
            "orders": 1,
            "pieces": sum(item.quantity for item in mine),
            "amount_goods": order.amount_subtotal,
            "amount_discount": order.amount_discount,
            "amount_shipping": order.amount_shipping,
            "amount_tax": order.amount_tax,
            "amount_sales": order.amount_paid,
        }
        self.add(order, order.paid_at, whole, [(item, _line(item)) for item in mine])

    def add_refund(self, order: Order, refund: Refund, at: datetime) -> None:
        """Add a refund that succeeded."""
        of_it = select(RefundItem).where(RefundItem.refund_id == refund.id)
        lines = db.session.scalars(of_it).all()
        whole = {
            "refunds": 1,
            "pieces_refunded": sum(line.quantity for line in lines),
            "amount_refunded": refund.amount,
        }
        parts = [
            (
                self.items[line.order_item_id],
                {"pieces_refunded": line.quantity, "amount_refunded": line.amount},
            )
            for line in lines
        ]
        self.add(order, at, whole, parts)


def _line(item: OrderItem) -> Values:
    return {
        "pieces": item.quantity,
        "amount_goods": item.unit_amount * item.quantity,
        "amount_discount": item.amount_discount,
        "amount_tax": item.tax_amount,
        "amount_sales": item.amount_total,
    }


def counted_by_hand(zone: str, succeeded: dict[str, datetime]) -> Sums:
    """Return what the sums should be. `succeeded`: refund id → when it was said to have gone."""
    count = Count(zone)
    orders = {order.id: order for order in db.session.scalars(select(Order))}
    for order in orders.values():
        count.add_sale(order)
    payments = {payment.id: payment for payment in db.session.scalars(select(Payment))}
    for refund in db.session.scalars(select(Refund)).all():
        is_of_order = payments[refund.payment_id].state is PaymentState.CAPTURED
        if refund.state is RefundState.SUCCEEDED and is_of_order:
            count.add_refund(orders[refund.order_id], refund, succeeded[refund.id])
    return dict(count.sums)


def kept() -> Sums:
    """Return the sums that the shop keeps, empty ones aside."""
    db.session.rollback()
    rows = db.session.scalars(select(SalesSum))
    found = {
        (row.dimension.value, row.currency, row.day, row.key): {
            name: getattr(row, name) for name in MEASURES
        }
        for row in rows
    }
    return {key: values for key, values in found.items() if any(values.values())}
