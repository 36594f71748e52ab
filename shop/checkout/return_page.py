"""Coming back from the payment page: whose order it is, and what became of it."""

import logging
from dataclasses import dataclass

from shop.models import Order, Provider
from shop.orders.queries import OrderPage, find_order, find_order_of_session, order_page
from shop.orders.services import Outcome, fulfil
from shop.payments.current import has_gateway
from shop.payments.errors import PaymentRefused, PaymentUnavailable
from shop.web.visitor import current_visitor, remember_order, remembered_orders

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Confirmation:
    """What the return page may show: `page` only to the order's owner, else a bare thank-you."""

    outcome: Outcome
    page: OrderPage | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether the provider may still say more in a moment."""
        return self.outcome is Outcome.OPEN


def confirm(ref: str) -> Confirmation:
    """Ask what became of the payment page `ref`; never trusts the address one came back to."""
    found = _find(ref) if ref else None
    if found is None:
        return Confirmation(Outcome.OPEN)
    provider, order = found
    is_owner = is_mine(order)
    if is_owner:
        _recall(order)
    try:
        outcome = fulfil(provider, ref)
    except PaymentUnavailable:
        outcome = Outcome.OPEN
    except PaymentRefused as refusal:
        log.warning("session not confirmed", extra={"code": refusal.code})
        outcome = Outcome.OPEN
    return Confirmation(outcome, order_page(order.id) if is_owner else None)


def _find(ref: str) -> tuple[Provider, Order] | None:
    """Return the order of the page `ref`, one's own first: the address names no provider."""
    pages = [
        (provider, order)
        for provider in filter(has_gateway, Provider)
        if (order := find_order_of_session(provider, ref)) is not None
    ]
    return min(pages, key=lambda page: not is_mine(page[1]), default=None)


def find_mine(number: str) -> Order | None:
    """Return the order `number` if the visitor may see it, as `is_mine` says."""
    order = find_order(number)
    if order is None or not is_mine(order):
        return None
    _recall(order)
    return order


def is_mine(order: Order) -> bool:
    """Return whether the visitor may see the order: by account, by this browser's cookie or bag."""
    visitor = current_visitor()
    if visitor.user_id is not None:
        is_theirs = order.user_id == visitor.user_id
    else:
        is_theirs = visitor.cart_id is not None and order.cart_id == visitor.cart_id
    return is_theirs or order.number in remembered_orders()


def _recall(order: Order) -> None:
    """Remember a guest's order anew where the cookie lost it.

    The answer to another request that was under way when the order was placed writes the cookie as
    it was before. The bag, which it names too, is the one the order was placed from.
    """
    if current_visitor().user_id is None and order.number not in remembered_orders():
        remember_order(order.number)
