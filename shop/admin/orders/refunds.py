"""What a refund is made of: everything that is left of an order, or a part of it."""

from dataclasses import dataclass

from shop.core.errors import BadInput, StaleForm
from shop.models import FulfilmentStatus, Order
from shop.orders.payment.refundable import get_remainder
from shop.orders.queries import OrderPage, order_page
from shop.orders.remainder import Choice, Remainder, part_of
from shop.orders.services import RefundLine, refund_order


@dataclass(frozen=True)
class RefundPlan:
    """The page of a refund before it is made: what is left, and what of it is chosen."""

    page: OrderPage
    left: Remainder
    chosen: Remainder

    @property
    def can_restock(self) -> bool:
        """Whether the pieces never left the house."""
        return is_unsent(self.page.order)


def is_unsent(order: Order) -> bool:
    """Return whether nothing of the order has been sent."""
    return order.fulfilment_status is FulfilmentStatus.UNFULFILLED


def plan_refund(order_id: int, choice: Choice) -> RefundPlan:
    """Return what is left to refund of an order, and the chosen part of it."""
    left = get_remainder(order_id)
    return RefundPlan(order_page(order_id), left, part_of(left, choice))


def refund_part(
    order: Order,
    choice: Choice,
    *,
    seen: int,
    form_token: str,
    is_restocked: bool,
    reason: str,
    note: str,
    user_id: int | None,
) -> None:
    """Refund the chosen part of what is left, inside the caller's transaction.

    `seen`: the amount (minor units) that the form showed. Raises StaleForm when the choice now
    has another one, BadInput for an empty choice, and what `refund_order` raises.
    """
    part = part_of(get_remainder(order.id), choice)
    if not part.amount:
        raise BadInput("Choose at least one piece, or the delivery.")
    if part.amount != seen:
        raise StaleForm("The amount is another one now. Please look at it once more.")
    back = is_restocked and is_unsent(order)
    refund_order(
        order.id,
        part.amount,
        form_token=form_token,
        lines=[RefundLine(item_id, n, amount, back) for item_id, (n, amount) in part.lines.items()],
        amount_shipping=part.amount_shipping,
        reason=reason,
        note=note,
        user_id=user_id,
    )
