"""Sunglasses, umbrella, silk and wool."""

import math

from tools.art.canvas import DOWN, SLANT, Canvas
from tools.art.palette import dark, light
from tools.art.scene import GROUND
from tools.art.shapes import circle, ellipse, group, line, path, rect
from tools.art.stage import drop_shadow, shadow


def sunglasses(
    a: Canvas, *, frame: str, lens: str, metal: str = "gold", fleck: str = ""
) -> None:  # fmt: skip
    """Sunglasses standing on their lenses, temples folded back; fleck makes them tortoiseshell."""
    y, colour = GROUND - 178, a.shadow_colour
    a.add(
        ellipse(430, y + 118, 310, 30, fill=colour, opacity=0.3, blur="b18"),
        *(ellipse(x, y + 128, 104, 22, fill=lens, opacity=0.55, blur="b10") for x in (300, 584)),
        *(ellipse(x, y + 101, 86, 7, fill=colour, opacity=0.6, blur="b5") for x in (262, 546)),
    )
    temple = a.linear([(0, light(frame, 0.18)), (1, dark(frame, 0.4))], DOWN)
    for s, x in ((-1, 146), (1, 654)):
        a.add(path(
            f"M{x} {y - 52} C{x - s * 40} {y - 92} {x - s * 120} {y - 112} {x - s * 300} {y - 92} "
            f"L{x - s * 300} {y - 80} C{x - s * 130} {y - 96} {x - s * 50} {y - 76} "
            f"{x + s * 2} {y - 22}Z", fill=temple,
        ))  # fmt: skip
    _lens(a, 258, -1, y, frame, lens, fleck)
    _lens(a, 542, 1, y, frame, lens, fleck)
    bridge = f"M366 {y - 46} Q400 {y - 74} 434 {y - 46} L434 {y - 22} Q400 {y - 50} 366 {y - 22}Z"
    a.add(path(bridge, fill=a.linear([(0, light(frame, 0.25)), (1, dark(frame, 0.45))], DOWN)))
    for x in (142, 650):
        a.add(rect(x, y - 54, 10, 22, 3, fill=a.metal(metal, DOWN)))


def _lens(a: Canvas, x: float, s: int, y: float, frame: str, lens: str, fleck: str) -> None:
    d = (
        f"M{x - 112 * s} {y - 58} Q{x - 20 * s} {y - 98} {x + 92 * s} {y - 72} "
        f"Q{x + 122 * s} {y - 62} {x + 116 * s} {y - 10} "
        f"Q{x + 104 * s} {y + 92} {x + 4 * s} {y + 96} "
        f"Q{x - 98 * s} {y + 96} {x - 116 * s} {y - 6} Q{x - 120 * s} {y - 48} "
        f"{x - 112 * s} {y - 58}Z"
    )
    glass = [(0, dark(lens, 0.62), 0.96), (0.55, lens, 0.86), (1, light(lens, 0.35), 0.62)]
    a.add(path(d, fill=a.linear(glass, DOWN)))
    a.add(group(
        path(f"M{x - 110} {y + 60} L{x + 30} {y - 120} H{x + 90} L{x - 50} {y + 110}Z",
             fill="#fff", opacity=0.2),
        path(f"M{x + 10} {y + 110} L{x + 120} {y - 50} L{x + 130} {y - 20} L{x + 50} {y + 110}Z",
             fill="#fff", opacity=0.1),
        ellipse(x, y - 96, 120, 34, fill="#cfe0ee", opacity=0.28, blur="b10"),
        clip=a.clip(path(d)),
    ))  # fmt: skip
    rim = [(0, light(frame, 0.2)), (0.35, frame), (0.7, dark(frame, 0.2)), (1, light(frame, 0.1))]
    a.add(line(d, dark(frame, 0.5), 25), line(d, a.linear(rim, DOWN), 21))
    for _ in range(26 if fleck else 0):
        t = a.random.uniform(0, math.tau)
        fx, fy = x + 112 * math.cos(t), y + 8 + 88 * math.sin(t)
        a.add(ellipse(
            fx, fy, a.random.uniform(5, 13), a.random.uniform(2, 5), fill=fleck, opacity=0.42,
            transform=f"rotate({math.degrees(t) + 90} {fx} {fy})", blur="b2",
        ))  # fmt: skip
    a.add(line(d, "#fff", 3, stroke_opacity=0.42, transform="translate(-3 -6)",
               stroke_dasharray="150 900", stroke_linecap="round", blur="b2"))  # fmt: skip


