"""A wrist watch from above: strap, case, dial, hands."""

import math

from tools.art.canvas import DOWN, SLANT, Canvas
from tools.art.lettering import small, words
from tools.art.palette import METALS, dark, light, luminance
from tools.art.shapes import circle, ellipse, group, line, path, rect
from tools.art.stage import drop_shadow

CX, CY, R = 400, 500, 172
DIAL = R - 28


def watch(a: Canvas, *, dial: str, strap: str, metal: str) -> None:
    """A watch with a date and small seconds on a stitched leather strap."""
    outline = path("M306 60 H494 L516 360 H284Z") + path("M284 640 H516 L494 940 H306Z")
    drop_shadow(a, outline + circle(CX, CY, R + 8), 34, 40, 0.5)
    _strap(a, strap)
    _case(a, metal)
    _dial(a, dial, metal)
    ink = "#f2efe8" if luminance(dial) < 0.6 else "#33291d"
    words(a, CX, CY - 60, "AURELIA", 18, ink, spacing=4)
    small(a, CX, CY - 44, "GENÈVE", 8, ink)
    _hand(a, 304, 86, 7.5, 18, metal)
    _hand(a, 52, 120, 6.5, 22, metal)
    a.add(circle(CX, CY, 8, fill=METALS[metal][3]), circle(CX - 1.5, CY - 1.5, 3, fill="#fff"))
    crystal = (
        path(f"M{CX - 200} {CY - 30} L{CX + 60} {CY - 220} L{CX + 150} {CY - 190} "
             f"L{CX - 180} {CY + 70}Z", opacity=0.11),
        path(f"M{CX - 60} {CY + 190} L{CX + 190} {CY + 10} L{CX + 196} {CY + 34} "
             f"L{CX - 30} {CY + 200}Z", opacity=0.06),
    )  # fmt: skip
    a.add(group(*crystal, fill="#fff", clip=a.clip(circle(CX, CY, DIAL))))


def _strap(a: Canvas, strap: str) -> None:
    across = [(0, dark(strap, 0.5)), (0.1, light(strap, 0.14)), (0.45, strap), (0.55, strap),
              (0.9, dark(strap, 0.14)), (1, dark(strap, 0.58))]  # fmt: skip
    for d in ("M306 44 Q400 30 494 44 L520 380 H280Z",
              "M280 620 H520 L494 956 Q400 970 306 956Z"):  # fmt: skip
        a.add(path(d, fill=a.linear(across)))
        a.texture(path(d), "leather", 0.55)
    for d in ("M322 56 L300 372", "M478 56 L500 372", "M300 628 L322 944", "M500 628 L478 944"):
        a.add(line(d, light(strap, 0.5), 3, stroke_dasharray="12 8", stroke_linecap="round",
                   opacity=0.85))  # fmt: skip
    for y in (800, 840, 880):
        a.add(ellipse(400, y, 9, 7, fill="#000", opacity=0.72),
              line(f"M391 {y + 2} a9 7 0 0 0 18 0", "#fff", 1, stroke_opacity=0.25))  # fmt: skip
    a.occlude(rect(276, 340, 248, 46), 0.35, "b10")
    a.occlude(rect(276, 614, 248, 40), 0.4, "b10")


def _case(a: Canvas, metal: str) -> None:
    m = METALS[metal]
    lug = a.linear([(0, m[2]), (0.5, m[3]), (1, m[4])], SLANT)
    for sx in (-1, 1):
        for sy in (-1, 1):
            a.add(path(
                f"M{CX + sx * 96} {CY + sy * 120} L{CX + sx * 104} {CY + sy * 184} "
                f"Q{CX + sx * 120} {CY + sy * 196} {CX + sx * 132} {CY + sy * 182} "
                f"L{CX + sx * 152} {CY + sy * 84}Z", fill=lug,
            ))  # fmt: skip
    a.add(
        rect(CX + R - 2, CY - 20, 34, 40, 6, fill=a.metal(metal, DOWN)),
        *(rect(CX + R + 6, CY - 18 + rib * 6, 26, 1.6, fill="#000", opacity=0.35)
          for rib in range(7)),
    )  # fmt: skip
    # Three rings with opposed light: polished bevel, brushed flat, inner edge.
    for radius, stops, box in (
        (R, [(0, m[2]), (0.25, m[3]), (0.5, m[4]), (0.75, m[5]), (1, m[0])], SLANT),
        (R - 12, [(0, m[0]), (0.3, m[4]), (0.62, m[3]), (1, m[2])], SLANT),
        (R - 20, [(0, m[5]), (0.5, m[1]), (1, m[4])], (1, 0, 0, 1)),
    ):
        a.add(circle(CX, CY, radius, fill=a.linear(stops, box)))


