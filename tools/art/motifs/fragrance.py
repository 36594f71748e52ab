"""Perfume and what scents a room: perfume, flacon, candle, diffuser."""

from tools.art.canvas import DOWN, Canvas
from tools.art.glass import edges, streaks
from tools.art.lettering import emblem, label, small, words
from tools.art.palette import METALS, dark, light
from tools.art.shapes import circle, ellipse, group, line, path, rect
from tools.art.stage import caustic, shadow


def perfume(a: Canvas, *, liquid: str, metal: str, cap: str, emblem: str) -> None:
    """A square bottle of clear glass with a heavy base, a paper label and a lacquered cap."""
    g, x, w, h = a.ground, 262, 276, 330
    y = g - h
    shadow(a, 400, g, 150, cast=1.2)
    caustic(a, 560, liquid)
    body = rect(x, y, w, h, 34)
    tint = [(0, light(liquid, 0.78), 0.96), (0.5, light(liquid, 0.88), 0.86),
            (1, light(liquid, 0.6), 0.96)]  # fmt: skip
    a.add(group(body, fill=a.linear(tint)))
    _liquid(a, liquid, x + 22, y + 86, w - 44, h - 114)
    with a.group(clip=a.clip(body)):
        base = [(0, "#fff", 0.75), (0.5, light(liquid, 0.4), 0.35), (1, dark(liquid, 0.4), 0.55)]
        a.add(rect(x, y + h - 30, w, 30, fill=a.linear(base, DOWN)))
        edges(a, x, y, w, h, 34, liquid)
        streaks(a, x, y, w, h)
        a.add(path(f"M{x + w * 0.58} {y} h58 l-120 {h} h-58Z", fill="#fff", opacity=0.12))
    label(a, (322, y + 128, 156, 126), emblem, ("EAU DE", "PARFUM"), "100 ml")
    a.add(
        rect(356, y - 26, 88, 30, 3, fill=a.metal(metal)),
        rect(356, y - 4, 88, 8, fill="#000", opacity=0.28),
        rect(330, y - 138, 140, 112, 9, fill=a.metal(cap)),
        rect(332, y - 137, 136, 9, 5, fill="#fff", opacity=0.24, blur="b2"),
        rect(330, y - 36, 140, 10, fill=a.metal(metal)),
    )


def _liquid(a: Canvas, liquid: str, x: float, y: float, w: float, h: float) -> None:
    d = f"M{x} {y} h{w} v{h - 22} a22 22 0 0 1 -22 22 h{44 - w} a22 22 0 0 1 -22 -22Z"
    across = [(0, dark(liquid, 0.3)), (0.14, liquid), (0.4, light(liquid, 0.34)), (0.75, liquid),
              (1, dark(liquid, 0.36))]  # fmt: skip
    down = [(0, "#fff", 0.25), (0.25, "#fff", 0), (0.7, liquid, 0), (1, dark(liquid, 0.8), 0.38)]
    a.add(
        path(d, fill=a.linear(across)),
        path(d, fill=a.linear(down, DOWN)),
        ellipse(x + w / 2, y + 1, w / 2, 6, fill=light(liquid, 0.5), opacity=0.9),
        rect(x + w / 2 - 2, y - 56, 4, h + 40, fill="#fff", opacity=0.35),
    )


