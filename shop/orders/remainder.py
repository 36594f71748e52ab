"""What is left to refund of an order, piece by piece. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shop.pricing.allocate import allocate


@dataclass(frozen=True)
class RefundableLine:
    """A line of an order: how many were bought and refunded, what all of them cost, what is back.

    `amount_refunded` is what the refunded ones gave back, minor units as `amount_total`.
    """

    quantity: int
    refunded: int
    amount_total: int
    amount_refunded: int = 0

    @property
    def left(self) -> int:
        """How many pieces are not refunded yet."""
        return self.quantity - self.refunded

    @property
    def amount_left(self) -> int:
        """The most that the pieces that are left can give back, minor units."""
        return max(0, self.amount_total - self.amount_refunded) if self.left else 0

    @property
    def worth(self) -> int:
        """The share of the pieces that are left in what all of them cost, in whole minor units."""
        return min(self.amount_left, self.amount_total * self.left // self.quantity)


@dataclass(frozen=True)
class RefundChoice:
    """What of the remainder goes back: pieces by item id (None: all of them), and the delivery.

    `with_surplus`: and what was paid beyond what pieces and delivery cost.
    """

    quantities: Mapping[int, int] | None = None
    with_shipping: bool = True
    with_surplus: bool = True


@dataclass(frozen=True)
class Remainder:
    """A refund of everything that is left; minor units. `lines`: item id → (pieces, amount)."""

    amount: int
    amount_shipping: int
    lines: dict[int, tuple[int, int]]

    @property
    def amount_surplus(self) -> int:
        """What is left beyond the pieces and the delivery, of more than the total that was paid."""
        return self.amount - self.amount_shipping - sum(part for _, part in self.lines.values())


def split_remainder(
    amount: int, shipping_left: int, lines: Mapping[int, RefundableLine]
) -> Remainder:
    """Return how `amount` goes back: delivery first, the rest over the pieces that are left.

    Money that went back without naming pieces is missing from all of them alike; the lines and
    the delivery never cost more than `amount`. What earlier pieces of a line left over by being
    rounded down is with those that are left.
    """
    shipping = min(shipping_left, amount)
    left = {item_id: line for item_id, line in lines.items() if line.left > 0}
    parts = _split(amount - shipping, list(left.values()))
    shares = zip(left.items(), parts, strict=True)
    return Remainder(amount, shipping, {key: (line.left, part) for (key, line), part in shares})


def _split(amount: int, lines: Sequence[RefundableLine]) -> list[int]:
    """Give each line its share, then what is over to those that were rounded down before."""
    worth = [line.worth for line in lines]
    parts = allocate(min(amount, sum(worth)), worth)
    rounded = [line.amount_left - line.worth for line in lines]
    extra = allocate(min(amount - sum(parts), sum(rounded)), rounded)
    return [sum(both) for both in zip(parts, extra, strict=True)]


def part_of(whole: Remainder, choice: RefundChoice) -> Remainder:
    """Return the chosen part of what is left; more pieces than are left means all of them."""
    wanted = choice.quantities
    lines = {}
    for item_id, (left, amount) in whole.lines.items():
        quantity = left if wanted is None else min(wanted.get(item_id, 0), left)
        if quantity:
            lines[item_id] = (quantity, amount * quantity // left)
    shipping = whole.amount_shipping if choice.with_shipping else 0
    surplus = whole.amount_surplus if choice.with_surplus else 0
    amount = sum(amount for _, amount in lines.values()) + shipping + surplus
    return Remainder(amount, shipping, lines)