def umbrella(a: Canvas, *, cloth: str, wood: str, metal: str = "gold") -> None:
    """A furled umbrella lying on the diagonal, its crook handle at the lower right."""
    crook = "M252 0 H352 C440 0 440 -118 352 -118 C318 -118 302 -100 296 -78"
    roll = ("M-408 -7 C-300 -18 -60 -30 120 -34 Q150 -30 152 0 Q150 30 120 34 "
            "C-60 30 -300 18 -408 7Z")  # fmt: skip
    with a.group(transform="translate(392 470) rotate(52)"):
        outline = path(roll) + line(crook, a.shadow_colour, 26)
        drop_shadow(a, outline, 50, -12, 0.4)
        a.add(rect(-452, -3.5, 60, 7, 3, fill=a.metal(metal, DOWN)),
              rect(-420, -8, 22, 16, 4, fill=a.metal(metal, DOWN)))  # fmt: skip
        a.add(rect(140, -8, 130, 16, fill=a.metal("silver", DOWN)))
        _furled(a, roll, cloth)
        _crook(a, crook, wood, metal)


def _furled(a: Canvas, roll: str, cloth: str) -> None:
    across = [(0, dark(cloth, 0.5)), (0.2, light(cloth, 0.22)), (0.34, light(cloth, 0.3)),
              (0.55, cloth), (0.85, dark(cloth, 0.45)), (1, dark(cloth, 0.6))]  # fmt: skip
    a.add(path(roll, fill=a.linear(across, DOWN)))
    with a.group(clip=a.clip(path(roll))):
        # Pleats spiral round the roll, each a light edge beside a dark hollow.
        for start in range(-560, 140, 62):
            d = f"M{start} 40 C{start + 70} 26 {start + 150} -20 {start + 210} -44"
            a.add(line(d, "#000", 11, opacity=0.34, blur="b5", transform="translate(7 5)"),
                  line(d, light(cloth, 0.36), 2.6, opacity=0.55))  # fmt: skip
    strap = "M20 -33 L46 -33.5 Q52 0 46 33.5 L20 33 Q27 0 20 -33Z"
    a.occlude(path(strap, transform="translate(6 3)"), 0.5)
    a.add(path(strap, fill=a.linear(across, DOWN)), circle(36, -8, 6, fill=a.bead("gold")))
    for y in (-26, -13, 0, 13, 26):
        a.add(line(f"M120 {y} L160 {y * 0.62}", "#c9cdd2", 3, stroke_linecap="round"),
              circle(161, y * 0.62, 3.4, fill=dark(cloth, 0.4)))  # fmt: skip


def _crook(a: Canvas, d: str, wood: str, metal: str) -> None:
    a.add(
        line(d, dark(wood, 0.55), 27, stroke_linecap="round"),
        line(d, wood, 22, stroke_linecap="round"),
        line(d, light(wood, 0.3), 9, stroke_linecap="round", opacity=0.7, blur="b2",
             transform="translate(-1 -5)"),
        line(d, light(wood, 0.75), 2.6, stroke_linecap="round", opacity=0.75, blur="b2",
             transform="translate(-1 -7)"),
        rect(244, -15.5, 26, 31, 3, fill=a.metal(metal, DOWN)),
        rect(274, -15, 5, 30, fill=a.metal(metal, DOWN)),
    )  # fmt: skip


