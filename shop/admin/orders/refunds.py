"""What a refund is made of: everything that is left of an order, or a part of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.core.errors import BadInput, StaleForm
from shop.models import Order
from shop.orders.payment.refundable import get_remainder
from shop.orders.queries import OrderPage, order_page
from shop.orders.remainder import RefundChoice, Remainder, part_of
from shop.orders.services import RefundLine, refund_order


@dataclass(frozen=True)
class RefundPlan:
    """The page of a refund before it is made: what is left, and what of it is chosen."""

    page: OrderPage
    left: Remainder
    chosen: Remainder

    @property
    def can_restock(self) -> bool:
        """Whether any of the pieces are counted in stock."""
        return any(item.is_tracked for item in self.page.items if item.id in self.left.lines)

    @property
    def is_unsent(self) -> bool:
        """Whether none of the chosen pieces need to have been sent."""
        chosen = self.chosen.lines
        return all(
            chosen[item.id][0] <= item.left_to_send for item in self.page.items if item.id in chosen
        )


def plan_refund(order_id: int, choice: RefundChoice) -> RefundPlan:
    """Return what is left to refund of an order, and the chosen part of it."""
    left = get_remainder(order_id)
    return RefundPlan(order_page(order_id), left, part_of(left, choice))


def refund_part(
    order: Order,
    choice: RefundChoice,
    *,
    seen: int,
    form_token: str,
    returned: Mapping[int, int],
    is_restocked: bool,
    reason: str,
    note: str,
    user_id: int | None,
) -> None:
    """Refund the chosen part of what is left, inside the caller's transaction.

    `seen`: the amount (minor units) that the form showed. `returned`: how many pieces of an item
    had been sent; unsent ones come first where it does not say. Raises StaleForm when the choice
    now has another amount, BadInput for an empty choice, and what `refund_order` raises.
    """
    part = part_of(get_remainder(order.id), choice)
    if not part.amount:
        raise BadInput("Choose at least one piece, or the delivery.")
    if part.amount != seen:
        raise StaleForm("The amount is another one now. Please look at it once more.")
    refund_order(
        order.id,
        part.amount,
        form_token=form_token,
        lines=[
            RefundLine(item_id, pieces, worth, is_restocked, returned.get(item_id))
            for item_id, (pieces, worth) in part.lines.items()
        ],
        amount_shipping=part.amount_shipping,
        reason=reason,
        note=note,
        user_id=user_id,
    )
