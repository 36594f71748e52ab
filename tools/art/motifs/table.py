"""For the table and the pantry: decanter, espresso cup, tea caddy, chocolates."""

import math

from tools.art.canvas import DOWN, SLANT, Canvas
from tools.art.lettering import emblem, small, words
from tools.art.palette import METALS, barrel, dark, light
from tools.art.shapes import circle, ellipse, group, line, path, polygon, rect
from tools.art.stage import caustic, drop_shadow, shadow

_GLASS = "#6f818f"


def decanter(a: Canvas, *, liquid: str) -> None:
    """A cut-crystal decanter, nearly full, with a faceted stopper."""
    g = a.ground
    y = g - 262
    shadow(a, 400, g, 150, cast=1.2)
    caustic(a, 560, liquid)
    outline = (
        f"M366 {y - 92} V{y - 20} C366 {y + 14} 262 {y + 6} 256 {y + 60} L264 {g - 22} "
        f"Q266 {g} 290 {g} H510 Q534 {g} 536 {g - 22} L544 {y + 60} "
        f"C538 {y + 6} 434 {y + 14} 434 {y - 20} V{y - 92}Z"
    )
    clear = [(0, "#dfe7ee", 0.3), (0.3, "#fff", 0.34), (0.7, "#c6d2dc", 0.2), (1, "#e8eef3", 0.34)]
    if not a.scene.is_dark:  # on light paper clear glass is seen by its dark edges
        clear = [(0, _GLASS, 0.62), (0.1, _GLASS, 0.2), (0.3, "#fff", 0.5), (0.7, _GLASS, 0.16),
                 (0.92, _GLASS, 0.3), (1, _GLASS, 0.66)]  # fmt: skip
    a.add(path(outline, fill=a.linear(clear)))
    with a.group(clip=a.clip(path(outline))):
        _cut_body(a, y, liquid)
        base = [(0, "#fff", 0.7), (0.4, light(liquid, 0.3), 0.5), (1, "#fff", 0.25)]
        a.add(
            rect(200, g - 28, 400, 30, fill=a.linear(base, DOWN)),
            rect(276, y + 40, 17, g - y - 70, 8, fill="#fff", opacity=0.6, blur="b2"),
            rect(300, y + 50, 4, g - y - 90, fill="#fff", opacity=0.4),
            rect(508, y + 60, 7, g - y - 100, 3, fill="#fff", opacity=0.45, blur="b2"),
            rect(374, y - 90, 8, 76, 4, fill="#fff", opacity=0.75, blur="b2"),
        )
    edge = "#fff" if a.scene.is_dark else _GLASS
    lip = [(0, "#8e9aa5", 0.8), (0.3, "#fff", 0.95), (0.7, "#b8c3cc", 0.8), (1, "#fff", 0.8)]
    if not a.scene.is_dark:
        lip = [(0, _GLASS), (0.3, "#fff"), (0.5, "#aab7c1"), (0.8, _GLASS), (1, "#c3ced6")]
    a.add(
        line(outline, edge, 2.4, stroke_opacity=0.6 if a.scene.is_dark else 0.75),
        line(outline, "#fff", 1.6, stroke_opacity=0.6, transform="translate(1.5 1.5)"),
        rect(352, y - 104, 96, 16, 7, fill=a.linear(lip)),
    )
    _crystal_stopper(a, y - 104)


def _cut_body(a: Canvas, y: float, liquid: str) -> None:
    g = a.ground
    d = f"M200 {y + 64} H600 V{g - 26} H200Z"
    a.add(
        path(d, fill=a.linear(barrel(liquid, 0.5, 0.4))),
        ellipse(400, y + 64, 150, 12, fill=light(liquid, 0.5), opacity=0.9),
    )
    fall = g - 26 - y - 112
    for cut in range(-9, 10):
        for way in (98, -98):
            x = 400 + cut * 34
            a.add(
                line(f"M{x} {y + 112} l{way} {fall}", "#fff", 2.2, stroke_opacity=0.34),
                line(f"M{x + 2} {y + 113} l{way} {fall}", dark(liquid, 0.7), 2.2,
                     stroke_opacity=0.34),
            )  # fmt: skip
    a.add(line(f"M200 {y + 108} H600", "#fff", 2.4, stroke_opacity=0.6))


