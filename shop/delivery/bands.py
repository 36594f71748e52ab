"""Rates in bands: up to so many grams, or up to so much worth of goods, so much. Pure."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from shop.core.errors import BadInput
from shop.core.money import LARGEST

MOST: Final = 10  # bands of a method
HEAVIEST: Final = 100_000_000  # grams of a band's end
Band = tuple[int | None, int]  # up to and with what (None: everything more), for how much


def find_rate(bands: Iterable[Sequence[int | None]], measure: int) -> int | None:
    """Return what the first band costs that reaches to `measure`; None where none does."""
    for up_to, amount in bands:
        if up_to is None or measure <= up_to:
            return amount
    return None


def check_bands(bands: Sequence[Band], *, largest: int) -> None:
    """Raise BadInput(bands=…) unless each band ends behind the former, with a price.

    `largest`: where a band may end at most.
    """
    problem = ""
    ends = [up_to for up_to, _amount in bands]
    if not bands:
        problem = "Enter at least one step, with its price."
    elif len(bands) > MOST:
        problem = f"Use at most {MOST} steps."
    elif None in ends[:-1]:
        problem = "Only the last step may be without an end."
    elif any(not 0 < end <= largest for end in ends if end is not None):
        problem = "A step ends above nothing, and below what can be entered."
    elif any(b is not None and a is not None and a >= b for a, b in pairwise(ends)):
        problem = "Each step must end above the one before it."
    elif any(not 0 <= amount <= LARGEST for _up_to, amount in bands):
        problem = "Enter a price for each step."
    if problem:
        raise BadInput(bands=problem)
