"""Leather goods: top-handle bag, tote, card holder, journal."""

from tools.art.canvas import SLANT, Canvas
from tools.art.lettering import emblem as sign
from tools.art.palette import METALS, dark, light, luminance
from tools.art.shapes import circle, ellipse, group, line, path, rect
from tools.art.stage import drop_shadow, shadow


def stitches(d: str, leather: str, width: float = 2.2) -> str:
    """A seam: pale thread over the dent it makes."""
    # Dark leather shows its thread more than pale leather does.
    thread = light(leather, 0.46 if luminance(leather) < 0.5 else 0.3)
    dent = line(d, "#000", width * 1.55, stroke_opacity=0.35)
    return dent + line(d, thread, width, stroke_dasharray="9 6", opacity=0.85)


def handbag(a: Canvas, *, leather: str, metal: str) -> None:
    """A structured bag with one handle, a flap and a turn lock."""
    g, wt, wb = a.ground, 196, 232
    top = g - 318
    shadow(a, 400, g, 226, cast=0.95, depth=0.11)
    _handle(a, f"M296 {top + 22} C292 {top - 190} 508 {top - 190} 504 {top + 22}", leather, 27)
    body = path(
        f"M{400 - wt} {top + 26} Q{402 - wt} {top} {428 - wt} {top} H{372 + wt} "
        f"Q{398 + wt} {top} {400 + wt} {top + 26} L{400 + wb} {g - 34} "
        f"Q{402 + wb} {g} {366 + wb} {g} H{434 - wb} Q{398 - wb} {g} {400 - wb} {g - 34}Z"
    )
    flap = path(
        f"M{396 - wt} {top + 20} Q{400 - wt} {top - 6} {430 - wt} {top - 6} H{370 + wt} "
        f"Q{400 + wt} {top - 6} {404 + wt} {top + 20} L{414 + wt} {top + 128} "
        f"Q{400 + wt} {top + 172} 496 {top + 190} Q400 {top + 214} 304 {top + 190} "
        f"Q{400 - wt} {top + 172} {386 - wt} {top + 128}Z"
    )
    a.add(group(body, fill=a.linear(_hide(leather, 0.1))))
    a.shade(body, 0.1, 0.4)
    with a.group(clip=a.clip(body)):
        a.occlude(group(flap, transform="translate(5 15)"), 0.5, "b10")
    a.add(group(flap, fill=a.linear(_hide(leather, 0.16))))
    a.shade(flap, 0.24, 0.22)
    a.texture(body + flap, "leather", 0.62)
    seam = (
        f"M{408 - wt} {top + 12} L{398 - wt} {top + 126} Q{412 - wt} {top + 162} 306 {top + 178} "
        f"Q400 {top + 200} 494 {top + 178} Q{388 + wt} {top + 162} {402 + wt} {top + 126} "
        f"L{392 + wt} {top + 12}"
    )
    a.add(stitches(seam, leather))
    for x in (296, 504):
        _mount(a, x, top, leather, metal)
    _turn_lock(a, top + 178, metal)
    for x in (462 - wb, 338 + wb):
        a.add(ellipse(x, g + 1, 12, 6, fill=METALS[metal][1]))


def _hide(leather: str, sheen: float) -> list[tuple[float, str]]:
    return [
        (0, dark(leather, 0.4)), (0.1, light(leather, sheen)), (0.33, light(leather, sheen * 1.9)),
        (0.62, leather), (0.92, dark(leather, 0.28)), (1, dark(leather, 0.54)),
    ]  # fmt: skip


def _handle(a: Canvas, d: str, leather: str, width: float) -> None:
    a.add(
        line(d, dark(leather, 0.55), width, stroke_linecap="round"),
        line(d, leather, width * 0.78, stroke_linecap="round"),
        line(d, light(leather, 0.42), width * 0.17, opacity=0.75, blur="b2",
             transform=f"translate({-width * 0.22} {-width * 0.2})"),
    )  # fmt: skip


def _mount(a: Canvas, x: float, y: float, leather: str, metal: str) -> None:
    tab = a.linear([(0, light(leather, 0.18)), (1, dark(leather, 0.25))], SLANT)
    a.add(
        rect(x - 18, y + 2, 40, 62, 8, fill="#000", opacity=0.35, blur="b5"),
        rect(x - 20, y - 2, 40, 60, 8, fill=tab),
        circle(x, y - 6, 17, fill="none", stroke=a.metal(metal), stroke_width=7),
        circle(x, y + 36, 5, fill=METALS[metal][3]),
        circle(x - 1.5, y + 34.5, 1.8, fill="#fff"),
    )


def _turn_lock(a: Canvas, y: float, metal: str) -> None:
    m = METALS[metal]
    plate = a.linear([(0, m[2]), (0.3, m[3]), (0.7, m[1]), (1, m[4])], SLANT)
    a.add(
        rect(356, y + 6, 88, 56, 10, fill="#000", opacity=0.45, blur="b5"),
        rect(354, y, 92, 56, 10, fill=plate),
        rect(362, y + 8, 76, 40, 6, fill="none", stroke=m[0], stroke_opacity=0.5),
        rect(388, y + 10, 24, 36, 12, fill=a.metal(metal), stroke=m[0], stroke_opacity=0.5),
    )