def scarf(a: Canvas, *, colours: list[str]) -> None:
    """A printed silk square folded in four, one corner turned up."""
    side, half = 520, 260
    square, ground = rect(-half, -half, side, side, 10), colours[0]
    with a.group(transform="translate(400 500) rotate(-9)"):
        drop_shadow(a, square, 26, 30, 0.42)
        with a.group(clip=a.clip(square)):
            a.add(group(*_print(side * 1.02, colours), transform=f"translate({half} {half})"))
            for x, w, opacity, tone in (
                (-190, 60, 0.26, "#fff"), (-120, 34, 0.16, "#000"), (20, 90, 0.2, "#fff"),
                (110, 40, 0.17, "#000"), (200, 70, 0.18, "#fff"),
            ):  # fmt: skip
                fold = (f"M{x - w} {-side} C{x - w + 60} -100 {x - w - 70} 120 {x - w + 30} {side} "
                        f"H{x + w + 30} C{x + w - 60} 120 {x + w + 70} -100 "
                        f"{x + w} {-side}Z")  # fmt: skip
                a.add(path(fold, fill=tone, opacity=opacity, blur="b18"))
            sheen = [(0, "#fff", 0.28), (0.45, "#fff", 0), (0.45, "#000", 0), (1, "#000", 0.28)]
            a.add(group(square, fill=a.linear(sheen, SLANT)))
        rim = {"fill": "none", "stroke": "#fff", "stroke_opacity": 0.35, "stroke_width": 1.6}
        a.add(group(square, **rim))
        turn = 150
        under = (f"M{half} {half - turn} L{half - turn} {half} "
                 f"L{half - turn + 6} {half - turn + 6}Z")  # fmt: skip
        corner = (f"M{half + 2} {half - turn} L{half - turn} {half + 2} "
                  f"Q{half - turn * 0.86} {half - turn * 0.86} "
                  f"{half + 2} {half - turn}Z")  # fmt: skip
        back = [(0, light(ground, 0.3)), (0.5, ground), (1, dark(ground, 0.35))]
        a.occlude(path(under), 0.42, "b10")
        a.add(path(corner, fill=a.linear(back, SLANT)))


def _print(s: float, colours: list[str]) -> list[str]:
    first, pale, second, gold = colours
    found = [rect(-s, -s, 2 * s, 2 * s, fill=pale)]
    for size, colour in ((0.97, first), (0.82, pale), (0.79, second), (0.74, pale), (0.72, gold),
                         (0.695, pale)):  # fmt: skip
        found.append(rect(-s * size, -s * size, 2 * s * size, 2 * s * size, fill=colour))
    edge = s * 0.895
    for bead in range(28):
        t, colour = -edge + bead * 2 * edge / 27, gold if bead % 2 else pale
        for x, y in ((t, -edge), (t, edge), (-edge, t), (edge, t)):
            found.append(circle(x, y, s * 0.017, fill=colour))
    petal = (f"M0 {-s * 0.14} C{s * 0.13} {-s * 0.32} {s * 0.08} {-s * 0.5} 0 {-s * 0.6} "
             f"C{-s * 0.08} {-s * 0.5} {-s * 0.13} {-s * 0.32} 0 {-s * 0.14}Z")  # fmt: skip
    for turn in range(16):
        t = turn * math.pi / 8
        found += [
            path(petal, fill=first if turn % 2 else second, stroke=gold, stroke_width=s * 0.008,
                 transform=f"rotate({turn * 22.5})"),
            circle(s * 0.645 * math.cos(t), s * 0.645 * math.sin(t), s * 0.022, fill=gold),
        ]  # fmt: skip
    rings = ((0.2, gold), (0.175, pale), (0.15, first), (0.06, gold))
    found += [circle(0, 0, s * size, fill=colour) for size, colour in rings]
    for x in (-s * 0.56, s * 0.56):
        for y in (-s * 0.56, s * 0.56):
            for size, colour in ((0.095, gold), (0.078, second), (0.035, pale)):
                found.append(circle(x, y, s * size, fill=colour))
    return found


def blanket(a: Canvas, *, colours: list[str]) -> None:
    """Three folded cashmere throws in a pile, the end of the uppermost hanging over the front."""
    g = a.ground
    shadow(a, 400, g, 236, cast=0.7, depth=0.14)
    y, width = g, 452
    for place, colour in enumerate(colours):
        lean, height = (-6, 10, -3)[place], 118 - place * 6
        _throw(a, 400 + lean, y, width - place * 18, height, colour)
        y -= height - 12
    _drape(a, 448, y + 2, 128, 206, colours[-1])


