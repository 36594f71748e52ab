"""What the mails about an order say: the order with its lines, parcel, refund or payment."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.core.addresses import format_address
from shop.core.db import db
from shop.models import (
    CheckoutAttempt,
    Order,
    OrderItem,
    Payment,
    PaymentState,
    Refund,
    RefundItem,
    Shipment,
    ShipmentItem,
)
from shop.pages.queries import ShownText, list_shown_texts
from shop.payments.by_hand import Instructions
from shop.payments.current import find_instructions


@dataclass(frozen=True)
class MailLine:
    """A line of a mail: `quantity` pieces of an order's item."""

    item: OrderItem
    quantity: int
    amount: int


@dataclass(frozen=True)
class Sale:
    """An order as its mails show it. `path` is that of its page."""

    order: Order
    lines: Sequence[MailLine]
    address: Sequence[str]
    method_label: str
    was_charged: bool = False  # money came, whatever became of it
    texts: Sequence[ShownText] = ()  # terms and the like, as the checkout showed them

    @property
    def path(self) -> str:
        """Where the customer reads it: the own account, or a guest's secret link."""
        order = self.order
        return f"/o/{order.access_token}" if order.user_id is None else f"/orders/{order.number}"


def get_sale(order_id: int) -> Sale:
    """Return the order with all its lines."""
    order = db.session.get_one(Order, order_id)
    items = db.session.scalars(
        select(OrderItem).where(OrderItem.order_id == order_id).order_by(OrderItem.position)
    )
    captured = (Payment.order_id == order_id) & (Payment.state == PaymentState.CAPTURED)
    came = (Payment.order_id == order_id) & (Payment.amount > 0)
    return Sale(
        order=order,
        lines=[MailLine(item, item.quantity, item.unit_amount * item.quantity) for item in items],
        address=format_address(order.shipping_address, order.language),
        method_label=db.session.scalar(select(Payment.method_label).where(captured)) or "",
        was_charged=db.session.scalar(select(Payment.id).where(came).limit(1)) is not None,
        texts=list_shown_texts(order_id),
    )


def get_instructions(attempt_id: str) -> Instructions | None:
    """Return what the customer of an attempt is to do so that its money comes; None for nothing."""
    attempt = db.session.get_one(CheckoutAttempt, attempt_id)
    return find_instructions(attempt.provider, attempt.provider_ref)


def get_parcel(shipment_id: int) -> tuple[Shipment, Sequence[MailLine]]:
    """Return a parcel and what is in it."""
    shipment = db.session.get_one(Shipment, shipment_id)
    rows = db.session.execute(
        select(OrderItem, ShipmentItem.quantity)
        .join(ShipmentItem, ShipmentItem.order_item_id == OrderItem.id)
        .where(ShipmentItem.shipment_id == shipment_id)
        .order_by(OrderItem.position)
    )
    return shipment, [
        MailLine(item, quantity, item.unit_amount * quantity) for item, quantity in rows
    ]


def get_refund(refund_id: str) -> tuple[Refund, Sequence[MailLine]]:
    """Return a refund and the pieces it is for; none when it is for an amount alone."""
    refund = db.session.get_one(Refund, refund_id)
    rows = db.session.execute(
        select(OrderItem, RefundItem.quantity, RefundItem.amount)
        .join(RefundItem, RefundItem.order_item_id == OrderItem.id)
        .where(RefundItem.refund_id == refund_id)
        .order_by(OrderItem.position)
    )
    return refund, [MailLine(item, quantity, amount) for item, quantity, amount in rows]