def tote(a: Canvas, *, leather: str, metal: str) -> None:
    """A tall open bag with two long handles and a hanging tag."""
    g, wt, wb = a.ground, 214, 184
    top = g - 400
    shadow(a, 400, g, 190, cast=1.0, depth=0.12)
    _handle(a, f"M316 {top + 30} C322 {top - 236} 496 {top - 236} 500 {top + 30}",
            dark(leather, 0.3), 18)  # fmt: skip
    mouth = f"M{400 - wt} {top} Q400 {top - 26} {400 + wt} {top} Q400 {top + 34} {400 - wt} {top}Z"
    a.add(path(mouth, fill=dark(leather, 0.66)))
    body = path(
        f"M{400 - wt} {top} Q400 {top + 30} {400 + wt} {top} L{400 + wb} {g - 26} "
        f"Q{398 + wb} {g} {372 + wb} {g} H{428 - wb} Q{402 - wb} {g} {400 - wb} {g - 26}Z"
    )
    a.add(group(body, fill=a.linear(_hide(leather, 0.12))))
    a.shade(body, 0.12, 0.36)
    with a.group(clip=a.clip(body)):
        fold = (f"M300 {top} C288 {top + 120} 330 {top + 230} 300 {g} H272 C300 {top + 220} "
                f"262 {top + 130} 272 {top}Z")  # fmt: skip
        crease = (f"M560 {top} C530 {top + 150} 566 {top + 240} 536 {g} H556 C584 {top + 240} "
                  f"552 {top + 140} 584 {top}Z")  # fmt: skip
        a.add(path(fold, fill="#fff", opacity=0.14, blur="b18"),
              path(crease, fill="#000", opacity=0.26, blur="b18"))  # fmt: skip
    a.texture(body, "leather", 0.58)
    edge = f"M{406 - wt} {top + 15} Q400 {top + 46} {394 + wt} {top + 15}"
    a.add(
        line(f"M{400 - wt} {top} Q400 {top + 30} {400 + wt} {top}", light(leather, 0.4), 2.5,
             stroke_opacity=0.7),
        stitches(edge, leather),
        stitches(f"M{418 - wt} {top + 30} L{414 - wb} {g - 16}", leather),
        stitches(f"M{382 + wt} {top + 30} L{386 + wb} {g - 16}", leather),
    )  # fmt: skip
    front = f"M304 {top + 70} C296 {top - 206} 504 {top - 206} 496 {top + 70}"
    a.occlude(rect(300, top + 26, 18, 60, transform="translate(8 6)"), 0.4)
    a.occlude(rect(486, top + 26, 18, 60, transform="translate(8 6)"), 0.4)
    _handle(a, front, leather, 19)
    for x in (304, 496):
        _tote_tab(a, x, top + 54, leather, metal)
    _tag(a, 336, top + 78, leather, metal)


def _tote_tab(a: Canvas, x: float, y: float, leather: str, metal: str) -> None:
    tab = f"M{x - 19} {y} h38 v52 L{x} {y + 74} L{x - 19} {y + 52}Z"
    a.add(path(tab, fill="#000", opacity=0.4, blur="b5", transform="translate(4 6)"))
    a.add(path(tab, fill=a.linear([(0, light(leather, 0.18)), (1, dark(leather, 0.3))], SLANT)))
    inner = f"M{x - 13} {y + 6} v43 L{x} {y + 65} L{x + 13} {y + 49} v-43"
    a.add(stitches(inner, leather, 1.8), circle(x, y + 30, 5.5, fill=a.bead(metal)))


def _tag(a: Canvas, x: float, y: float, leather: str, metal: str) -> None:
    cord = f"M{x - 30} {y - 14} Q{x - 16} {y + 30} {x} {y + 44}"
    plate = rect(x - 27, y + 40, 54, 76, 9)
    with a.group(transform=f"rotate(7 {x} {y})"):
        a.occlude(group(plate, transform="translate(5 8)"), 0.45)
        fill = a.linear([(0, light(leather, 0.2)), (1, dark(leather, 0.22))], SLANT)
        a.add(line(cord, dark(leather, 0.45), 5), group(plate, fill=fill))
        a.add(circle(x, y + 52, 4, fill=METALS[metal][1]), sign("sun", x, y + 84, 15,
              METALS[metal][3]))  # fmt: skip


