"""What staff mend of a parcel, with its trail."""

from shop.admin.orders.input_types import ParcelFields
from shop.admin.orders.queries import get_desk_order
from shop.admin.parcels.queries import get_desk_parcel, parcel_state
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.orders.services import correct_parcel


@done_once
def mend_parcel(number: str, shipment_id: int, said: ParcelFields, *, staff: Staff) -> Entry:
    """Say otherwise who carries a parcel, and under which number. Raises as `correct_parcel`."""
    with audited("orders.parcel", "order", number, staff=staff) as entry:
        order_id = get_desk_order(number).id
        entry.before = parcel_state(get_desk_parcel(order_id, shipment_id))
        mended = correct_parcel(
            order_id,
            shipment_id,
            carrier=said.carrier,
            tracking_number=said.tracking_number,
            tracking_url=said.tracking_url,
            notify=said.notify,
            version=said.version,
            user_id=staff.user_id,
        )
        entry.after, entry.more = parcel_state(mended), {"parcel": shipment_id}
    return entry