def _crystal_stopper(a: Canvas, y: float) -> None:
    rim = [(400, y - 150), (450, y - 104), (434, y - 24), (400, y), (366, y - 24), (350, y - 104)]
    heart = (400, y - 84)
    if a.scene.is_dark:
        a.add(polygon(rim, fill="#e7eef4", opacity=0.5))
    else:
        a.add(polygon(rim, fill="#8b9ba8", opacity=0.85, stroke=_GLASS, stroke_width=2))
    for place, shine in enumerate((0.75, 0.3, 0.12, 0.2, 0.5, 0.92)):
        facet = (rim[place], rim[(place + 1) % 6], heart)
        a.add(polygon(facet, fill="#fff", opacity=shine * 0.75, stroke="#fff", stroke_opacity=0.45))


def cups(a: Canvas, *, glaze: str, band: str, metal: str) -> None:
    """An espresso cup on its saucer, seen from a little above, full of coffee."""
    g = a.ground
    gold = METALS[metal]
    shadow(a, 400, g + 4, 210, cast=0.7, depth=0.22)
    _saucer(a, glaze, band, metal)
    top, w = g - 236, 146
    handle = (f"M{400 + w - 14} {top + 52} C{400 + w + 100} {top + 20} {400 + w + 84} {top + 168} "
              f"{400 + w - 48} {top + 156}")  # fmt: skip
    a.add(
        line(handle, dark(glaze, 0.38), 25, stroke_linecap="round"),
        line(handle, glaze, 20, stroke_linecap="round"),
        line(handle, "#fff", 5, opacity=0.7, transform="translate(-3 -5)", blur="b2"),
    )
    bowl = path(
        f"M{400 - w} {top} C{400 - w} {top + 150} {400 - 92} {g - 44} {400 - 70} {g - 34} "
        f"A70 12 0 0 0 470 {g - 34} C{400 + 92} {g - 44} {400 + w} {top + 150} {400 + w} {top} "
        f"A{w} 36 0 0 1 {400 - w} {top}Z"
    )
    a.add(ellipse(408, g - 32, 92, 15, fill=dark(glaze, 0.72), opacity=0.5, blur="b5"))
    a.add(group(bowl, fill=a.linear(barrel(glaze, 0.36, 0.7))))
    with a.group(clip=a.clip(bowl)):
        if band:
            _cup_band(a, top + 44, w, band, gold)
        a.add(
            ellipse(308, top + 100, 16, 74, fill="#fff", opacity=0.7, blur="b10"),
            ellipse(480, g - 60, 60, 30, fill=dark(glaze, 0.6), opacity=0.25, blur="b10"),
        )
    a.shade(bowl, 0.0, 0.2)
    _coffee(a, top, w, glaze, gold)


def _saucer(a: Canvas, glaze: str, band: str, metal: str) -> None:
    y, gold = a.ground - 22, METALS[metal]
    under = (f"M176 {y} A224 46 0 0 0 624 {y} C600 {y + 34} 520 {y + 42} 470 {y + 46} H330 "
             f"C280 {y + 42} 200 {y + 34} 176 {y}Z")  # fmt: skip
    across = [(0, dark(glaze, 0.2)), (0.3, light(glaze, 0.5)), (0.7, glaze), (1, dark(glaze, 0.24))]
    well = [(0, dark(glaze, 0.2)), (0.6, dark(glaze, 0.05)), (1, light(glaze, 0.4))]
    a.add(
        path(under, fill=a.linear(barrel(dark(glaze, 0.16), 0.4, 0.3))),
        ellipse(400, y, 224, 48, fill=a.linear(across)),
        ellipse(400, y, 222.5, 46.5, fill="none", stroke=gold[3], stroke_width=4),
        ellipse(400, y, 223, 47, fill="none", stroke=gold[2], stroke_width=1.4, opacity=0.8,
                stroke_dasharray="180 700", stroke_dashoffset=-560),
        ellipse(400, y + 2, 128, 25, fill=a.linear(well, DOWN)),
    )  # fmt: skip
    if band:
        a.add(ellipse(400, y, 196, 40, fill="none", stroke=band, stroke_width=13))


def _cup_band(a: Canvas, y: float, w: float, band: str, gold: tuple[str, ...]) -> None:
    curve = f"a{w} 36 0 0 0 {2 * w} 0"
    a.add(
        line(f"M{400 - w} {y} {curve}", band, 34),
        line(f"M{400 - w} {y - 20} {curve}", gold[3], 3),
        line(f"M{400 - w} {y + 20} {curve}", gold[3], 3),
    )
    # As wide as the band and bent with it: a shine of another shape would lie on the cup beside it.
    shine = [(0, "#000", 0.34), (0.14, "#fff", 0.06), (0.27, "#fff", 0.36), (0.42, "#fff", 0.04),
             (0.62, "#000", 0), (1, "#000", 0.42)]  # fmt: skip
    a.add(line(f"M{400 - w} {y} {curve}", a.linear(shine), 43))