def _dial(a: Canvas, dial: str, metal: str) -> None:
    m, pale = METALS[metal], luminance(dial) > 0.6
    ink = "#4a3c2a" if pale else "#fff"
    face = [(0, light(dial, 0.22)), (0.6, dial), (1, dark(dial, 0.25 if pale else 0.55))]
    a.add(
        circle(CX, CY, DIAL, fill=a.radial(face, 0.42, 0.36, 0.68)),
        group(*_sunrays(), fill="#fff", clip=a.clip(circle(CX, CY, DIAL))),
        circle(CX, CY, DIAL, fill="none", stroke="#000", stroke_width=10, blur="b5",
               stroke_opacity=0.25 if pale else 0.45),
    )  # fmt: skip
    for minute in range(60):
        if minute % 5:
            a.add(line(_tick(minute, 10, 16), ink, 1.4, stroke_opacity=0.5))
        elif minute != 15:
            a.add(line(_tick(minute, 10, 32), m[0], 8.5),
                  line(_tick(minute, 10, 32), m[3 if pale else 2], 5.5))  # fmt: skip
    a.add(rect(CX + DIAL - 46, CY - 13, 32, 26, fill="#f7f5ef", stroke=m[1], stroke_width=2))
    words(a, CX + DIAL - 30, CY + 7, "24", 20, "#1a1a1a")
    y = CY + 66
    marks = (f"M{CX + 30 * math.sin(t)} {y - 30 * math.cos(t)} "
             f"L{CX + 25 * math.sin(t)} {y - 25 * math.cos(t)}"
             for t in (hour * math.pi / 6 for hour in range(12)))  # fmt: skip
    a.add(
        circle(CX, y, 34, fill=dark(dial, 0.1 if pale else 0.3)),
        circle(CX, y, 34, fill="none", stroke=m[3], stroke_opacity=0.8, stroke_width=1.5),
        *(line(mark, ink, 1.2, stroke_opacity=0.7) for mark in marks),
        line(f"M{CX} {y} L{CX + 18} {y + 16}", m[0 if pale else 2], 2.4, stroke_linecap="round"),
    )


def _sunrays() -> list[str]:
    found = []
    for ray in range(120):
        t = ray * math.tau / 120
        strength = 0.03 + 0.11 * max(0, math.cos(2 * (t + 2.2))) ** 2
        ends = " ".join(
            f"L{CX + 260 * math.cos(u)} {CY + 260 * math.sin(u)}" for u in (t, t + 0.05)
        )
        found.append(path(f"M{CX} {CY} {ends}Z", opacity=strength))
    return found


def _tick(minute: int, start: float, end: float) -> str:
    t = math.radians(minute * 6)
    (x1, y1), (x2, y2) = (
        (CX + (DIAL - inset) * math.sin(t), CY - (DIAL - inset) * math.cos(t))
        for inset in (start, end)
    )
    return f"M{x1} {y1} L{x2} {y2}"


def _hand(a: Canvas, angle: float, length: float, half: float, tail: float, metal: str) -> None:
    m = METALS[metal]
    shape = path(f"M{CX - half} {CY} L{CX} {CY - length} L{CX + half} {CY} L{CX} {CY + tail}Z")
    folded = a.linear([(0, m[2]), (0.5, m[2]), (0.5, m[4]), (1, m[1])])
    turned = group(shape, transform=f"rotate({angle} {CX} {CY})")
    with a.group(transform="translate(4 7)"):
        a.occlude(turned, 0.5, "b2")
    a.add(group(turned, fill=folded))
