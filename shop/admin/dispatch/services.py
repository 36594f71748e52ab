"""Sending several orders at once, each in its own transaction with its own trail."""

import hashlib
from dataclasses import dataclass, replace

from shop.admin.dispatch.input_types import DispatchFields
from shop.admin.dispatch.queries import list_chosen
from shop.admin.orders.audit import audited_order
from shop.admin.staff_actions import Entry, Staff, done_once
from shop.core.errors import InvalidTransition, ShopError
from shop.core.isolation import Failure, each
from shop.orders.fulfilment.ship import OVERTAKEN
from shop.orders.services import ship_order

NO_TURN = "It did not get its turn: the shop is busy. Send the form once more."
FAILED = "Something went wrong with it. It was not sent."


@dataclass(frozen=True)
class Dispatched:
    """What became of several orders: how many were sent, and why which others were not."""

    sent: int
    refused: dict[str, str]


def send_orders(wanted: DispatchFields, *, staff: Staff) -> Dispatched:
    """Send each order as a whole, or leave all of it as it is.

    An order that needs somebody, that was begun, or that has changed since the form was made is
    passed by. A form that comes twice sends nothing twice.
    """
    begun: list[str] = []

    def send(number: str) -> None:
        begun.append(number)
        _send_whole(number, wanted, staff=_for_one(staff, number))

    run = each("send orders", wanted.versions, send)
    refused = {failure.item: _reason(failure) for failure in run.failures}
    for number in wanted.versions.keys() - set(begun):
        refused[number] = NO_TURN
    in_turn = [number for number in wanted.versions if number in refused]
    return Dispatched(run.done, {number: refused[number] for number in in_turn})


def _reason(failure: Failure[str]) -> str:
    if failure.reason == OVERTAKEN:
        return "It has changed in the meantime. This is how it stands now."
    return failure.reason if isinstance(failure.error, ShopError) else FAILED


def _for_one(staff: Staff, number: str) -> Staff:
    """Return who acts on one order of the form: each has its own entry of the trail."""
    if not staff.form_token:
        return staff
    content = f"{staff.form_token} {number}"
    return replace(staff, form_token=hashlib.sha256(content.encode()).hexdigest())


@done_once
def _send_whole(number: str, wanted: DispatchFields, *, staff: Staff) -> Entry:
    with audited_order("orders.ship", number, staff=staff) as entry:
        (found,) = list_chosen([number])
        if found.obstacle:
            raise InvalidTransition(found.obstacle)
        ship_order(
            found.order.id,
            {item.id: item.left_to_send for item in found.items},
            carrier=found.carrier if wanted.carrier is None else wanted.carrier,
            tracking_number=wanted.tracking.get(number, ""),
            notify=wanted.notify,
            version=wanted.versions[number],
            user_id=staff.user_id,
        )
    return entry
