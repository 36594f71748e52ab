"""For the house: vase, lounge chair, table lamp, candlesticks."""

import math
from itertools import pairwise

from tools.art.canvas import DOWN, SLANT, Canvas
from tools.art.motifs.fragrance import flame
from tools.art.palette import METALS, barrel, dark, light, mix
from tools.art.scene import GROUND
from tools.art.shapes import circle, ellipse, group, line, path, rect
from tools.art.stage import shadow

STEMS = ((-150, -250), (-60, -330), (30, -300), (120, -230), (-110, -150))
LEAVES = ("#7c8a68", "#a98e63", "#8a6a4f")


def vase(a: Canvas, *, glaze: str, kind: int) -> None:
    """A stoneware vase with leafy stems; kind is 0 round, 1 amphora, 2 slim-necked."""
    g = a.ground
    top = g - 352
    lip, neck = (top, top - 6, top - 40)[kind], (48, 70, 32)[kind]
    shadow(a, 400, g, 104, cast=1.5)
    for x, y in STEMS:
        _stem(a, x, y, top, LEAVES[kind])
    body = path(_OUTLINES[kind](g, top))
    clay = [(0, dark(glaze, 0.46)), (0.12, dark(glaze, 0.16)), (0.3, light(glaze, 0.6)),
            (0.42, light(glaze, 0.25)), (0.66, dark(glaze, 0.08)), (0.88, dark(glaze, 0.38)),
            (1, dark(glaze, 0.52))]  # fmt: skip
    a.add(group(body, fill=a.linear(clay)))
    a.shade(body, 0.12, 0.34)
    a.texture(body, "leather", 0.16)
    pick = a.random.uniform
    speckles = (circle(pick(250, 550), pick(top, g), pick(0.7, 2.3), opacity=pick(0.15, 0.5))
                for _ in range(110))  # fmt: skip
    with a.group(clip=a.clip(body)):
        a.add(group(*speckles, fill=dark(glaze, 0.6)),
              ellipse(316, top + 200, 20, 78, fill="#fff", opacity=0.5, blur="b18"))  # fmt: skip
    rim = (400, lip, neck, neck * 0.19)
    a.add(ellipse(*rim, fill=dark(glaze, 0.72)),
          ellipse(*rim, fill="none", stroke=light(glaze, 0.5), stroke_width=4))  # fmt: skip
    for x, _ in STEMS:
        near = (f"M{400 + x * 0.1} {lip + neck * 0.15} Q{400 + x * 0.13} {lip - 20} "
                f"{400 + x * 0.17} {lip - 46}")  # fmt: skip
        a.add(line(near, dark(LEAVES[kind], 0.35), 3.4))


def _round(g: float, top: float) -> str:
    return (
        f"M352 {top} C352 {top + 70} 262 {top + 110} 254 {top + 214} "
        f"C250 {top + 300} 306 {g} 342 {g} H458 C494 {g} 550 {top + 300} 546 {top + 214} "
        f"C538 {top + 110} 448 {top + 70} 448 {top}Z"
    )


def _amphora(g: float, top: float) -> str:
    return (
        f"M330 {top - 6} C344 {top + 60} 300 {top + 90} 288 {top + 150} "
        f"C268 {top + 250} 300 {g} 330 {g} H470 C500 {g} 532 {top + 250} 512 {top + 150} "
        f"C500 {top + 90} 456 {top + 60} 470 {top - 6}Z"
    )


def _slim(g: float, top: float) -> str:
    return (
        f"M368 {top - 40} C368 {top + 90} 360 {top + 100} 300 {top + 160} "
        f"C236 {top + 226} 250 {g} 330 {g} H470 C550 {g} 564 {top + 226} 500 {top + 160} "
        f"C440 {top + 100} 432 {top + 90} 432 {top - 40}Z"
    )


_OUTLINES = (_round, _amphora, _slim)


