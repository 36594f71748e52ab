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
class Choice:
    """What of the remainder goes back: pieces by item id (None: all of them), and the delivery."""

    quantities: Mapping[int, int] | None = None
    with_shipping: bool = True


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


def part_of(whole: Remainder, choice: Choice) -> Remainder:
    """Return the chosen part of what is left; more pieces than are left means all of them."""
    wanted = choice.quantities
    lines = {}
    for item_id, (left, amount) in whole.lines.items():
        pieces = left if wanted is None else min(wanted.get(item_id, 0), left)
        if pieces:
            lines[item_id] = (pieces, amount * pieces // left)
    shipping = whole.amount_shipping if choice.with_shipping else 0
    if lines == whole.lines and shipping == whole.amount_shipping:
        return whole
    return Remainder(sum(amount for _, amount in lines.values()) + shipping, shipping, lines)
