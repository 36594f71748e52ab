"""Money that came, but not as agreed: which payment is to be decided about, and how it can be."""

from collections.abc import Iterable

from shop.models import Attention, Order, Payment, PaymentState
from shop.models.order import CAPTURED, OPEN


def money_left(payment: Payment) -> int:
    """Return what is still here of a payment, minor units of its currency."""
    return payment.amount - payment.amount_refunded


def is_undecided(payment: Payment, order: Order) -> bool:
    """Tell whether staff have not decided about a payment; `queries.under_review` in SQL."""
    return payment.state is PaymentState.MISMATCH and (
        money_left(payment) > 0 or order.attention is Attention.MISMATCH
    )


def find_undecided(order: Order, payments: Iterable[Payment]) -> Payment | None:
    """Return the one payment of the order's `payments` that is decided about next.

    Money that is still here comes first, the oldest of it; then what came last.
    """
    undecided = [p for p in payments if is_undecided(p, order)]
    with_money = [p for p in undecided if money_left(p) > 0]
    if with_money:
        return min(with_money, key=lambda p: p.id)
    return max(undecided, key=lambda p: p.id, default=None)


def is_other_left(payment: Payment, payments: Iterable[Payment]) -> bool:
    """Tell whether beside `payment` other money waits for a decision."""
    others = (p for p in payments if p.id != payment.id and p.state is PaymentState.MISMATCH)
    return any(money_left(p) > 0 for p in others)


def surplus_of(order: Order, payment: Payment) -> int | None:
    """Return by how much what is left exceeds the total; None: it cannot stand for the order."""
    if payment.currency != order.currency or money_left(payment) <= 0:
        return None
    return money_left(payment) - order.amount_total


def list_decisions(order: Order, payment: Payment, payments: Iterable[Payment]) -> list[str]:
    """Return what can become of an undecided payment: of "accept", "complete", "return"."""
    surplus = surplus_of(order, payment)
    can_accept = surplus is not None and order.payment_status not in CAPTURED
    can_return = money_left(payment) <= 0 or payment.payment_intent is not None
    if surplus is not None and surplus >= 0:
        can_complete = can_accept and surplus > 0 and can_return
    else:
        can_ask = order.payment_status in OPEN and not is_other_left(payment, payments)
        can_complete = can_ask and can_return
    can = {"accept": can_accept, "complete": can_complete, "return": can_return}
    return [decision for decision, is_possible in can.items() if is_possible]
