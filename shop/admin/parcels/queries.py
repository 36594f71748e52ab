"""The parcel that a form is about."""

from shop.admin.staff_actions import State
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import Shipment


def get_desk_parcel(order_id: int, shipment_id: int) -> Shipment:
    """Return a parcel of the order. Raises NotFound."""
    parcel = db.session.get(Shipment, shipment_id, populate_existing=True)
    if parcel is None or parcel.order_id != order_id:
        raise NotFound
    return parcel


def parcel_state(parcel: Shipment) -> State:
    """Return what the trail tells of a parcel."""
    return {
        "carrier": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "tracking_url": parcel.tracking_url,
    }