def _coffee(a: Canvas, y: float, w: float, glaze: str, gold: tuple[str, ...]) -> None:
    inside = [(0, dark(glaze, 0.3)), (0.5, dark(glaze, 0.08)), (1, light(glaze, 0.5))]
    crema = [(0, "#a8713c"), (0.55, "#8a5326"), (0.9, "#5b3114"), (1, "#3c1f0c")]
    a.add(
        ellipse(400, y, w, 36, fill=a.linear(inside)),
        ellipse(400, y + 11, w - 17, 25, fill=a.radial(crema, 0.45, 0.4, 0.6)),
        ellipse(366, y + 6, 46, 7, fill="#e2b67e", opacity=0.5, blur="b5"),
        ellipse(400, y, w - 2, 34.5, fill="none", stroke=gold[3], stroke_width=4.4),
        ellipse(400, y, w - 1.5, 35, fill="none", stroke=gold[2], stroke_width=1.6, opacity=0.9,
                stroke_dasharray="130 600", stroke_dashoffset=-330),
    )  # fmt: skip


def tea(a: Canvas, *, colour: str, metal: str) -> None:
    """A round tea caddy with a star pattern, a paper band and a metal lid."""
    g, w, h, e = a.ground, 248, 336, 24
    x, y = 400 - w / 2, g - h
    tones = METALS[metal]
    shadow(a, 400, g, 138, cast=1.25)
    body = path(f"M{x} {y} V{g - e} a{w / 2} {e} 0 0 0 {w} 0 V{y}Z")
    a.add(group(body, fill=colour))
    round_body = a.clip(body)
    a.add(group(*_stars(y, w, e), clip=round_body, fill=tones[3], opacity=0.55))
    for top, height, fill in (
        (y + 88, 148, "#f7f1e4"), (y + 96, 2, tones[1]), (y + 228, 2, tones[1]),
    ):  # fmt: skip
        curve = f"M{x} {top} a{w / 2} {e} 0 0 0 {w} 0 v{height} a{w / 2} {e} 0 0 1 -{w} 0Z"
        a.add(path(curve, fill=fill))
    a.add(emblem("leaf", 400, y + 146, 14, tones[1]))
    words(a, 400, y + 191, "GRAND THÉ", 25, "#23201a", spacing=3)
    small(a, 400, y + 216, "EN FEUILLES · 125 g", 9, "#4c4638")
    volume = [(0, "#000", 0.4), (0.1, "#000", 0.15), (0.2, "#fff", 0.1), (0.28, "#fff", 0.45),
              (0.36, "#fff", 0.12), (0.55, "#000", 0), (0.82, "#000", 0.2), (0.95, "#000", 0.42),
              (1, "#000", 0.28)]  # fmt: skip
    a.add(group(body, fill=a.linear(volume)))
    rim = f"M{x} {y + 6} a{w / 2} {e} 0 0 0 {w} 0 v16 a{w / 2} {e} 0 0 1 -{w} 0Z"
    with a.group(clip=round_body):
        a.occlude(path(rim), 0.4)
    _tea_lid(a, x - 4, y, w + 8, e, metal)


def _stars(y: float, w: float, e: float) -> list[str]:
    star = path("M0 -9 Q6 0 0 9 Q-6 0 0 -9Z M-9 0 Q0 -5 9 0 Q0 5 -9 0Z")
    found = []
    for row in range(14):
        for column in range(12):
            turn = (column + 0.5 * (row % 2)) / 11 * math.pi
            # Around the cylinder: squeezed towards its edges, sagging in front.
            place = (f"translate({400 - math.cos(turn) * w / 2} "
                     f"{y + 14 + row * 26 + math.sin(turn) * e * 0.9})")  # fmt: skip
            squeeze = max(0.15, math.sin(turn))
            found.append(group(star, transform=f"{place} scale({squeeze} 1)"))
    return found


def _tea_lid(a: Canvas, x: float, y: float, w: float, e: float, metal: str) -> None:
    tones = METALS[metal]
    top = a.linear([(0, tones[2]), (0.5, tones[3]), (1, tones[1])], (0, 0, 1, 0.5))
    ring = {"fill": "none", "stroke": tones[4], "stroke_opacity": 0.55, "stroke_width": 2}
    a.add(
        path(f"M{x} {y - 58} V{y} a{w / 2} {e} 0 0 0 {w} 0 V{y - 58}Z", fill=a.metal(metal)),
        ellipse(400, y - 58, w / 2, e, fill=top),
        ellipse(400, y - 58, w / 2 - 22, e - 6, **ring),
        path(f"M382 {y - 64} v-14 a18 6 0 0 1 36 0 v14Z", fill=a.metal(metal)),
        ellipse(400, y - 86, 28, 15, fill=a.bead(metal)),
    )


