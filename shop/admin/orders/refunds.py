"""What a refund is made of: everything that is left of an order, or a part of it."""

from dataclasses import dataclass

from shop.admin.orders.audit import audited_order
from shop.admin.orders.input_types import RefundFields
from shop.admin.orders.queries import get_desk_order
from shop.admin.staff_actions import Entry, Staff, done_once
from shop.core.errors import BadInput, StaleForm
from shop.orders.fulfilment.ship import OVERTAKEN
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
    page = order_page(order_id)  # first: with a version no newer than what is left
    left = get_remainder(order_id)
    return RefundPlan(page, left, part_of(left, choice))


@done_once
def refund_part(number: str, wanted: RefundFields, *, staff: Staff) -> Entry:
    """Refund the chosen part of what is left of an order.

    Raises StaleForm when something was sent or refunded since the form was made, or the choice
    has another amount than its button said, BadInput for an empty choice, and as `refund_order`.
    """
    with audited_order("orders.refund", number, staff=staff) as entry:
        order = get_desk_order(number)
        if wanted.version not in {None, order.version}:
            raise StaleForm(OVERTAKEN)
        part = part_of(get_remainder(order.id), wanted.choice)
        if not part.amount:
            raise BadInput("Choose at least one piece, or the delivery.")
        if part.amount != wanted.amount:
            raise StaleForm("The amount is another one now. Please look at it once more.")
        refund = refund_order(
            order.id,
            part.amount,
            form_token=staff.form_token,
            lines=[
                RefundLine(
                    item_id, quantity, worth, wanted.is_restocked, wanted.returned.get(item_id)
                )
                for item_id, (quantity, worth) in part.lines.items()
            ],
            amount_shipping=part.amount_shipping,
            reason=wanted.reason,
            note=wanted.note,
            user_id=staff.user_id,
        )
        entry.more = {"refund": refund.id, "amount": part.amount}
    return entry
