"""SVG elements as strings: plain shapes with a look given by keyword.

Keywords become attributes (stroke_width is stroke-width). Three are short for something longer:
blur="b5" is the filter of that name, clip="url(#c1)" a clip path, blend="multiply" a blend mode.
"""

from collections.abc import Iterable
from typing import Any

Points = Iterable[tuple[float, float]]


def element(name: str, geometry: str, look: dict[str, Any], inner: str = "") -> str:
    """One element of any name."""
    attributes = "".join(_attribute(key, value) for key, value in look.items())
    end = f">{inner}</{name}>" if inner else "/>"
    return f"<{name}{' ' if geometry else ''}{geometry}{attributes}{end}"


def rect(x: float, y: float, width: float, height: float, radius: float = 0, **look: Any) -> str:
    """A rectangle from its upper left corner, with round corners if a radius is given."""
    size = f'x="{x}" y="{y}" width="{width}" height="{height}"'
    return element("rect", size + (f' rx="{radius}"' if radius else ""), look)


def ellipse(cx: float, cy: float, rx: float, ry: float, **look: Any) -> str:
    """An ellipse around a centre."""
    return element("ellipse", f'cx="{cx}" cy="{cy}" rx="{rx}" ry="{ry}"', look)


def circle(cx: float, cy: float, radius: float, **look: Any) -> str:
    """A circle around a centre."""
    return element("circle", f'cx="{cx}" cy="{cy}" r="{radius}"', look)


def path(d: str, **look: Any) -> str:
    """A filled path."""
    return element("path", f'd="{d}"', look)


def line(d: str, paint: str, width: float, **look: Any) -> str:
    """A stroked path without a fill."""
    return element("path", f'd="{d}" fill="none" stroke="{paint}" stroke-width="{width}"', look)


def polygon(points: Points, **look: Any) -> str:
    """A closed polygon."""
    return element("polygon", f'points="{" ".join(f"{x},{y}" for x, y in points)}"', look)


def group(*content: str, **look: Any) -> str:
    """Several elements that share a look."""
    return element("g", "", look, "".join(content))


def polyline(points: Points) -> str:
    """The path data of an open line through points."""
    return "M" + " L".join(f"{x} {y}" for x, y in points)


def _attribute(key: str, value: Any) -> str:
    if key == "blur":
        return f' filter="url(#{value})"'
    if key == "clip":
        return f' clip-path="{value}"'
    if key == "blend":
        return f' style="mix-blend-mode:{value}"'
    return f' {key.replace("_", "-")}="{value}"'