def chocolates(a: Canvas, *, box: str, chocolates: list[str]) -> None:
    """An open box of sixteen pralines from above; which is where is the seed's choice."""
    side, half = 540, 270
    lid = rect(-half, -half, side, side, 10)
    with a.group(transform="translate(400 500) rotate(-5)"):
        drop_shadow(a, lid, 30, 36, 0.5)
        a.add(group(lid, fill=a.linear([(0, light(box, 0.25)), (1, dark(box, 0.14))], SLANT)))
        deep = [(0, "#000", 0.7), (0.12, "#000", 0)]
        inner = (16 - half, 16 - half, side - 32, side - 32, 4)
        a.add(rect(*inner, fill="#20120c"), rect(*inner, fill=a.linear(deep, DOWN)))
        cell = (side - 44) / 4
        for row in range(4):
            for column in range(4):
                x, y = (22 - half + (place + 0.5) * cell for place in (row, column))
                _praline(a, x, y, cell, a.random.choice(chocolates))


def _praline(a: Canvas, x: float, y: float, cell: float, colour: str) -> None:
    kind, s = a.random.randrange(4), cell * 0.36
    tray = (x - cell / 2 + 3, y - cell / 2 + 3, cell - 6, cell - 6, 3)
    dim = [(0, "#000", 0.45), (0.5, "#000", 0.05), (1, "#fff", 0.05)]
    shape = rect(x - s, y - s, 2 * s, 2 * s, 12) if kind < 2 else circle(x, y, s)
    glaze = [(0, light(colour, 0.38)), (0.4, light(colour, 0.06)), (0.85, colour),
             (1, dark(colour, 0.45))]  # fmt: skip
    a.add(rect(*tray, fill="#2d1b12"), rect(*tray, fill=a.linear(dim, SLANT)))
    with a.group(transform="translate(5 8)"):
        a.occlude(shape, 0.6)
    a.add(group(shape, fill=a.radial(glaze, 0.34, 0.28, 0.85)))
    a.add(*(_waves, _gold_leaf, _almonds, _swirl)[kind](x, y, s, colour))
    shine = f"rotate(-28 {x - s * 0.38} {y - s * 0.5})"
    a.add(ellipse(x - s * 0.38, y - s * 0.5, s * 0.34, s * 0.14, fill="#fff", opacity=0.38,
                  transform=shine, blur="b2"))  # fmt: skip


def _waves(x: float, y: float, s: float, colour: str) -> list[str]:
    rows = range(int(2 * s / 13) - 1)
    wave = f"q{s / 2} -9 {s - 6} 0 t{s - 6} 0"
    return [line(f"M{x - s + 6} {y - s + 14 + row * 13} {wave}", light(colour, 0.45), 3.4,
                 opacity=0.8) for row in rows]  # fmt: skip


def _gold_leaf(x: float, y: float, s: float, _colour: str) -> list[str]:
    turn, gold = f"rotate(45 {x} {y})", METALS["gold"][3]
    return [
        rect(x - s * 0.42, y - s * 0.42, s * 0.84, s * 0.84, fill=gold, opacity=0.92,
             transform=turn),
        rect(x - s * 0.3, y - s * 0.3, s * 0.6, s * 0.6, fill="#fff", opacity=0.25,
             transform=turn),
    ]  # fmt: skip


def _almonds(x: float, y: float, s: float, _colour: str) -> list[str]:
    places = [(x + s * 0.4 * math.cos(t), y + s * 0.4 * math.sin(t), math.degrees(t))
              for t in (turn * math.tau / 5 for turn in range(5))]  # fmt: skip
    return [ellipse(px, py, 8, 4.4, fill=light("#a9743f", 0.25),
                    transform=f"rotate({turn} {px} {py})") for px, py, turn in places]  # fmt: skip


def _swirl(x: float, y: float, s: float, colour: str) -> list[str]:
    d = (f"M{x - s * 0.7} {y} A{s * 0.7} {s * 0.7} 0 1 1 {x} {y + s * 0.7} "
         f"A{s * 0.45} {s * 0.45} 0 1 1 {x + s * 0.1} {y - s * 0.2}")  # fmt: skip
    return [line(d, light(colour, 0.35), 5, stroke_linecap="round", opacity=0.8)]
