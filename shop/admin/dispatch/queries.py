"""What the pages for several orders show: what each would send, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from shop.admin.dispatch.obstacles import obstacle
from shop.core.addresses import format_address
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Carrier, DeliveryMethod, FulfilmentStatus, Order, OrderItem


@dataclass(frozen=True)
class Chosen:
    """An order that was ticked: its items, and who usually carries its parcels ("": nobody)."""

    order: Order
    items: Sequence[OrderItem]
    carrier: str

    @property
    def obstacle(self) -> str:
        """Why it cannot be sent together with others, "" where it can."""
        return obstacle(self.order, self.items)

    @property
    def to_pack(self) -> list[tuple[OrderItem, int]]:
        """What its slip lists: what is left to send, or where nothing is, what was sent."""
        is_sent = self.order.fulfilment_status is not FulfilmentStatus.UNFULFILLED
        left = [(item, item.left_to_send) for item in self.items if item.left_to_send]
        sent = [(item, item.with_customer) for item in self.items if item.with_customer]
        return left or (sent if is_sent else [])

    @property
    def address_lines(self) -> list[str]:
        """The address as its country writes it."""
        return format_address(self.order.shipping_address)


def list_chosen(numbers: Sequence[str]) -> list[Chosen]:
    """Return the orders of these numbers in their order. Raises NotFound where one is missing."""
    orders = {
        order.number: order
        for order in db.session.scalars(select(Order).where(Order.number.in_(numbers)))
    }
    if len(orders) < len(set(numbers)):
        raise NotFound
    items: dict[int, list[OrderItem]] = {order.id: [] for order in orders.values()}
    rows = select(OrderItem).where(OrderItem.order_id.in_(items))
    for item in db.session.scalars(rows.order_by(OrderItem.order_id, OrderItem.position)):
        items[item.order_id].append(item)
    carriers = _usual_carriers({order.delivery_method_id for order in orders.values()})
    return [
        Chosen(order, items[order.id], carriers.get(order.delivery_method_id, ""))
        for order in (orders[number] for number in numbers)
    ]


def _usual_carriers(method_ids: set[int | None]) -> dict[Any, str]:
    """Return the names of the active carriers of delivery methods, by the method's id."""
    rows = db.session.execute(
        select(DeliveryMethod.id, Carrier.name)
        .join(Carrier, Carrier.id == DeliveryMethod.carrier_id)
        .where(DeliveryMethod.id.in_(method_ids - {None}), Carrier.is_active)
    )
    return {row.id: row.name for row in rows}
