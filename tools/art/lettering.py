"""Words and small signs on labels, in the shop's own two typefaces."""

import math
from typing import Any

from tools.art.canvas import ACROSS, Canvas
from tools.art.shapes import circle, element, group, line, path, rect

SERIF = "'Cormorant Garamond Light'"
SANS = "'Instrument Sans'"


def words(
    a: Canvas, x: float, y: float, text: str, size: float, fill: str, *,
    spacing: float = 0, face: str = SERIF, weight: int = 500, **look: Any,
) -> None:  # fmt: skip
    """A centred line of text on a baseline; size and letter spacing in pixels."""
    # Letter spacing also follows the last letter: half of it moves the line back to the middle.
    place = f'x="{x + spacing / 2}" y="{y}" font-family="{face}" font-size="{size}"'
    kind = f' font-weight="{weight}" letter-spacing="{spacing}" fill="{fill}"'
    a.add(element("text", f'{place}{kind} text-anchor="middle"', look, text))


def small(a: Canvas, x: float, y: float, text: str, size: float, fill: str, **look: Any) -> None:
    """A centred line of small spaced sans capitals."""
    words(a, x, y, text, size, fill, spacing=size * 0.22, face=SANS, weight=400, **look)


def label(
    a: Canvas, box: tuple[float, float, float, float], emblem_name: str, title: tuple[str, ...],
    foot: str, ink: str = "#2c2419", rule: str = "#8f7646",
) -> None:  # fmt: skip
    """A paper label on a bottle or jar: sign, one or two lines of serif, a line of sans.

    box is x, y, width, height in pixels; the words shrink until they fit the width.
    """
    x, y, width, height = box
    middle, step = x + width / 2, height / 100
    shine = a.linear([(0, "#000", 0.13), (0.3, "#fff", 0.2), (1, "#000", 0.16)], ACROSS)
    a.add(
        rect(x, y, width, height, 2, fill="#faf6ee"),
        rect(x, y, width, height, 2, fill=shine),
        rect(x + 7, y + 7, width - 14, height - 14, fill="none", stroke=rule),
        emblem(emblem_name, middle, y + 27 * step, 13 * step, rule),
    )
    size = min(fitting(line_, width - 30) for line_ in title)
    size = min(size, (23 if len(title) == 1 else 18) * step)
    for place, text in enumerate(title):
        baseline = y + ((61 if len(title) == 1 else 55) + place * 19) * step
        words(a, middle, baseline, text, size, ink, spacing=size * 0.13)
    small(a, middle, y + 88 * step, foot, 8 * step, rule)


def fitting(text: str, width: float) -> float:
    """The largest size in pixels at which spaced serif capitals stay within a width."""
    return width / (len(text) * 0.80)


def emblem(name: str, cx: float, cy: float, radius: float, colour: str) -> str:
    """A sign that stands for no house in particular: sun, moon, star, fan or leaf."""
    inner = "".join(_EMBLEMS[name](colour))
    return group(inner, transform=f"translate({cx} {cy}) scale({radius / 10})")


def _sun(colour: str) -> list[str]:
    rays = (
        line(f"M{6 * math.sin(t)} {6 * math.cos(t)} L{10 * math.sin(t)} {10 * math.cos(t)}",
             colour, 0.8)
        for t in (turn * math.pi / 8 for turn in range(16))
    )  # fmt: skip
    return [circle(0, 0, 3.6, fill="none", stroke=colour, stroke_width=0.9), *rays]


def _moon(colour: str) -> list[str]:
    star = "M6 -6 Q6.3 -4.3 8 -4 Q6.3 -3.7 6 -2 Q5.7 -3.7 4 -4 Q5.7 -4.3 6 -6Z"
    return [path("M2 -9 A9 9 0 1 0 8 5 A7.6 7.6 0 1 1 2 -9Z", fill=colour), path(star, fill=colour)]


def _star(colour: str) -> list[str]:
    d = "M0 -10 Q1 -1 10 0 Q1 1 0 10 Q-1 1 -10 0 Q-1 -1 0 -10Z"
    return [path(d, fill=colour), circle(0, 0, 6.4, fill="none", stroke=colour, stroke_width=0.5)]


def _fan(colour: str) -> list[str]:
    blades = (
        line(f"M0 8 L{15 * math.sin(t)} {8 - 15 * math.cos(t)}", colour, 0.8)
        for t in (math.radians(angle) for angle in range(-60, 61, 20))
    )
    arcs = (
        line(f"M{-r * 0.87} {8 - r / 2} A{r} {r} 0 0 1 {r * 0.87} {8 - r / 2}", colour, 0.8)
        for r in (8, 15)
    )
    return [*blades, *arcs]


def _leaf(colour: str) -> list[str]:
    leaves = [
        path("M0 0 Q4 -4 9 -2.6 Q5 1.4 0 0Z", fill=colour, transform=f"translate(0 {y}) {flip}")
        for y in (-3, 2, 7)
        for flip in ("", "scale(-1 1)")
    ]
    return [
        line("M0 10 V-6", colour, 0.8), path("M0 -5 Q-3 -8 0 -11 Q3 -8 0 -5Z", fill=colour), *leaves
    ]  # fmt: skip


_EMBLEMS = {"sun": _sun, "moon": _moon, "star": _star, "fan": _fan, "leaf": _leaf}
