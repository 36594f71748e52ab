"""Skin and hands: cream jar, lipstick, hand soap."""

from tools.art.canvas import DOWN, Canvas
from tools.art.glass import streaks
from tools.art.lettering import emblem as sign
from tools.art.lettering import label, small, words
from tools.art.palette import METALS, barrel, dark, light
from tools.art.shapes import ellipse, group, path, rect
from tools.art.stage import caustic, shadow


def creamjar(a: Canvas, *, tint: str, metal: str) -> None:
    """A heavy glass jar of white cream under a metal lid."""
    g, w, h, lid = a.ground, 344, 168, 104
    x, y = 400 - w / 2, g - h
    shadow(a, 400, g, 184)
    body = path(f"M{x} {y + 10} q0 -10 10 -10 H{x + w - 10} q10 0 10 10 V{g - 56} q0 56 -62 56 "
                f"H{x + 62} q-62 0 -62 -56Z")  # fmt: skip
    inner = path(f"M{x + 30} {y + 8} H{x + w - 30} V{g - 78} q0 38 -44 38 H{x + 74} "
                 "q-44 0 -44 -38Z")  # fmt: skip
    wall = [(0, dark(tint, 0.22)), (0.16, light(tint, 0.5)), (0.32, light(tint, 0.9)), (0.6, tint),
            (1, dark(tint, 0.3))]  # fmt: skip
    cream = [(0, dark("#fffdf8", 0.14)), (0.3, "#fffefb"), (0.7, "#f6f2ea"),
             (1, dark("#f4efe6", 0.2))]  # fmt: skip
    a.add(group(body, fill=a.linear(wall)), group(inner, fill=a.linear(cream), opacity=0.9))
    dim = [(0, "#000", 0.18), (0.18, "#000", 0), (0.72, "#000", 0), (1, "#000", 0.2)]
    a.add(group(body, fill=a.linear(dim, DOWN)))
    with a.group(clip=a.clip(body)):
        a.add(
            rect(x + 14, y, 12, h - 30, 6, fill="#fff", opacity=0.8, blur="b2"),
            rect(x + 60, g - 15, w - 130, 5, fill="#fff", opacity=0.75, blur="b2"),
        )
    words(a, 400, y + 76, "LA CRÈME", 29, "#2b3033", spacing=5)
    a.add(rect(382, y + 90, 36, 1, fill="#59656b"))
    small(a, 400, y + 111, "VISAGE · 50 ml", 10, "#48545a")
    _jar_lid(a, x, y - lid + 4, w, lid, metal)


def _jar_lid(a: Canvas, x: float, y: float, w: float, h: float, metal: str) -> None:
    light_fall = [(0, "#fff", 0.55), (0.12, "#fff", 0), (0.86, "#000", 0), (1, "#000", 0.35)]
    a.add(
        rect(x, y + h, w, 10, fill="#000", opacity=0.18, blur="b2"),
        rect(x - 4, y, w + 8, h, 12, fill=a.metal(metal)),
        rect(x - 4, y, w + 8, h, 12, fill=a.linear(light_fall, DOWN)),
        rect(x - 4, y + h - 22, w + 8, 2, fill="#000", opacity=0.22),
        rect(x - 4, y + h - 20, w + 8, 1.5, fill="#fff", opacity=0.6),
    )


