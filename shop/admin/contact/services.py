"""What staff change of an order's addresses, with its trail."""

from shop.admin.orders.queries import get_desk_order
from shop.admin.staff_actions import Entry, Staff, State, audited, done_once
from shop.core.addresses import PostalAddress
from shop.models import Order
from shop.orders.contact import change_contact


@done_once
def mend_contact(
    number: str, email: str, address: PostalAddress, version: int | None, *, staff: Staff
) -> Entry:
    """Give an order other addresses. Raises as `change_contact`.

    The trail keeps both for as long as the order keeps its own (`anonymise_orders`).
    """
    with audited("orders.contact", "order", number, staff=staff) as entry:
        order = get_desk_order(number)
        entry.before = _state(order)
        mended = change_contact(order.id, email, address, version=version, user_id=staff.user_id)
        entry.after = _state(mended)
    return entry


def _state(order: Order) -> State:
    return {"email": order.email, **order.shipping_address}
