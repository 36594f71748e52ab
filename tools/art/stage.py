"""The studio: paper sweep, props, light, and the shadows things throw on it."""

from tools.art.canvas import DOWN, Canvas
from tools.art.palette import dark, light, mix
from tools.art.scene import GROUND, HEIGHT, PLINTH_HEIGHT, WIDTH
from tools.art.shapes import circle, ellipse, group, line, path, rect

HORIZON = 742
_PLINTH = (400, GROUND - PLINTH_HEIGHT, 246, 40)


def paper(a: Canvas, size: tuple[int, int] = (WIDTH, HEIGHT), *, flat: bool = False) -> None:
    """The backdrop, seen from the front or (flat) from above, with its props and its light.

    size is that of the sheet in pixels; props are placed for the usual 800 x 1000.
    """
    width, height = size
    tones, dim = a.scene.tones, a.scene.is_dark
    if flat:
        fall = [(0, tones.wall), (1, mix(tones.wall_low, tones.floor_near, 0.5))]
        a.add(rect(0, 0, width, height, fill=a.linear(fall, (0, 0, 0.8, 1))))
    else:
        middle = mix(tones.wall, tones.wall_low, 0.55)
        fall = [(0, tones.wall), (0.55, middle), (1, tones.wall_low)]
        a.add(rect(0, 0, width, height, fill=a.linear(fall, DOWN)))
        _prop(a)
        # The floor fades in: paper is swept, it has no horizon.
        start = HORIZON - 70 if height == HEIGHT else height * 0.62
        floor = [(0, tones.floor, 0), (0.28, tones.floor, 1), (1, tones.floor_near, 1)]
        a.add(rect(0, start, width, height - start, fill=a.linear(floor, DOWN)))
        a.glow(width * 0.38, height * 0.86, width * 0.65, 150, "#fff", 0.12 if dim else 0.4)
    _gobo(a)
    a.glow(width * 0.29, height * 0.26, width * 0.66, height * 0.54, "#fff", 0.13 if dim else 0.5)
    edge = dark(tones.wall_low, 0.75)
    fade = [(0, "#000", 0), (0.62, "#000", 0), (1, edge, 0.38 if dim else 0.2)]
    a.add(rect(0, 0, width, height, fill=a.radial(fall_off(fade), 0.45, 0.43, 0.86)))


def fall_off(stops: list[tuple[float, str, float]]) -> list[tuple[float, str, float]]:
    """The vignette's stops with its clear middle in the edge's colour, which leaves no grey."""
    edge = stops[-1][1]
    return [(offset, edge, opacity) for offset, _, opacity in stops]


def plinth(a: Canvas) -> None:
    """A round stand in the tone of the paper; what stands on it uses the scene's ground."""
    tones = a.scene.tones
    cx, top, rx, ry = _PLINTH
    foot, accent = GROUND + 40, tones.accent
    shadow = dark(tones.floor_near, 0.75)
    a.add(ellipse(460, foot + 6, 330, 46, fill=shadow, opacity=0.42, blur="b18"))
    side = [
        (0, dark(accent, 0.2)), (0.2, light(accent, 0.25)), (0.36, light(accent, 0.42)),
        (0.6, accent), (1, dark(accent, 0.34)),
    ]  # fmt: skip
    drum = f"M{cx - rx} {top} v{foot - top} a{rx} {ry} 0 0 0 {2 * rx} 0 v{top - foot}Z"
    lid = [(0, light(accent, 0.55)), (1, dark(accent, 0.06))]
    a.add(
        path(drum, fill=a.linear(side)),
        ellipse(cx, top, rx, ry, fill=a.linear(lid, (0, 0, 1, 0.4))),
        ellipse(cx, top, rx, ry, fill="none", stroke="#fff", stroke_opacity=0.55),
    )