def lipstick(a: Canvas, *, shade: str, metal: str, case: str) -> None:
    """An open lipstick, its cap standing to the right."""
    g = a.ground
    shadow(a, 345, g, 78, cast=1.5)
    shadow(a, 524, g, 60, cast=1.1, strength=0.9)
    engraving = METALS[metal][3] if case == "black" else METALS[metal][4]
    a.add(
        rect(470, g - 262, 112, 262, 7, fill=a.metal(case)),
        rect(473, g - 261, 106, 7, 4, fill="#fff", opacity=0.35, blur="b2"),
        rect(470, g - 26, 112, 15, fill=a.metal(metal)),
        sign("star", 526, g - 142, 17, engraving),
        rect(278, g - 186, 134, 186, 6, fill=a.metal(case)),
        rect(280, g - 185, 130, 5, fill="#fff", opacity=0.3),
        rect(290, g - 262, 110, 78, fill=a.metal(metal)),
        rect(290, g - 196, 110, 12, fill="#000", opacity=0.28, blur="b2"),
        rect(290, g - 246, 110, 2, fill="#000", opacity=0.22),
        rect(290, g - 243, 110, 1.5, fill="#fff", opacity=0.5),
        rect(300, g - 332, 90, 74, fill=a.metal(metal)),
        rect(300, g - 276, 90, 14, fill="#000", opacity=0.3, blur="b2"),
    )
    bullet = (f"M308 {g - 330} V{g - 430} C308 {g - 480} 352 {g - 512} 372 {g - 520} "
              f"Q382 {g - 522} 382 {g - 506} V{g - 330}Z")  # fmt: skip
    slant = (f"M311 {g - 428} C312 {g - 474} 352 {g - 508} 371 {g - 517} Q378 {g - 519} "
             f"378 {g - 508} C362 {g - 476} 338 {g - 448} 311 {g - 428}Z")  # fmt: skip
    wax = [(0, dark(shade, 0.45)), (0.16, dark(shade, 0.05)), (0.3, light(shade, 0.32)),
           (0.42, shade), (0.8, dark(shade, 0.25)), (1, dark(shade, 0.5))]  # fmt: skip
    a.add(
        path(bullet, fill=a.linear(wax)),
        path(slant, fill=light(shade, 0.42), opacity=0.62),
        rect(322, g - 440, 7, 104, 3, fill="#fff", opacity=0.35, blur="b2"),
        rect(308, g - 344, 74, 14, fill="#000", opacity=0.3, blur="b2"),
    )


def soap(a: Canvas, *, glass: str, metal: str, emblem: str) -> None:
    """A tall round bottle of hand soap with a pump."""
    g, w, h = a.ground, 228, 352
    x, y = 400 - w / 2, g - h
    shadow(a, 400, g, 122, cast=1.25)
    caustic(a, 540, glass, 120)
    body = path(
        f"M{x} {g - 22} V{y + 62} C{x} {y + 14} 346 {y + 12} 346 {y - 12} H454 "
        f"C454 {y + 12} {x + w} {y + 14} {x + w} {y + 62} V{g - 22} q0 22 -24 22 H{x + 24} "
        "q-24 0 -24 -22Z"
    )
    a.add(group(body, fill=a.linear(barrel(glass, 0.6, 0.28)), opacity=0.97))
    level = y + 92
    with a.group(clip=a.clip(body)):
        air = [(0, light(glass, 0.5), 0.5), (1, light(glass, 0.2), 0.25)]
        a.add(
            rect(x, y - 12, w, level - y + 12, fill=a.linear(air, DOWN)),
            rect(396, level - 50, 8, g - level, fill=dark(glass, 0.6), opacity=0.35),
            ellipse(400, level, w / 2, 9, fill=light(glass, 0.4), opacity=0.55),
            rect(x, g - 16, w, 16, fill=a.linear([(0, "#fff", 0.35), (1, "#000", 0.3)], DOWN)),
        )
        streaks(a, x, y + 40, w, h - 20, 0.75)
    a.shade(body, 0.1, 0.36)
    label(a, (x + 26, y + 128, w - 52, 162), emblem, ("SAVON", "LIQUIDE"), "MAINS · 300 ml")
    _pump(a, y - 12, metal)


def _pump(a: Canvas, y: float, metal: str) -> None:
    spout = (f"M372 {y - 122} Q372 {y - 150} 400 {y - 150} H438 Q484 {y - 150} 508 {y - 116} "
             f"L516 {y - 104} L500 {y - 96} L490 {y - 108} "
             f"Q478 {y - 122} 444 {y - 122}Z")  # fmt: skip
    tones = METALS[metal]
    a.add(
        rect(344, y - 42, 112, 46, 6, fill=a.metal(metal)),
        *(rect(350 + rib * 10, y - 38, 2, 38, fill="#000", opacity=0.16) for rib in range(11)),
        rect(344, y + 2, 112, 8, fill="#000", opacity=0.3, blur="b2"),
        rect(366, y - 62, 68, 22, 5, fill=a.metal(metal)),
        rect(391, y - 112, 18, 54, fill=a.metal(metal)),
        rect(391, y - 122, 18, 16, fill="#000", opacity=0.3, blur="b2"),
        path(spout, fill=a.metal(metal, DOWN)),
        path(f"M384 {y - 146} H440 Q470 {y - 146} 490 {y - 124}", fill="none", stroke=tones[2],
             stroke_width=3, stroke_opacity=0.7, blur="b2"),
    )  # fmt: skip
