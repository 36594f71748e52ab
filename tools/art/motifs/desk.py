"""For the desk and for giving: fountain pen, gift box."""

from tools.art.canvas import DOWN, SLANT, Canvas
from tools.art.lettering import emblem
from tools.art.palette import METALS, Stop, dark, light, luminance
from tools.art.shapes import circle, group, line, path, rect
from tools.art.stage import drop_shadow, shadow

NIB = ("M127 -20 C170 -30 210 -24 232 -15 C262 -8 290 -3 318 0 C290 3 262 8 232 15 "
       "C210 24 170 30 127 20Z")  # fmt: skip


def pen(a: Canvas, *, colour: str, metal: str) -> None:
    """An open fountain pen, its cap posted, with the line it has just drawn."""
    m, bright = METALS[metal], a.metal(metal, DOWN)
    turn = "translate(400 520) rotate(-52)"
    whole = path("M-360 -30 Q-372 0 -360 30 H120 L210 22 L330 0 L210 -22 L120 -30Z",
                 transform=turn)  # fmt: skip
    drop_shadow(a, whole, 34, 44, 0.44)
    with a.group(transform=turn):
        resin = a.linear(_resin(colour), DOWN)
        a.add(
            path("M-360 -29 Q-374 0 -360 29 H-20 V-29Z", fill=resin),
            path("M-360 -29 Q-374 0 -360 29 h14 v-58Z", fill=bright),
            rect(-346, -33, 210, 66, 5, fill=resin),
            *(rect(x, -34, w, 68, fill=bright) for x, w in ((-346, 8), (-154, 18), (-130, 5))),
            path("M-336 -9 H-196 Q-176 -9 -176 3 Q-176 15 -196 15 H-206 Q-200 3 -212 1 H-336Z",
                 fill="#000", opacity=0.4, blur="b2"),
            path("M-336 -12 H-196 Q-176 -12 -176 0 Q-176 12 -196 12 H-206 Q-200 0 -212 -2 H-336Z",
                 fill=bright),
            line("M-330 -9 H-200", "#fff", 2, stroke_opacity=0.7),
            rect(-20, -27, 12, 54, fill=bright),
            path("M-8 -25 C40 -22 90 -22 118 -24 V24 C90 22 40 22 -8 25Z",
                 fill=a.linear(_resin(dark(colour, 0.35)), DOWN)),
            rect(118, -25, 9, 50, 2, fill=bright),
        )  # fmt: skip
        folded = [(0, m[1]), (0.2, m[2]), (0.5, m[3]), (0.52, m[4]), (0.8, m[3]), (1, m[1])]
        a.add(
            path(NIB, fill=a.linear(folded, DOWN)),
            line("M200 0 H316", m[0], 1.8),
            circle(198, 0, 6, fill=m[0]),
            line("M140 -14 C180 -20 210 -16 228 -10", "#fff", 2.4, opacity=0.8),
            line("M140 12 q22 6 40 2 M146 4 q18 4 30 1", m[4], 1.5),
        )
    ink = "M600 270 C640 236 676 246 668 280 C660 316 610 306 626 268 C642 232 700 214 752 232"
    a.add(line(ink, colour, 3.2, stroke_linecap="round", opacity=0.85))


def _resin(colour: str) -> list[Stop]:
    return [(0, dark(colour, 0.55)), (0.12, light(colour, 0.1)), (0.24, light(colour, 0.72)),
            (0.32, light(colour, 0.2)), (0.55, colour), (0.85, dark(colour, 0.55)),
            (1, dark(colour, 0.25))]  # fmt: skip