def _stem(a: Canvas, dx: float, dy: float, top: float, leaf: str) -> None:
    start, end = (400 + dx * 0.1, top + 30), (400 + dx, top + dy)
    bend = (400 + dx * 0.25, top + dy * 0.55)
    d = f"M{start[0]} {start[1]} Q{bend[0]} {bend[1]} {end[0]} {end[1]}"
    a.add(line(d, dark(leaf, 0.35), 3.4, stroke_linecap="round"))
    pick = a.random.uniform
    for node in range(2, 10):
        t = node / 9
        u = 1 - t
        x, y = (u * u * p + 2 * u * t * q + t * t * r
                for p, q, r in zip(start, bend, end, strict=True))  # fmt: skip
        run, rise = (2 * u * (q - p) + 2 * t * (r - q)
                     for p, q, r in zip(start, bend, end, strict=True))  # fmt: skip
        angle = math.degrees(math.atan2(rise, run))
        for side in (-1, 1):
            size = 46 * (1 - 0.45 * t) + pick(-6, 6)
            shade = mix(leaf, "#ffffff", pick(0.02, 0.3)) if side < 0 else dark(leaf, pick(0, 0.25))
            blade = (f"M0 0 Q{size * 0.45} {-side * size * 0.34} {size} 0 "
                     f"Q{size * 0.5} {side * size * 0.2} 0 0Z")  # fmt: skip
            turn = angle + side * (52 + pick(-9, 9))
            a.add(path(blade, fill=shade, transform=f"translate({x} {y}) rotate({turn})"))


def chair(a: Canvas, *, cloth: str, wood: str) -> None:
    """A round lounge chair in boucle on four tapered legs."""
    g = GROUND + 22
    shadow(a, 400, g, 250, cast=0.55, depth=0.12, strength=0.95)
    for x, splay in ((226, -12), (574, 12)):
        leg = f"M{x - 13} {g - 120} H{x + 13} L{x + splay + 7} {g} H{x + splay - 7}Z"
        grain = [(0, dark(wood, 0.45)), (0.35, light(wood, 0.28)), (1, dark(wood, 0.5))]
        a.add(path(leg, fill=a.linear(grain)))
    for x in (310, 490):
        hind = f"M{x - 9} {g - 110} H{x + 9} L{x + 5} {g - 26} H{x - 5}Z"
        a.add(path(hind, fill=dark(wood, 0.55)))
    seat = (f"M236 {g - 214} Q234 {g - 272} 292 {g - 276} Q400 {g - 286} 508 {g - 276} "
            f"Q566 {g - 272} 564 {g - 214} V{g - 150} Q400 {g - 120} 236 {g - 150}Z")  # fmt: skip
    _padding(a, f"M190 {g - 190} H610 L604 {g - 112} Q400 {g - 84} 196 {g - 112}Z", cloth, 0, 0.5)
    _padding(a, f"M172 {g - 150} C150 {g - 330} 150 {g - 520} 400 {g - 520} "
                f"C650 {g - 520} 650 {g - 330} 628 {g - 150} Z", cloth, 0.35)  # fmt: skip
    _crease(a, f"M262 {g - 270} C262 {g - 400} 300 {g - 440} 400 {g - 440} "
               f"C500 {g - 440} 538 {g - 400} 538 {g - 270}Z", cloth, 0.16, "b18")  # fmt: skip
    _crease(a, f"M232 {g - 300} H568 V{g - 240} H232Z", cloth, 0.48, "b18")
    _padding(a, seat, cloth, 0.5)
    _crease(a, f"M240 {g - 206} Q400 {g - 190} 560 {g - 206} V{g - 200} "
               f"Q400 {g - 182} 240 {g - 200}Z", cloth, 0.35, "b5")  # fmt: skip
    for s in (-1, 1):
        _crease(a, f"M{400 + s * 160} {g - 320} V{g - 120} H{400 + s * 150} "
                   f"Q{400 + s * 140} {g - 240} {400 + s * 160} {g - 320}Z",
                cloth, 0.45, "b10")  # fmt: skip
        _padding(a, (
            f"M{400 + s * 246} {g - 126} C{400 + s * 262} {g - 220} {400 + s * 262} {g - 300} "
            f"{400 + s * 236} {g - 334} C{400 + s * 216} {g - 356} {400 + s * 178} {g - 350} "
            f"{400 + s * 166} {g - 318} C{400 + s * 154} {g - 270} {400 + s * 160} {g - 180} "
            f"{400 + s * 164} {g - 118} Q{400 + s * 206} {g - 104} {400 + s * 246} {g - 126}Z"
        ), cloth, 0.5)  # fmt: skip
    _crease(a, f"M170 {g - 130} Q400 {g - 88} 630 {g - 130} L620 {g - 116} "
               f"Q400 {g - 82} 180 {g - 116}Z", cloth, 0.55, "b5")  # fmt: skip


