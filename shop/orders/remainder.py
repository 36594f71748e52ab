"""What is left to refund of an order, piece by piece. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.pricing.allocate import allocate


@dataclass(frozen=True)
class Piece:
    """A line of an order: how many were bought and refunded, and what all of them cost."""

    quantity: int
    refunded: int
    amount_total: int

    @property
    def left(self) -> int:
        """How many pieces are not refunded yet."""
        return self.quantity - self.refunded

    @property
    def worth(self) -> int:
        """What the pieces that are left cost, minor units."""
        return self.amount_total * self.left // self.quantity


@dataclass(frozen=True)
class Remainder:
    """A refund of everything that is left; minor units. `lines`: item id → (pieces, amount)."""

    amount: int
    amount_shipping: int
    lines: dict[int, tuple[int, int]]


def split_remainder(amount: int, shipping_left: int, pieces: Mapping[int, Piece]) -> Remainder:
    """Return how `amount` goes back: delivery first, the rest over the pieces that are left.

    Money that went back without naming pieces is missing from all of them alike; the lines and
    the delivery never cost more than `amount`.
    """
    shipping = min(shipping_left, amount)
    left = {item_id: piece for item_id, piece in pieces.items() if piece.left > 0}
    worth = [piece.worth for piece in left.values()]
    parts = allocate(min(amount - shipping, sum(worth)), worth)
    lines = {item_id: (left[item_id].left, part) for item_id, part in zip(left, parts, strict=True)}
    return Remainder(amount, shipping, lines)
