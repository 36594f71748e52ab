"""What a full refund is made of: everything that is left of an order."""

import secrets
from dataclasses import dataclass

from shop.models import FulfilmentStatus, Order
from shop.orders.queries import OrderPage, order_page
from shop.orders.services import RefundLine


@dataclass(frozen=True)
class FullRefund:
    """The page of a refund before it is made; amounts in minor units."""

    page: OrderPage
    amount: int
    amount_shipping: int
    pieces: dict[int, int]
    can_restock: bool
    form_token: str

    def lines(self, *, is_restocked: bool) -> list[RefundLine]:
        """Return the lines for the use case."""
        share = {item.id: item.amount_total // item.quantity for item in self.page.items}
        return [
            RefundLine(item_id, quantity, share[item_id] * quantity, is_restocked)
            for item_id, quantity in self.pieces.items()
        ]


def full_refund(order: Order) -> FullRefund:
    """Return what is left to refund of an order."""
    page = order_page(order.id)
    pieces = {
        item.id: item.quantity - item.quantity_refunded
        for item in page.items
        if item.quantity > item.quantity_refunded
    }
    return FullRefund(
        page=page,
        amount=page.order.amount_refundable,
        amount_shipping=page.order.amount_shipping,
        pieces=pieces,
        can_restock=page.order.fulfilment_status is FulfilmentStatus.UNFULFILLED,
        form_token=secrets.token_urlsafe(24),
    )