def _padding(a: Canvas, d: str, cloth: str, top: float, bottom: float = 0.36) -> None:
    shape = path(d)
    across = [(0, dark(cloth, 0.27)), (0.14, light(cloth, 0.18)), (0.35, light(cloth, 0.45)),
              (0.62, cloth), (0.9, dark(cloth, 0.2)), (1, dark(cloth, 0.42))]  # fmt: skip
    deep = dark(cloth, 0.75)
    down = [(0, "#fff", top), (0.3, "#fff", 0), (0.6, deep, 0), (1, deep, bottom)]
    a.add(group(shape, fill=a.linear(across)), group(shape, fill=a.linear(down, DOWN)))
    a.texture(shape, "boucle", 0.5)


def _crease(a: Canvas, d: str, cloth: str, opacity: float, blur: str) -> None:
    a.add(path(d, fill=dark(cloth, 0.78), opacity=opacity, blur=blur))


def lamp(a: Canvas, *, shade: str, metal: str) -> None:
    """A lit table lamp: a glowing dome on a metal stem."""
    g = a.ground
    y = g - 372
    a.glow(400, y + 150, 470, 420, "#ffd79a", 0.5 if a.scene.is_dark else 0.7)
    shadow(a, 400, g, 118)
    a.add(
        ellipse(400, g - 4, 230, 26, fill="#ffe6b8", opacity=0.5, blur="b18"),
        rect(386, y + 96, 28, g - y - 120, fill=a.metal(metal)),
    )
    foot = path(f"M288 {g - 6} C288 {g - 44} 352 {g - 52} 380 {g - 70} H420 "
                f"C448 {g - 52} 512 {g - 44} 512 {g - 6} a112 14 0 0 1 -224 0Z")  # fmt: skip
    a.add(group(foot, fill=a.metal(metal)))
    a.shade(foot, 0.2, 0.35)
    dome = path(f"M196 {y + 104} C190 {y - 60} 280 {y - 140} 400 {y - 140} "
                f"C520 {y - 140} 610 {y - 60} 604 {y + 104} Q500 {y + 74} 400 {y + 74} "
                f"Q300 {y + 74} 196 {y + 104}Z")  # fmt: skip
    across = [(0, dark(shade, 0.34)), (0.13, dark(shade, 0.08)), (0.32, light(shade, 0.55)),
              (0.6, shade), (0.9, dark(shade, 0.24)), (1, dark(shade, 0.4))]  # fmt: skip
    lit = [(0, "#fff", 0.1), (0.45, "#ffcf87", 0.1), (0.82, "#ffbf66", 0.55), (1, "#ffd899", 0.8)]
    edge = f"M196 {y + 104} Q300 {y + 74} 400 {y + 74} Q500 {y + 74} 604 {y + 104}"
    a.add(
        ellipse(400, y + 104, 196, 34, fill="#fff1cf"),
        ellipse(400, y + 112, 130, 18, fill="#fff", blur="b10"),
        group(dome, fill=a.linear(across)),
        group(dome, fill=a.linear(lit, DOWN)),
        ellipse(306, y - 40, 26, 60, fill="#fff", opacity=0.6, blur="b18",
                transform=f"rotate(24 306 {y - 40})"),
        line(edge, "#fff6df", 3, opacity=0.9),
        ellipse(400, y - 142, 22, 9, fill=a.metal(metal)),
        circle(400, y - 158, 13, fill=a.bead(metal)),
    )  # fmt: skip


def candlestick(a: Canvas, *, metal: str, wax: str) -> None:
    """Two turned candlesticks, the taller behind, each with a lit taper."""
    g = a.ground
    a.glow(478, g - 560, 190, 190, "#ffcb7d", 0.55)
    a.glow(290, g - 440, 180, 180, "#ffcb7d", 0.5)
    _stick(a, 478, g - 14, 1.0, 292, metal, wax)
    _stick(a, 290, g, 1.05, 176, metal, wax)


def _stick(
    a: Canvas, cx: float, y: float, size: float, height: float, metal: str, wax: str
) -> None:  # fmt: skip
    shadow(a, cx, y, 84 * size, cast=1.6, depth=0.18)
    with a.group(transform=f"translate({cx} {y}) scale({size})"):
        _turned(a, height, metal)
        _taper(a, -height - 42, wax)


