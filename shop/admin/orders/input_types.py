"""What staff decide about an order: a parcel, a refund."""

from dataclasses import dataclass

from shop.orders.remainder import RefundChoice


@dataclass(frozen=True)
class ParcelFields:
    """A parcel: pieces by order item id, who carries it, and whether the customer is told.

    `tracking_url`: its page, where staff gave one; that of the carrier's pattern otherwise.
    `parcels_seen`: how many had left when the form was shown; None where it does not say.
    """

    quantities: dict[int, int]
    carrier: str
    tracking_number: str
    tracking_url: str
    notify: bool
    parcels_seen: int | None


@dataclass(frozen=True)
class RefundFields:
    """A refund: of what, why, a word about it, whether the pieces go back to stock.

    `amount`: what the form showed (minor units). `returned`: how many of the pieces had been
    sent, by order item id; missing where staff did not say.
    """

    amount: int
    choice: RefundChoice
    returned: dict[int, int]
    reason: str
    note: str
    is_restocked: bool
