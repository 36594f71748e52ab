"""Sending and delivering: what leaves the house, and that it arrived."""

from collections.abc import Mapping
from typing import NoReturn

from sqlalchemy import func, select, update

from shop.core.clock import now
from shop.core.db import changed, db, retried, transaction
from shop.core.errors import BadInput, InvalidTransition, StaleForm
from shop.delivery.queries import find_carrier
from shop.delivery.tracking import tracking_link
from shop.jobs import enqueue
from shop.models import (
    FulfilmentStatus,
    OrderItem,
    Shipment,
    ShipmentItem,
)
from shop.models.order import SENDABLE, UNSENT
from shop.orders.events import add_order_event
from shop.orders.fulfilment.status import follow_items, lock_order, move_fulfilment
from shop.orders.version import next_version
from shop.stock.services import settle_stock

OVERTAKEN = (
    "Something has happened to this order in the meantime. This is how it stands now; send the "
    "form once more if it is still right."
)


@retried
def ship_order(
    order_id: int,
    quantities: Mapping[int, int],
    *,
    carrier: str,
    tracking_number: str,
    tracking_url: str = "",
    notify: bool = True,
    version: int | None = None,
    user_id: int | None = None,
) -> Shipment:
    """Send a parcel with `quantities` (order item id → pieces) of a paid order.

    `carrier`: the name of who takes it; `tracking_url`: the parcel's page, where it is not the
    one that the carrier of this name has for the number. `notify` mails the customer.
    `version`: the order's, from which the form was made; None: not checked. Raises NotFound,
    BadInput for an empty parcel or more pieces than were bought, StaleForm when something was sent
    or refunded since, InvalidTransition when the order is not paid or those pieces were sent
    already.
    """
    wanted = {item_id: quantity for item_id, quantity in quantities.items() if quantity > 0}
    if not wanted:
        raise BadInput("Choose at least one piece to send.")
    with transaction() as session:
        order = lock_order(order_id)
        if order.payment_status not in SENDABLE:
            raise InvalidTransition("Only paid orders can be sent.")
        if order.fulfilment_status not in UNSENT:
            raise InvalidTransition("This order was sent already.")
        if version not in {None, order.version}:
            raise StaleForm(OVERTAKEN)
        shipment = Shipment(
            order_id=order_id,
            carrier=carrier,
            tracking_number=tracking_number,
            tracking_url=tracking_url or parcel_link(carrier, tracking_number),
            user_id=user_id,
        )
        session.add(shipment)
        session.flush()
        _pack(shipment, wanted)
        _settle(order_id, wanted)
        follow_items(order_id)
        next_version(order_id)
        add_order_event(
            order_id, "sent", user_id=user_id, carrier=carrier, tracking=tracking_number
        )
        if notify:
            key = f"mail.order_sent:{shipment.id}"
            enqueue("mail.order_sent", {"shipment_id": shipment.id}, dedupe_key=key)
        return shipment


def parcel_link(carrier: str, number: str) -> str:
    """Return the page of a parcel by the pattern of the carrier of this name, "" for none."""
    found = find_carrier(carrier) if carrier else None
    return tracking_link(found.tracking_url, number) if found else ""


def _pack(shipment: Shipment, wanted: Mapping[int, int]) -> None:
    for item_id, quantity in sorted(wanted.items()):
        packed = changed(
            update(OrderItem)
            .where(
                OrderItem.id == item_id,
                OrderItem.order_id == shipment.order_id,
                OrderItem.left_to_send >= quantity,
            )
            .values(quantity_shipped=OrderItem.quantity_shipped + quantity)
        )
        if not packed:
            _refuse(shipment.order_id, item_id, quantity)
        db.session.add(
            ShipmentItem(shipment_id=shipment.id, order_item_id=item_id, quantity=quantity)
        )


def _refuse(order_id: int, item_id: int, quantity: int) -> NoReturn:
    item = db.session.get(OrderItem, item_id)
    if item is None or item.order_id != order_id or quantity > item.quantity:
        raise BadInput("There are not that many pieces of it in this order.")
    raise InvalidTransition("There are not that many pieces left to send.")


def _settle(order_id: int, wanted: Mapping[int, int]) -> None:
    """Let the order be owed no more than is left to send of the variants in the parcel."""
    packed = select(OrderItem.variant_id).where(OrderItem.id.in_(wanted))
    rows = db.session.execute(
        select(OrderItem.variant_id, func.sum(OrderItem.left_to_send))
        .where(OrderItem.order_id == order_id, OrderItem.is_tracked)
        .where(OrderItem.variant_id.in_(packed))
        .group_by(OrderItem.variant_id)
        .order_by(OrderItem.variant_id)
    )
    for variant_id, left in rows.all():
        settle_stock(order_id, variant_id, int(left), now())


@retried
def deliver_order(order_id: int, *, user_id: int | None = None) -> None:
    """Note that everything that was sent has arrived. Raises InvalidTransition unless it was.

    The customer is told, once more where more had to be sent after it had arrived.
    """
    with transaction() as session:
        move_fulfilment(order_id, FulfilmentStatus.DELIVERED)
        changed(
            update(Shipment)
            .where(Shipment.order_id == order_id, Shipment.delivered_at.is_(None))
            .values(delivered_at=now())
        )
        add_order_event(order_id, "delivered", user_id=user_id)
        last = session.scalar(select(func.max(Shipment.id)).where(Shipment.order_id == order_id))
        payload = {"order_id": order_id, "about": last}
        key = f"mail.order_delivered:{order_id}:{last}"
        enqueue("mail.order_delivered", payload, dedupe_key=key)