def flacon(a: Canvas, *, liquid: str, metal: str) -> None:
    """A ball of glass on a small foot, lettered in white, with a metal ball for a stopper."""
    g, r = a.ground, 160
    cy = g - r + 12
    shadow(a, 400, g, 118, cast=1.3)
    caustic(a, 548, liquid)
    shell = [(0, light(liquid, 0.92), 0.9), (0.75, light(liquid, 0.72), 0.92),
             (1, light(liquid, 0.35), 0.98)]  # fmt: skip
    inside = [(0, light(liquid, 0.42)), (0.6, liquid), (1, dark(liquid, 0.34))]
    a.add(circle(400, cy, r, fill=a.radial(shell, 0.42, 0.38, 0.62)))
    with a.group(clip=a.clip(circle(400, cy, r - 16))):
        a.add(
            rect(200, cy - 46, 400, 400, fill=a.radial(inside, 0.42, 0.25, 0.62)),
            ellipse(400, cy - 46, r - 22, 13, fill=light(liquid, 0.6), opacity=0.95),
        )
    rim = {"fill": "none", "stroke": dark(liquid, 0.5), "stroke_opacity": 0.22, "stroke_width": 9}
    hot = f"M276 {cy - 24} A128 128 0 0 1 352 {cy - 116} A150 150 0 0 0 276 {cy - 24}Z"
    bounce = f"M520 {cy + 66} A138 138 0 0 1 430 {cy + 134} A150 150 0 0 0 520 {cy + 66}Z"
    a.add(
        circle(400, cy, r - 2, fill="none", stroke="#fff", stroke_opacity=0.8, stroke_width=4),
        circle(400, cy, r - 11, **rim),
        path(hot, fill="#fff", opacity=0.92, blur="b2"),
        path(bounce, fill="#fff", opacity=0.5, blur="b2"),
        ellipse(318, cy - 70, 16, 9, fill="#fff", opacity=0.95,
                transform=f"rotate(-48 318 {cy - 70})"),
    )  # fmt: skip
    foot = f"M308 {g - 14} q0 14 16 14 H476 q16 0 16 -14Z"
    a.add(path(foot, fill=a.linear([(0, "#fff", 0.8), (1, light(liquid, 0.3), 0.8)], DOWN)))
    words(a, 400, cy + 36, "PARFUM", 34, "#fffaf6", spacing=6)
    a.add(rect(372, cy + 50, 56, 1.4, fill="#fff", opacity=0.8))
    small(a, 400, cy + 72, "EXTRAIT 50 ml", 10, "#fffaf6")
    _ball_stopper(a, cy - r, metal)


def _ball_stopper(a: Canvas, y: float, metal: str) -> None:
    tones = METALS[metal]
    ball = [(0, "#fff"), (0.12, tones[2]), (0.5, tones[3]), (0.82, tones[4]), (1, tones[5])]
    crescent = f"M356 {y - 70} q44 34 90 4 q-14 40 -46 40 q-32 0 -44 -44Z"
    a.add(
        path(f"M366 {y + 8} h68 v-34 h-68Z", fill=a.metal(metal)),
        rect(360, y - 34, 80, 10, 3, fill=a.metal(metal)),
        circle(400, y - 88, 56, fill=a.radial(ball, 0.36, 0.32, 0.7)),
        ellipse(378, y - 112, 14, 9, fill="#fff", opacity=0.9,
                transform=f"rotate(-38 378 {y - 112})"),
        path(crescent, fill=tones[0], opacity=0.25, blur="b5"),
    )  # fmt: skip


def candle(a: Canvas, *, glass: str, emblem: str) -> None:
    """A lit candle in coloured glass; the light comes through the upper half."""
    wax = "#f7f1e4"
    g, w, h = a.ground, 268, 282
    x, y = 400 - w / 2, g - h
    shadow(a, 400, g, 150, cast=1.1)
    a.glow(400, y - 60, 300, 290, "#ffcb7d", 0.62)
    rim = f"M{x} {y} a{w / 2} 22 0 0 "
    body = path(f"M{x} {y} V{g - 24} q0 24 30 24 H{x + w - 30} q30 0 30 -24 V{y} "
                f"a{w / 2} 22 0 0 1 -{w} 0Z")  # fmt: skip
    pool = a.radial([(0, "#fff6dd"), (0.4, wax), (1, dark(wax, 0.22))], 0.5, 0.4, 0.6)
    a.add(
        ellipse(400, y, w / 2, 22, fill=dark(glass, 0.25), opacity=0.85),
        ellipse(400, y + 26, w / 2 - 12, 19, fill=pool),
        ellipse(400, y + 22, 46, 9, fill="#ffe9b0", opacity=0.95, blur="b5"),
    )
    flame(a, 400, y - 12)
    across = [(0, dark(glass, 0.62)), (0.12, dark(glass, 0.2)), (0.3, light(glass, 0.25)),
              (0.55, glass), (0.85, dark(glass, 0.38)), (1, dark(glass, 0.62))]  # fmt: skip
    lit = [(0, "#ffdf9e", 0.75), (0.5, "#ffc66b", 0.25), (1, dark(glass, 0.8), 0)]
    a.add(group(body, fill=a.linear(across), opacity=0.95),
          group(body, fill=a.radial(lit, 0.5, 0.06, 0.62)))  # fmt: skip
    a.shade(body, 0, 0.42)
    with a.group(clip=a.clip(body)):
        streaks(a, x, y - 30, w, h + 20, 0.6)
    a.add(line(f"{rim}0 {w} 0", "#fff", 3, stroke_opacity=0.75),
          line(f"{rim}1 {w} 0", "#fff", 2, stroke_opacity=0.35))  # fmt: skip
    label(a, (318, y + 88, 164, 132), emblem, ("BOUGIE", "PARFUMÉE"), "240 g")