def giftbox(a: Canvas, *, paper: str, ribbon: str) -> None:
    """A box with its lid, seen a little from above, tied crosswise with a satin bow."""
    g = a.ground
    top, half, lid = g - 268, 206, 84
    shadow(a, 400, g, 214, cast=1.05, depth=0.13)
    front = [(0, light(paper, 0.1)), (0.35, light(paper, 0.24)), (0.7, paper),
             (1, dark(paper, 0.24))]  # fmt: skip
    body = rect(400 - half, top, 2 * half, g - top, 3)
    a.add(group(body, fill=a.linear(front)))
    a.shade(body, 0.0, 0.34)
    with a.group(clip=a.clip(body)):
        a.occlude(rect(400 - half, top + lid - 12, 2 * half, 24), 0.5, "b10")
    _band(a, 372, top, 56, g - top, ribbon)
    edge = half + 9
    lid_front = rect(400 - edge, top, 2 * edge, lid, 3)
    lid_top = path(f"M{400 - edge} {top + 1} L{400 - edge + 46} {top - 64} H{400 + edge - 46} "
                   f"L{400 + edge} {top + 1}Z")  # fmt: skip
    upper = [(0, light(paper, 0.42)), (0.5, light(paper, 0.22)), (1, light(paper, 0.02))]
    a.add(
        group(lid_top, fill=a.linear(upper, (0, 0, 1, 0.6))), group(lid_front, fill=a.linear(front))
    )
    a.shade(lid_front, 0.16, 0.2)
    a.add(line(f"M{400 - edge} {top + 1} H{400 + edge}", "#fff", 2, stroke_opacity=0.5))
    gold = METALS["gold"][3 if luminance(paper) < 0.5 else 1]
    a.add(emblem("sun", 400 + half - 58, g - 54, 19, gold))
    _band(a, 371, top, 58, lid, ribbon)
    _ribbon_on_top(a, top, edge, ribbon)
    _bow(a, 400, top - 34, ribbon)


def _satin(ribbon: str) -> list[Stop]:
    return [(0, dark(ribbon, 0.26)), (0.18, light(ribbon, 0.22)), (0.36, light(ribbon, 0.5)),
            (0.6, ribbon), (0.86, light(ribbon, 0.14)), (1, dark(ribbon, 0.3))]  # fmt: skip


def _band(a: Canvas, x: float, y: float, w: float, h: float, ribbon: str) -> None:
    a.add(rect(x + 5, y, w, h, fill="#000", opacity=0.3, blur="b5"))
    a.add(rect(x, y, w, h, fill=a.linear(_satin(ribbon))))


def _ribbon_on_top(a: Canvas, top: float, edge: float, ribbon: str) -> None:
    long_way = f"M371 {top + 1} L378 {top - 64} H422 L429 {top + 1}Z"
    across = (f"M{400 - edge + 19} {top - 26} L{400 - edge + 31} {top - 44} "
              f"H{400 + edge - 31} L{400 + edge - 19} {top - 26}Z")  # fmt: skip
    a.add(
        path(across, fill=a.linear(_satin(ribbon), DOWN)),
        path(long_way, fill=a.linear(_satin(ribbon))),
    )


def _bow(a: Canvas, x: float, y: float, ribbon: str) -> None:
    loop = "M0 0 C-40 -84 -150 -112 -166 -58 C-178 -14 -74 12 0 0Z"
    hollow = "M-18 -10 C-56 -62 -128 -84 -140 -54 C-146 -30 -72 -8 -18 -10Z"
    tail = "M-6 2 C-40 30 -82 52 -128 56 L-108 76 L-120 104 C-62 90 -14 54 10 8Z"
    fold = [(0, dark(ribbon, 0.2)), (0.3, light(ribbon, 0.45)), (0.55, ribbon),
            (0.8, light(ribbon, 0.22)), (1, dark(ribbon, 0.36))]  # fmt: skip
    with a.group(transform=f"translate({x} {y})"):
        for shape in (tail, loop):
            for flip in ("", "scale(-1 1)"):
                a.add(path(shape, fill="#000", opacity=0.3, blur="b5",
                           transform=f"translate(6 9) {flip}"))  # fmt: skip
                a.add(path(shape, fill=a.linear(fold, SLANT), transform=flip))
                if shape is loop:
                    inside = [(0, dark(ribbon, 0.3)), (1, dark(ribbon, 0.62))]
                    a.add(path(hollow, fill=a.linear(inside, DOWN), transform=flip),
                          line("M-8 -6 C-60 -70 -130 -92 -152 -62", light(ribbon, 0.6), 3,
                               opacity=0.6, blur="b2", transform=flip))  # fmt: skip
        a.occlude(rect(-20, -22, 46, 46, 12), 0.4)
        a.add(rect(-23, -26, 46, 46, 13, fill=a.linear(_satin(ribbon))),
              line("M-8 -22 Q-12 -4 -6 16 M8 -22 Q4 -4 10 16", dark(ribbon, 0.5), 2.4,
                   opacity=0.4, blur="b2"))  # fmt: skip