def _throw(a: Canvas, cx: float, y: float, w: float, h: float, colour: str) -> None:
    """One throw folded twice, seen from its folds: soft, matte, never quite level."""
    thick = h / 2
    for layer in (1, 0):
        top = y - h + layer * thick
        left = cx - w / 2 + a.random.uniform(-4, 9)
        right = cx + w / 2 + a.random.uniform(-9, 5)
        rise, dip = a.random.uniform(5, 10), a.random.uniform(-1, 5)
        low = top + thick + 5
        d = (
            f"M{left + 30} {top + 3} C{left + w * 0.3} {top - rise} {cx + w * 0.14} {top + dip} "
            f"{right - 30} {top + 1} C{right + 12} {top - 1} {right + 14} {low + 1} {right - 28} "
            f"{low} C{cx + w * 0.2} {low + 3} {left + w * 0.24} {low - dip} {left + 28} {low} "
            f"C{left - 15} {low + 1} {left - 13} {top + 5} {left + 30} {top + 3}Z"
        )
        wool = [(0, light(colour, 0.3)), (0.3, light(colour, 0.08)), (0.62, colour),
                (1, dark(colour, 0.5))]  # fmt: skip
        a.add(path(d, fill=a.linear(wool, DOWN)))
        sides = [(0, "#000", 0.34), (0.12, "#000", 0.06), (0.3, "#fff", 0.12), (0.6, "#000", 0),
                 (0.9, "#000", 0.14), (1, "#000", 0.4)]  # fmt: skip
        a.add(path(d, fill=a.linear(sides)))
        a.texture(path(d), "boucle", 0.3, (left - 40, top - 20, w + 80, thick + 50))


def _drape(a: Canvas, cx: float, y: float, w: float, h: float, colour: str) -> None:
    """The end of a throw that lies over the edge of the pile and hangs down, with its fringe."""
    left, right, low = cx - w / 2, cx + w / 2, y + h
    d = (
        f"M{left + 4} {y - 8} C{left + 34} {y - 17} {right - 34} {y - 16} {right - 2} {y - 7} "
        f"C{right + 7} {y + 12} {right + 1} {y + h * 0.5} {right + 5} {low - 4} "
        f"C{cx + 24} {low + 7} {cx - 30} {low - 5} {left - 4} {low + 3} "
        f"C{left + 3} {y + h * 0.5} {left - 6} {y + 14} {left + 4} {y - 8}Z"
    )
    with a.group(transform="translate(7 6)"):
        a.occlude(path(d), 0.34, "b10")
    _fringe(a, left + 2, low - 1, w, colour)
    bend = [(0, light(colour, 0.42)), (0.1, light(colour, 0.2)), (0.26, colour),
            (1, dark(colour, 0.16))]  # fmt: skip
    a.add(path(d, fill=a.linear(bend, DOWN)))
    waves = [(0, "#000", 0.26), (0.12, "#fff", 0.14), (0.3, "#000", 0.1), (0.46, "#fff", 0.16),
             (0.68, "#000", 0.14), (0.84, "#fff", 0.08), (1, "#000", 0.3)]  # fmt: skip
    a.add(path(d, fill=a.linear(waves)))
    a.texture(path(d), "boucle", 0.3, (left - 20, y - 30, w + 40, h + 60))


def _fringe(a: Canvas, x: float, y: float, w: float, colour: str) -> None:
    strands = 17
    for strand in range(strands):
        sx = x + strand * w / (strands - 1)
        length, drift = a.random.uniform(34, 44), a.random.uniform(-4, 4)
        d = f"M{sx} {y - 4} q{drift} {length * 0.6} {drift * 0.6} {length}"
        a.add(line(d, dark(colour, 0.7), 7, stroke_linecap="round", opacity=0.4,
                   transform="translate(4 4)", blur="b2"),
              line(d, dark(colour, a.random.uniform(0.06, 0.2)), 5.2, stroke_linecap="round"),
              line(d, light(colour, 0.4), 1.6, stroke_linecap="round", opacity=0.6,
                   transform="translate(-1 0)"))  # fmt: skip