def cardholder(a: Canvas, *, leather: str, metal: str) -> None:
    """A card holder from above, three cards showing over its slanted pockets."""
    w, h = 480, 350
    whole = rect(-w / 2, -h / 2, w, h, 26)
    with a.group(transform="translate(400 530) rotate(-9)"):
        cards = (("#e9e2d3", -150, -300), (METALS[metal][3], -132, -262), ("#3a3d44", -112, -222))
        bounds = "".join(rect(-w / 2 + 30, y, w - 60, 200, 16) for _, _, y in cards[:1])
        drop_shadow(a, whole + bounds, 30, 36, 0.45)
        a.add(group(whole, fill=dark(leather, 0.35)))
        for colour, _, y in cards:
            _card(a, colour, w - 60, y)
        # Each pocket lies over the card behind it: shadow first, then the leather.
        for y, tilt in ((-150, 18), (-84, 18), (-18, 18)):
            _pocket(a, leather, w, h, y, tilt)
        a.add(line(f"M{-w / 2 + 2} -120 V{h / 2 - 26} Q{-w / 2 + 2} {h / 2 - 2} {-w / 2 + 26} "
                   f"{h / 2 - 2} H{w / 2 - 26}", "#fff", 1.6, stroke_opacity=0.22))  # fmt: skip
        a.add(sign("star", 0, 84, 26, METALS[metal][3]))


def _card(a: Canvas, colour: str, w: float, y: float) -> None:
    shape = rect(-w / 2, y, w, 190, 15)
    a.occlude(group(shape, transform="translate(3 -5)"), 0.32)
    shine = [(0, light(colour, 0.3)), (0.4, colour), (0.55, light(colour, 0.22)),
             (0.75, colour), (1, dark(colour, 0.2))]  # fmt: skip
    a.add(group(shape, fill=a.linear(shine, SLANT)))
    a.add(rect(-w / 2 + 1, y + 1, w - 2, 188, 14, fill="none", stroke="#fff", stroke_opacity=0.4))


def _pocket(a: Canvas, leather: str, w: float, h: float, y: float, tilt: float) -> None:
    left, right = -w / 2, w / 2
    top = (f"M{left} {y + tilt} C{left + 120} {y + tilt} {-70} {y - 4} 0 {y - 4} "
           f"C70 {y - 4} {right - 120} {y + tilt} {right} {y + tilt}")  # fmt: skip
    foot = (f" V{h / 2 - 26} Q{right} {h / 2} {right - 26} {h / 2} H{left + 26} "
            f"Q{left} {h / 2} {left} {h / 2 - 26}Z")  # fmt: skip
    shape = path(top + foot)
    with a.group(clip=a.clip(rect(left - 2, -h, w + 4, 2 * h, 26))):
        a.occlude(group(shape, transform="translate(2 -8)"), 0.5)
    fall = [(0, light(leather, 0.2)), (0.45, leather), (1, dark(leather, 0.34))]
    a.add(group(shape, fill=a.linear(fall, SLANT)))
    a.texture(shape, "leather", 0.5, (left, y - 30, w, h))
    seam = group(stitches(top, leather, 2), transform="translate(0 12)")
    a.add(line(top, light(leather, 0.42), 2.4, stroke_opacity=0.75), seam)


def notebook(a: Canvas, *, leather: str, metal: str, emblem: str) -> None:
    """A leather journal from above, with an elastic band and a ribbon."""
    w, h = 400, 556
    left, top, gold = -w / 2, -h / 2, METALS[metal][3]
    cover = rect(left, top, w, h, 16)
    with a.group(transform="translate(400 500) rotate(7)"):
        drop_shadow(a, cover, 30, 36, 0.42)
        a.add(
            rect(left + 6, top + 8, w + 4, h + 2, 12, fill="#efe7d8"),
            *(rect(left + 10, 2 - top + sheet * 2.2, w - 6, 1, fill="#b9ab93", opacity=0.8)
              for sheet in range(4)),
        )  # fmt: skip
        hide = [(0, light(leather, 0.2)), (0.5, leather), (1, dark(leather, 0.34))]
        spine = [(0, "#000", 0.35), (0.5, "#fff", 0.1), (0.9, "#000", 0.38), (1, "#fff", 0.15)]
        a.add(group(cover, fill=a.linear(hide, SLANT)))
        a.texture(cover, "leather", 0.5, (left, top, w, h))
        a.add(group(
            rect(left, top, 46, h, fill=a.linear(spine)),
            path(f"M{left} {top} H{w * 0.3} L{-w * 0.2} {-top} H{left}Z", fill="#fff",
                 opacity=0.07),
            clip=a.clip(cover),
        ))  # fmt: skip
        a.add(
            rect(left + 2, top + 2, w - 4, h - 4, 15, fill="none", stroke="#fff",
                 stroke_opacity=0.25, stroke_width=1.5),
            circle(22, -16, 74, fill="none", stroke=gold, stroke_width=2),
            circle(22, -16, 67, fill="none", stroke=gold, stroke_width=0.9),
            sign(emblem, 22, -16, 40, gold),
        )  # fmt: skip
        band = a.linear([(0, "#0e0d0c"), (0.4, "#3a3632"), (1, "#0b0a09")])
        silk = a.linear([(0, "#6d1f2a"), (0.5, "#a33a47"), (1, "#6d1f2a")])
        a.add(
            rect(-left - 36, top, 9, h, fill="#000", opacity=0.28, blur="b5"),
            rect(-left - 58, top - 3, 20, h + 8, fill=band),
            path(f"M-60 {4 - top} q6 40 -6 74 l10 -8 l10 10 q10 -40 4 -78Z", fill=silk),
        )
