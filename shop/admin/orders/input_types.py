"""What staff decide about an order: a parcel, a refund."""

from dataclasses import dataclass
from datetime import date

from shop.orders.remainder import RefundChoice


@dataclass(frozen=True)
class ParcelFields:
    """A parcel: pieces by order item id, who carries it, and whether the customer is told.

    `tracking_url`: its page, where staff gave one; that of the carrier's pattern otherwise.
    `version`: that of the order from which the form was made; None where it does not say.
    """

    quantities: dict[int, int]
    carrier: str
    tracking_number: str
    tracking_url: str
    notify: bool
    version: int | None


@dataclass(frozen=True)
class RefundFields:
    """A refund: of what, why, a word about it, whether the pieces go back to stock.

    `version`: as in ParcelFields; `amount`: what the button said (minor units). `returned`: how
    many of the pieces had been sent, by order item id; missing where staff did not say.
    """

    version: int | None
    amount: int
    choice: RefundChoice
    returned: dict[int, int]
    reason: str
    note: str
    is_restocked: bool


@dataclass(frozen=True)
class ReceiptFields:
    """Money that staff saw come: `amount` minor units of the order's currency, the day, a note.

    `attempt_id`: the attempt that the form showed, "" where it does not say.
    """

    amount: int
    day: date
    note: str = ""
    attempt_id: str = ""