def _turned(a: Canvas, height: float, metal: str) -> None:
    """The stick: foot, knops and stem mirrored about its axis, standing on 0, 0."""
    tones, h = METALS[metal], height
    half = [
        (82, 0), (82, -8), (74, -16), (46, -24), (28, -34), (24, -44), (33, -52), (33, -60),
        (20, -68), (13, -84), (12, -h + 84), (18, -h + 68), (30, -h + 56), (30, -h + 48),
        (17, -h + 38), (15, -h + 20), (24, -h + 4), (40, -h - 6), (40, -h - 14), (24, -h - 18),
        (24, -h - 42),
    ]  # fmt: skip
    d = _smooth(half)
    # Each part has its own run of tones: one as wide as the foot leaves the thin stem flat.
    parts = (
        (-24, 16, 82), (-68, -24, 33), (-h + 70, -68, 17), (-h + 36, -h + 70, 30),
        (-h + 4, -h + 36, 20), (-h - 18, -h + 4, 40), (-h - 43, -h - 18, 24),
    )  # fmt: skip
    with a.group(clip=a.clip(path(d))):
        for top, low, reach in parts:
            a.add(rect(-reach, top - 1, 2 * reach, low - top + 2, fill=a.metal(metal)))
    a.shade(path(d), 0.1, 0.26)
    # Every ring catches the light on its upper edge and is dark beneath.
    for radius, ring in ((80, -12), (33, -56), (30, -h + 52), (40, -h - 10)):
        a.add(
            line(f"M{-radius} {ring} Q0 {ring + radius * 0.16} {radius} {ring}", tones[2], 2.4,
                 opacity=0.75),
            line(f"M{-radius + 4} {ring + 9} Q0 {ring + 9 + radius * 0.16} {radius - 4} {ring + 9}",
                 tones[0], 5, opacity=0.4, blur="b2"),
        )  # fmt: skip
    a.add(ellipse(0, -h - 42, 24, 5, fill=tones[4]))
    a.add(ellipse(0, -h - 42, 24, 5, fill="none", stroke=tones[2], stroke_width=1.6))
    a.add(rect(-6, -h + 84, 2.6, h - 168, fill="#fff", opacity=0.7, blur="b2"))
    # What the flame and the window do on the rounds: without it dark metal looks like wood.
    for x, ring, rx, ry in ((-34, -11, 16, 3.4), (-15, -57, 6, 5), (-13, -h + 52, 5, 5),
                            (-17, -h - 11, 8, 3)):  # fmt: skip
        a.add(ellipse(x, ring, rx, ry, fill="#fff", opacity=0.85, blur="b2"))
    warm = [(0, "#ffcf87", 0.22), (0.25, "#ffcf87", 0.06), (1, "#ffcf87", 0)]
    a.add(path(d, fill=a.linear(warm, DOWN)))


def _smooth(half: list[tuple[float, float]]) -> str:
    """A closed outline through the points of a right half and their mirror images."""
    points = half + [(-x, y) for x, y in reversed(half)]
    d = f"M{points[0][0]} {points[0][1]}"
    for (x1, y1), (x2, y2) in pairwise(points):
        d += f" C{x1} {(y1 + y2) / 2} {x2} {(y1 + y2) / 2} {x2} {y2}"
    return d + " Q0 16 " + f"{half[0][0]} {half[0][1]}Z"


def _taper(a: Canvas, y: float, wax: str) -> None:
    tall = 190
    d = f"M-15 {y} L-11 {y - tall} Q0 {y - tall - 8} 11 {y - tall} L15 {y} Q0 {y + 5} -15 {y}Z"
    a.add(path(d, fill=a.linear(barrel(wax, 0.3, 0.4))))
    warm = [(0, "#ffdf9e", 0.9), (0.22, "#ffd28a", 0), (1, "#ffd28a", 0)]
    a.add(path(d, fill=a.linear(warm, DOWN)))
    drip = f"M-12 {y - tall + 4} q-3 30 1 46 q3 6 5 -2 q1 -22 2 -44Z"
    a.add(path(drip, fill=light(wax, 0.4), opacity=0.8))
    a.add(ellipse(0, y - tall - 1, 11, 3.6, fill=a.linear([(0, light(wax, 0.5)), (1, wax)], SLANT)))
    flame(a, 0, y - tall - 6, 0.56)
