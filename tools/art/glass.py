"""Glass is layers: these are the edges and the reflections every bottle shares."""

from tools.art.canvas import Canvas
from tools.art.palette import dark
from tools.art.shapes import rect


def edges(
    a: Canvas, x: float, y: float, w: float, h: float, radius: float, colour: str
) -> None:  # fmt: skip
    """The thick wall of clear glass around a box: a dark line outside, a bright one within."""
    outer = {"stroke": dark(colour, 0.55), "stroke_opacity": 0.38, "stroke_width": 7}
    inner = {"stroke": "#fff", "stroke_opacity": 0.85, "stroke_width": 3}
    a.add(
        rect(x, y, w, h, radius, fill="none", **outer),
        rect(x + 3, y + 3, w - 6, h - 6, radius - 3, fill="none", **inner),
    )


def streaks(
    a: Canvas, x: float, y: float, w: float, h: float, strength: float = 1
) -> None:  # fmt: skip
    """Reflections of the window on an upright wall: broad and thin left, faint right."""
    a.add(
        rect(x + 13, y + 34, 15, h - 84, 8, fill="#fff", opacity=0.72 * strength, blur="b2"),
        rect(x + 35, y + 40, 4, h - 120, 2, fill="#fff", opacity=0.42 * strength),
        rect(x + w - 23, y + 50, 7, h - 110, 4, fill="#fff", opacity=0.4 * strength, blur="b2"),
    )
