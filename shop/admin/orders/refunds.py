"""What a full refund is made of: everything that is left of an order."""

from dataclasses import dataclass

from shop.errors import StaleForm
from shop.models import FulfilmentStatus, Order
from shop.orders.queries import OrderPage, get_remainder, order_page
from shop.orders.remainder import Remainder
from shop.orders.services import RefundLine, refund_order


@dataclass(frozen=True)
class FullRefund:
    """The page of a refund before it is made."""

    page: OrderPage
    left: Remainder

    @property
    def can_restock(self) -> bool:
        """Whether the pieces never left the house."""
        return is_unsent(self.page.order)


def is_unsent(order: Order) -> bool:
    """Return whether nothing of the order has been sent."""
    return order.fulfilment_status is FulfilmentStatus.UNFULFILLED


def full_refund(order_id: int) -> FullRefund:
    """Return what is left to refund of an order."""
    return FullRefund(order_page(order_id), get_remainder(order_id))


def refund_rest(
    order: Order,
    *,
    seen: int,
    form_token: str,
    is_restocked: bool,
    reason: str,
    note: str,
    user_id: int | None,
) -> None:
    """Refund all that is left, inside the caller's transaction.

    `seen`: the amount (minor units) that the form showed. Raises StaleForm when another one is
    left now, and what `refund_order` raises.
    """
    left = get_remainder(order.id)
    if left.amount != seen:
        raise StaleForm("What is left to refund has changed in the meantime.")
    back = is_restocked and is_unsent(order)
    refund_order(
        order.id,
        left.amount,
        form_token=form_token,
        lines=[RefundLine(item_id, n, amount, back) for item_id, (n, amount) in left.lines.items()],
        amount_shipping=left.amount_shipping,
        reason=reason,
        note=note,
        user_id=user_id,
    )