def shadow(
    a: Canvas, cx: float, y: float, half: float, *,
    depth: float = 0.16, cast: float = 1.0, strength: float = 1.0,
) -> None:  # fmt: skip
    """The shadow of a standing thing: wide and soft, cast to the right, tight where it touches.

    half is half the width of the foot, depth its depth as a share of that, cast the length of
    the middle part (0.3 or less: none). Without the tight line things float.
    """
    colour, opacity = a.shadow_colour, (1.35 if a.scene.is_dark else 1) * strength
    look = {}
    if a.scene.plinth:
        cast, half = min(cast, 0.3), min(half, 200)
        look = {"clip": a.clip(ellipse(*_PLINTH))}
    wide = a.radial([
        (0, colour, min(1, 0.62 * opacity)), (0.4, colour, min(1, 0.34 * opacity)),
        (0.75, colour, 0.08 * opacity), (1, colour, 0),
    ])  # fmt: skip
    with a.group(**look):
        a.add(ellipse(cx + half * 0.2, y + 5, half * 1.75, half * depth * 1.7 + 18, fill=wide))
        if cast > 0.3:
            a.add(path(
                f"M{cx - half * 0.85} {y} L{cx + half * 0.95} {y - 2} "
                f"L{cx + half * (1 + 1.15 * cast)} {y + half * 0.3 + 8} "
                f"L{cx + half * 0.2} {y + half * 0.34 + 10}Z",
                fill=colour, opacity=0.27 * opacity, blur="b18",
            ))  # fmt: skip
        tight = max(5, half * depth * 0.42)
        touch = min(1, 0.55 * opacity)
        a.add(ellipse(cx + half * 0.04, y + 1, half, tight, fill=colour, opacity=touch, blur="b5"))


def drop_shadow(a: Canvas, shape: str, dx: float, dy: float, opacity: float) -> None:
    """The shadow of a thing lying on the paper: once far and soft, once near and tight."""
    for share, strength, blur in ((1, 1, "b18"), (0.24, 1.15, "b5")):
        a.add(group(
            shape, transform=f"translate({dx * share} {dy * share})",
            fill=a.shadow_colour, opacity=opacity * strength, blur=blur,
        ))  # fmt: skip


def caustic(a: Canvas, x: float, colour: str, reach: float = 150) -> None:
    """Light that came through coloured glass, on the floor to the right of it."""
    y = a.ground
    a.add(
        ellipse(x, y + 34, reach, 26, fill=light(colour, 0.15), opacity=0.55, blur="b18"),
        ellipse(x - 14, y + 26, reach * 0.4, 9, fill="#fff", opacity=0.5, blur="b10"),
    )


def _prop(a: Canvas) -> None:
    accent = a.scene.tones.accent
    if a.scene.prop == "arch":
        d = f"M190 {HORIZON} V360 a210 210 0 0 1 420 0 V{HORIZON}"
        fall = a.linear([(0, light(accent, 0.28)), (1, dark(accent, 0.1))], (0, 0, 0.9, 1))
        a.add(path(d + "Z", fill=fall, opacity=0.95), line(d, "#fff", 2, stroke_opacity=0.35))
    elif a.scene.prop == "disc":
        fall = a.linear([(0, light(accent, 0.34)), (1, dark(accent, 0.1))], (0, 0, 0.8, 1))
        a.add(circle(430, 420, 270, fill=fall))


def _gobo(a: Canvas) -> None:
    dim = a.scene.is_dark
    if a.scene.gobo == "window":
        panes = (
            path(f"M{90 + column * 150} {90 + row * 190} l120 -34 v160 l-120 34 Z")
            for column in range(3)
            for row in range(3)
        )
        place = "translate(40 10) skewX(-9)"
        opacity = 0.16 if dim else 0.42
        a.add(group(*panes, fill="#fff", opacity=opacity, blur="b10", transform=place))
    elif a.scene.gobo == "leaf":
        colour = dark(a.scene.tones.wall_low, 0.7)
        branches = (
            _branch(860, 30, 158, 1.15), _branch(700, -60, 128, 1.0), _branch(900, 250, 172, 0.9),
        )  # fmt: skip
        a.add(group(*branches, fill=colour, opacity=0.34 if dim else 0.17, blur="b10"))


def _branch(x: float, y: float, angle: float, size: float) -> str:
    leaves = (
        path(
            "M0 0 C40 -46 120 -52 178 -14 C120 22 44 24 0 0Z",
            transform=f"translate({60 + place * 52} 0) rotate({(-1) ** place * 38 - 4})",
        )
        for place in range(7)
    )
    twig = path("M0 -3 L450 -1 V1 L0 3Z")
    return group(twig, *leaves, transform=f"translate({x} {y}) rotate({angle}) scale({size})")
