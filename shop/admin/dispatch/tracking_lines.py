"""Tracking numbers as they are pasted: one a line, or the order's number before each. Pure."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from shop.core import plaintext

LONGEST: Final = 120  # signs of a tracking number
_SEPARATORS: Final = ("\t", ";", ",")


@dataclass
class Pasted:
    """What was read: tracking numbers by order, and what is wrong, in the order of the lines.

    `of_orders`: what is wrong by order, where a line names one.
    """

    numbers: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    of_orders: dict[str, str] = field(default_factory=dict)

    def refuse(self, nth: int, sentence: str, order: str = "") -> None:
        """Note what is wrong with the line `nth`, counted from 1."""
        self.problems.append(f"Line {nth}: {sentence}")
        if order:
            self.of_orders.setdefault(order, sentence)


@dataclass(frozen=True)
class _Line:
    nth: int
    order: str  # as it was written, "" where the line names none
    number: str


def read_tracking_lines(text: str, orders: Sequence[str]) -> Pasted:
    """Return which of `orders` gets which of the pasted tracking numbers.

    Lines that name no order belong to the orders in their turn; an empty one leaves its order
    without a number. Either all lines name their order, before a tab, a comma or a semicolon, or
    none does.
    """
    lines = list(_lines(text, orders))
    found = Pasted()
    if any(line.order for line in lines):
        _match_named(found, [line for line in lines if line.order or line.number], orders)
    else:
        _match_in_turn(found, lines, orders)
    return found


def _lines(text: str, orders: Sequence[str]) -> Iterator[_Line]:
    known = {order.casefold(): order for order in orders}
    for nth, line in enumerate(text.rstrip().splitlines(), 1):
        cells = [plaintext.code(cell) for cell in _cells(line)]
        if len(cells) == 1:  # the number of the order and a blank, or a number printed in groups
            first, _, rest = cells[0].partition(" ")
            if first.casefold() in known:
                cells = [first, rest]
        if len(cells) == 1:
            yield _Line(nth, "", cells[0])
        else:
            yield _Line(nth, known.get(cells[0].casefold(), cells[0]), " ".join(cells[1:]).strip())


def _cells(line: str) -> list[str]:
    by = next((sign for sign in _SEPARATORS if sign in line), None)
    return next(csv.reader([line.strip("\r\n")], delimiter=by), [""]) if by else [line]


def _match_named(found: Pasted, lines: Sequence[_Line], orders: Sequence[str]) -> None:
    for line in lines:
        if not line.order:
            found.refuse(line.nth, "Put the number of the order before each line, or before none.")
        elif line.order not in orders:
            found.refuse(line.nth, f"{line.order[:40]} is not among these orders.")
        elif line.order in found.numbers:
            found.refuse(line.nth, f"{line.order} has a line already.", line.order)
        else:
            _take(found, line, line.order)


def _match_in_turn(found: Pasted, lines: Sequence[_Line], orders: Sequence[str]) -> None:
    if len(lines) > len(orders):
        found.refuse(len(orders) + 1, f"There are only {len(orders)} orders to send.")
    for line, order in zip(lines, orders, strict=False):
        _take(found, line, order)


def _take(found: Pasted, line: _Line, order: str) -> None:
    others = (other for other, number in found.numbers.items() if number == line.number)
    if line.number and (other := next(others, None)):
        found.refuse(
            line.nth,
            f"{other} has the same tracking number. Send orders that share a parcel one by one.",
            order,
        )
    elif len(line.number) > LONGEST:
        found.refuse(line.nth, f"Use at most {LONGEST} characters.", order)
    else:
        found.numbers[order] = line.number
