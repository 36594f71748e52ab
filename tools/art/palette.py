"""Colours: the backdrops, the metals, and the three ways one colour is made from another."""

from typing import NamedTuple

Stop = tuple[float, str] | tuple[float, str, float]
"""A gradient stop: offset 0 to 1, colour, opacity 0 to 1 (1 if left out)."""


class Backdrop(NamedTuple):
    """A sheet of paper swept from wall to floor."""

    wall: str
    wall_low: str
    floor: str
    floor_near: str
    accent: str


BACKDROPS = {
    "bone": Backdrop("#f3efe8", "#e2dacd", "#efe9df", "#dcd3c5", "#e9e2d6"),
    "clay": Backdrop("#ecdccf", "#d6bba8", "#e6d2c3", "#cbab96", "#dfc7b7"),
    "sage": Backdrop("#e6e9df", "#c5cdba", "#dde2d4", "#b8c2ac", "#d2d9c7"),
    "mist": Backdrop("#e8ecef", "#c9d2d9", "#e0e6ea", "#bac5ce", "#d5dde3"),
    "blush": Backdrop("#f5e8e4", "#e2c6c0", "#efdcd7", "#d6b5ae", "#ead3cd"),
    "sand": Backdrop("#f1e8d6", "#dac6a2", "#eadcc1", "#cdb68d", "#e3d2b2"),
    "ink": Backdrop("#353a42", "#16181c", "#2a2e35", "#111316", "#30353d"),
    "moss": Backdrop("#3c483f", "#1a211c", "#303a33", "#141a16", "#364138"),
    "wine": Backdrop("#54272f", "#260e13", "#431d25", "#1c0a0e", "#4b222a"),
}
DARK = frozenset({"ink", "moss", "wine"})

METALS = {
    "gold": ("#4d3712", "#a97c32", "#fff3cf", "#dcb263", "#85601f", "#efd28f", "#6a4a16"),
    "silver": ("#4b4f54", "#aab0b6", "#ffffff", "#ccd2d7", "#757b82", "#eceff1", "#5f646a"),
    "rose": ("#673a2f", "#c08672", "#ffeae0", "#dba48f", "#93594a", "#f3d0c2", "#734336"),
    "black": ("#030304", "#17181b", "#73777f", "#2b2d31", "#0a0b0c", "#3d4046", "#050506"),
    "ivory": ("#a89e8c", "#dcd4c5", "#ffffff", "#f1ece2", "#c4bba9", "#f8f5ef", "#b3a996"),
    "bronze": ("#2f2016", "#6d4d36", "#d8b595", "#8d684a", "#3f2b1d", "#a27d5e", "#33231a"),
}
"""Seven tones a metal, with hard jumps between light and dark: that is what makes it metal.

By place: 0 deepest, 1 middle, 2 glint, 3 body, 4 shade, 5 bounce, 6 edge.
"""
METAL_OFFSETS = (0, 0.12, 0.27, 0.42, 0.68, 0.86, 1)


def mix(first: str, second: str, share: float) -> str:
    """The colour that lies the given share (0 to 1) of the way from the first to the second."""
    pairs = zip(_rgb(first), _rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def dark(colour: str, share: float) -> str:
    """The colour towards a warm black."""
    return mix(colour, "#0d0a08", share)


def light(colour: str, share: float) -> str:
    """The colour towards white."""
    return mix(colour, "#ffffff", share)


def luminance(colour: str) -> float:
    """How bright a colour looks, 0 to 1: enough to choose dark or light lettering."""
    red, green, blue = _rgb(colour)
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


def barrel(colour: str, edge: float = 0.5, glint: float = 0.32) -> list[Stop]:
    """Stops across a round body: dark edges, one glint left of the middle."""
    return [
        (0, dark(colour, edge)),
        (0.14, dark(colour, 0.06)),
        (0.3, light(colour, glint)),
        (0.42, light(colour, glint * 0.35)),
        (0.62, colour),
        (0.88, dark(colour, edge * 0.7)),
        (1, dark(colour, edge * 1.15)),
    ]


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
