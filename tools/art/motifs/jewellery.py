"""Jewellery: a ring with a cut stone, a pearl pendant."""

from tools.art.canvas import SLANT, Canvas
from tools.art.palette import METALS, dark, light, mix
from tools.art.shapes import Points, circle, ellipse, line, path, polygon, polyline
from tools.art.stage import drop_shadow, shadow

FACETS = (0.62, 0.82, 0.40, 0.05, -0.35, -0.55, -0.15, 0.30)
"""How light or dark the eight sides of a stone are, clockwise from the upper left."""


def ring(a: Canvas, *, gem: str, metal: str) -> None:
    """A ring standing on its band, with an emerald-cut stone held by four claws."""
    g, tones, r = a.ground, METALS[metal], 128
    cx, cy = 400, g - r - 10
    shadow(a, cx, g, 92, cast=1.5)
    a.add(ellipse(470, g + 20, 80, 10, fill=tones[2], opacity=0.35, blur="b10"))
    inner = a.linear([(0, tones[4]), (0.5, tones[0]), (1, tones[1])], SLANT)
    outer = a.linear([(0, tones[5]), (0.14, tones[2]), (0.3, tones[3]), (0.5, tones[4]),
                      (0.64, tones[2]), (0.8, tones[1]), (1, tones[0])], SLANT)  # fmt: skip
    shine = f"M{cx - r} {cy - 10} A{r} {r} 0 0 1 {cx - 70} {cy - 107}"
    a.add(
        ellipse(cx + 10, cy, r - 6, r, fill="none", stroke=inner, stroke_width=22),
        circle(cx, cy, r, fill="none", stroke=outer, stroke_width=24),
        circle(cx, cy, r + 9, fill="none", stroke="#fff", stroke_opacity=0.55, stroke_width=1.6),
        circle(cx, cy, r - 10, fill="none", stroke=tones[0], stroke_opacity=0.7, stroke_width=2),
        line(shine, "#fff", 7, opacity=0.85, blur="b2", stroke_linecap="round"),
    )
    y = cy - r - 46
    seat = f"M{cx - 52} {y + 40} L{cx - 24} {cy - r + 14} H{cx + 24} L{cx + 52} {y + 40}Z"
    a.add(path(seat, fill=a.metal(metal)))
    _stone(a, cx, y, gem)
    for px, py in ((-78, -56), (78, -56), (-78, 56), (78, 56)):
        a.add(circle(cx + px, y + py, 9.5, fill=a.bead(metal)))
    _glint(a, cx - 50, y - 42, 30)
    _glint(a, cx + 116, cy + 40, 16)


def _stone(a: Canvas, cx: float, cy: float, gem: str) -> None:
    w, h, b = 84, 64, 22
    corners = [(-w, b - h), (b - w, -h), (w - b, -h), (w, b - h), (w, h - b), (w - b, h),
               (b - w, h), (-w, h - b)]  # fmt: skip
    steps = [[(cx + x * size, cy + y * size) for x, y in corners] for size in (1, 0.74, 0.48)]
    a.add(polygon(steps[0], fill=dark(gem, 0.4)))
    for depth, strength in ((0, 1.0), (1, 0.8)):
        wide, narrow = steps[depth], steps[depth + 1]
        for side in range(8):
            tone = FACETS[(side + depth * 3) % 8] * strength + a.random.uniform(-0.08, 0.08)
            colour = light(gem, min(0.9, tone)) if tone > 0 else dark(gem, min(0.8, -tone))
            after = (side + 1) % 8
            facet = (wide[side], wide[after], narrow[after], narrow[side])
            a.add(polygon(facet, fill=colour))
    table = a.linear([(0, light(gem, 0.75)), (0.45, light(gem, 0.1)), (1, dark(gem, 0.35))], SLANT)
    rim = steps[0]
    sheen: Points = (rim[7], rim[0], rim[1], (cx - 10, cy - h + 6), (cx - 60, cy + 40))
    a.add(
        polygon(steps[2], fill=table),
        polygon(sheen, fill="#fff", opacity=0.22),
        polygon(rim, fill="none", stroke="#fff", stroke_opacity=0.5, stroke_width=1.3),
    )


def _glint(a: Canvas, x: float, y: float, s: float) -> None:
    star = (f"M{x} {y - s} Q{x + 2} {y - 2} {x + s} {y} Q{x + 2} {y + 2} {x} {y + s} "
            f"Q{x - 2} {y + 2} {x - s} {y} Q{x - 2} {y - 2} {x} {y - s}Z")  # fmt: skip
    a.add(path(star, fill="#fff", opacity=0.9),
          circle(x, y, s * 0.5, fill="#fff", opacity=0.5, blur="b5"))  # fmt: skip


def pendant(a: Canvas, *, gem: str, metal: str) -> None:
    """A pearl under a cap of small stones, on a chain, lying on the paper."""
    tones, cx, cy = METALS[metal], 400, 610
    steps = [-1 + 2 * step / 90 for step in range(91)]
    chain = polyline((cx + 250 * t, 70 + (cy - 190) * (1 - abs(t) ** 1.75)) for t in steps)
    drop = (f"M{cx} {cy - 96} C{cx + 70} {cy - 10} {cx + 92} {cy + 30} {cx + 92} {cy + 64} "
            f"a92 92 0 0 1 -184 0 C{cx - 92} {cy + 30} {cx - 70} {cy - 10} "
            f"{cx} {cy - 96}Z")  # fmt: skip
    drop_shadow(a, line(chain, a.shadow_colour, 7) + path(drop), 30, 36, 0.45)
    ring_ = f"M{cx - 15} {cy - 98} a15 20 0 1 1 30 0 a15 20 0 1 1 -30 0"
    cap = f"M{cx - 22} {cy - 62} q22 -36 44 0 l8 22 h-60Z"
    a.add(
        line(chain, tones[0], 8, stroke_dasharray="9 5"),
        line(chain, tones[3], 5.6, stroke_dasharray="9 5"),
        line(chain, tones[2], 2, stroke_dasharray="4 10", transform="translate(-1 -1)"),
        line(ring_, a.metal(metal), 8),
        path(cap, fill=a.metal(metal)),
    )
    _pearl(a, cx, cy + 44, 92, gem)
    stone = a.radial([(0, "#fff"), (0.5, "#e9f2f6"), (1, "#93a7b0")], 0.35, 0.3, 0.8)
    a.add(*(circle(cx + place * 13, cy - 42 + abs(place) * 2, 5.2, fill=stone)
            for place in range(-3, 4)))  # fmt: skip


def _pearl(a: Canvas, cx: float, cy: float, r: float, gem: str) -> None:
    lustre = [(0, light(gem, 0.85)), (0.32, gem), (0.66, mix(gem, "#b89a90", 0.42)),
              (0.86, mix(gem, "#6f6160", 0.6)), (1, mix(gem, "#d8ccc4", 0.45))]  # fmt: skip
    a.add(
        circle(cx, cy, r, fill=a.radial(lustre, 0.38, 0.33, 0.72)),
        ellipse(cx - 32, cy - 40, 24, 16, fill="#fff", opacity=0.92, blur="b5",
                transform=f"rotate(-35 {cx - 32} {cy - 40})"),
        ellipse(cx + 28, cy + 50, 44, 18, fill="#ffe1d2", opacity=0.42, blur="b10",
                transform=f"rotate(-30 {cx + 28} {cy + 50})"),
        ellipse(cx - 46, cy + 26, 18, 34, fill="#cfe3ea", opacity=0.35, blur="b10"),
    )  # fmt: skip