def flame(a: Canvas, x: float, y: float, size: float = 1) -> None:
    """A wick and its flame, standing at a point on the wax."""
    outer = "M0 -100 C28 -58 30 -22 0 0 C-30 -22 -26 -54 0 -100Z"
    inner = "M0 -64 C12 -40 12 -24 0 -12 C-12 -24 -11 -40 0 -64Z"
    heat = [(0, "#fff3c4", 0.95), (0.45, "#ffc34f"), (0.85, "#f58a2a", 0.9), (1, "#5a7fd0", 0.35)]
    with a.group(transform=f"translate({x} {y}) scale({size})"):
        a.add(
            rect(-2.5, -2, 5, 38, 2, fill="#2a211a"),
            path(outer, fill=a.linear(heat, DOWN), blur="b2"),
            path(inner, fill="#fffbe8"),
        )


def diffuser(a: Canvas, *, glass: str, metal: str) -> None:
    """A bottle of room fragrance with rattan reeds."""
    g, w, h = a.ground, 214, 242
    x, y = 400 - w / 2, g - h
    shadow(a, 400, g, 116, cast=1.4)
    for dx, dy in ((-150, -292), (-78, -330), (-10, -346), (62, -332), (138, -300), (100, -318)):
        reed = f"L{400 + dx} {y + dy}"
        a.add(
            line(f"M{400 + dx * 0.06} {y + 20} {reed}", dark("#b08a5c", 0.35), 8,
                 stroke_linecap="round"),
            line(f"M{398 + dx * 0.06} {y + 20} {reed}", "#c9a576", 4.6, stroke_linecap="round"),
        )  # fmt: skip
    body = rect(x, y, w, h, 26)
    across = [(0, dark(glass, 0.5)), (0.14, glass), (0.3, light(glass, 0.32)), (0.6, glass),
              (1, dark(glass, 0.6))]  # fmt: skip
    a.add(group(body, fill=a.linear(across), opacity=0.97))
    a.shade(body, 0.14, 0.34)
    with a.group(clip=a.clip(body)):
        streaks(a, x, y - 6, w, h, 0.8)
        a.add(rect(x, y + h - 20, w, 6, fill="#fff", opacity=0.16, blur="b2"))
    tones = METALS[metal]
    a.add(
        rect(364, y - 34, 72, 38, 4, fill=a.metal(metal)),
        ellipse(400, y - 34, 36, 7, fill=tones[0]),
        ellipse(400, y - 34, 36, 7, fill="none", stroke=tones[2], stroke_width=2),
    )
    for dx, dy in ((-150, -292), (-78, -330), (-10, -346), (62, -332), (138, -300)):
        near = f"M{400 + dx * 0.16} {y - 30} L{400 + dx * 0.45} {y - 30 + (dy + 30) * 0.4}"
        a.add(line(near, "#c9a576", 5, stroke_linecap="round"))
    cream = "#f4efe6"
    a.add(emblem("sun", 400, y + 76, 17, cream))
    words(a, 400, y + 126, "DIFFUSEUR", 17, cream, spacing=3)
    a.add(rect(384, y + 143, 32, 1, fill=cream, opacity=0.7))
    small(a, 400, y + 164, "200 ml", 10, cream)
