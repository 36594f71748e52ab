"""Mending what is said of a parcel that has left: who carries it, and its number."""

from shop.core.db import db, retried, transaction
from shop.core.errors import NotFound, StaleForm
from shop.jobs import enqueue
from shop.models import Shipment
from shop.orders.events import add_order_event
from shop.orders.fulfilment.ship import OVERTAKEN, parcel_link
from shop.orders.fulfilment.status import lock_order
from shop.orders.version import next_version


@retried
def correct_parcel(
    order_id: int,
    shipment_id: int,
    *,
    carrier: str,
    tracking_number: str,
    tracking_url: str = "",
    notify: bool = False,
    version: int | None = None,
    user_id: int | None = None,
) -> Shipment:
    """Say otherwise who carries a parcel of the order, and under which number.

    `tracking_url`, `version` as in `ship_order`. `notify` mails the customer once more, as the
    parcel is known now. Pieces and day stay. Raises NotFound, and StaleForm as `ship_order`.
    """
    with transaction():
        order = lock_order(order_id)
        if version not in {None, order.version}:
            raise StaleForm(OVERTAKEN)
        parcel = db.session.get(Shipment, shipment_id)
        if parcel is None or parcel.order_id != order_id:
            raise NotFound
        parcel.carrier, parcel.tracking_number = carrier, tracking_number
        parcel.tracking_url = tracking_url or parcel_link(carrier, tracking_number)
        next_version(order_id)
        add_order_event(
            order_id, "parcel_corrected", user_id=user_id, carrier=carrier, tracking=tracking_number
        )
        if notify:
            payload = {"shipment_id": shipment_id, "correction": order.version}
            key = f"mail.order_sent:{shipment_id}:{order.version}"
            enqueue("mail.order_sent", payload, dedupe_key=key)
        return parcel
