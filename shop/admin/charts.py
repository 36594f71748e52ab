"""Bars and lines as numbers for a drawing 100 high. Pure: templates write them as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

HEIGHT: Final = 100
_STEP: Final = 10  # width of a bar with the one that it is compared with, and the space beside them
_BAR: Final = 3.6


@dataclass(frozen=True)
class Bar:
    """A rectangle that stands on the ground."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class BarChart:
    """Pairs of bars, (before, now) each; `lines`: (how far down in percent, what it stands for)."""

    width: int
    pairs: Sequence[tuple[Bar, Bar]]
    lines: Sequence[tuple[float, int]]


def draw_bars(pairs: Sequence[tuple[int, int]], unit: int) -> BarChart:
    """Return bars for pairs of values, none of which is drawn below zero.

    `unit`: the smallest step of the scale, such as 100 for an amount in cents.
    """
    top = round_up(max([value for pair in pairs for value in pair], default=0), unit)
    drawn = [
        (_bar(number * _STEP + 1, before, top), _bar(number * _STEP + 1.2 + _BAR, value, top))
        for number, (before, value) in enumerate(pairs)
    ]
    lines = [(100 - 25 * n, top * n // 4) for n in range(5)]
    return BarChart(len(pairs) * _STEP, drawn, lines)


def _bar(x: float, value: int, top: int) -> Bar:
    height = round(HEIGHT * max(value, 0) / top, 2)
    return Bar(round(x, 2), round(HEIGHT - height, 2), _BAR, height)


def round_up(value: int, unit: int) -> int:
    """Return the first of 4, 8, 20, 40, 80, 200… units that is not below `value`."""
    size = unit
    while True:
        for factor in (4, 8, 20):
            if factor * size >= value:
                return factor * size
        size *= 10


def draw_line(values: Sequence[int]) -> str:
    """Return the points of a line through `values`, for a drawing 100 wide and 24 high."""
    top = max([1, *values])
    last = max(1, len(values) - 1)
    points = (
        (100 * place / last, 22 - 20 * max(0, value) / top) for place, value in enumerate(values)
    )
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
