"""The sheet a picture is drawn on: collects shapes, makes paints, gives the SVG."""

import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tools.art.palette import METAL_OFFSETS, METALS, Stop, dark, light
from tools.art.scene import HEIGHT, WIDTH, Scene
from tools.art.shapes import element, ellipse, group, rect

ACROSS = (0, 0, 1, 0)
DOWN = (0, 0, 0, 1)
SLANT = (0, 0, 1, 1)

BLURS = {"b2": 2, "b5": 5, "b10": 10, "b18": 18, "b34": 34}
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_WHOLE = 'x="0" y="0" width="100%" height="100%"'
_LIGHT = (
    '<feDiffuseLighting in="n" surfaceScale="{}" lighting-color="#fff">'
    '<feDistantLight azimuth="225" elevation="{}"/></feDiffuseLighting>'
)


class Canvas:
    """Shapes in painting order, the definitions they refer to, and the seeded randomness."""

    def __init__(self, scene: Scene, seed: str) -> None:
        self.scene = scene
        self.random = random.Random(seed)
        self._definitions = _filters()
        self._body: list[str] = []
        self._count = 0

    @property
    def ground(self) -> int:
        """The y on which the subject stands."""
        return self.scene.ground

    def add(self, *elements: str) -> None:
        """Paint elements over what is there."""
        self._body.extend(elements)

    @contextmanager
    def group(self, **look: Any) -> Iterator[None]:
        """Everything added inside shares a transform, a clip path or another look."""
        self._body.append(element("g", "", look).replace("/>", ">"))
        yield
        self._body.append("</g>")

    def linear(self, stops: Sequence[Stop], box: Sequence[float] = ACROSS) -> str:
        """A paint that changes along a line of the shape's own box (x1, y1, x2, y2)."""
        x1, y1, x2, y2 = box
        return self._paint("linearGradient", f'x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"', stops)

    def radial(
        self, stops: Sequence[Stop], cx: float = 0.5, cy: float = 0.5, r: float = 0.5
    ) -> str:
        """A paint that changes from a centre outwards, in shares of the shape's own box."""
        return self._paint("radialGradient", f'cx="{cx}" cy="{cy}" r="{r}"', stops)

    def metal(self, kind: str, box: Sequence[float] = ACROSS) -> str:
        """Polished metal, or lacquer, on a round body."""
        return self.linear(list(zip(METAL_OFFSETS, METALS[kind], strict=True)), box)

    def bead(self, kind: str) -> str:
        """Polished metal on a ball."""
        tones = METALS[kind]
        return self.radial(
            [(0, light(tones[2], 0.6)), (0.3, tones[2]), (0.7, tones[3]), (1, tones[4])],
            0.35, 0.3, 0.75,
        )  # fmt: skip

    def clip(self, *shapes: str) -> str:
        """A clip path made of shapes, to be given as clip=."""
        name = self._name("c")
        self._definitions.append(f'<clipPath id="{name}">{"".join(shapes)}</clipPath>')
        return f"url(#{name})"

    def glow(self, cx: float, cy: float, rx: float, ry: float, colour: str, opacity: float) -> None:
        """A soft blob: a gradient, because a blur of this size is slow and shows its edge."""
        steps = ((0, 1), (0.35, 0.62), (0.7, 0.18), (1, 0))
        paint = self.radial([(offset, colour, opacity * share) for offset, share in steps])
        self.add(ellipse(cx, cy, rx, ry, fill=paint))

    def shade(self, shape: str, top: float = 0.12, bottom: float = 0.34) -> None:
        """Light from above on a shape: white at its top, black at its foot."""
        stops: list[Stop] = [(0, "#fff", top), (0.4, "#000", 0), (1, "#000", bottom)]
        self.add(group(shape, fill=self.linear(stops, DOWN)))

    def texture(
        self, shape: str, name: str, opacity: float,
        box: tuple[float, float, float, float] = (0, 0, WIDTH, HEIGHT),
    ) -> None:  # fmt: skip
        """Leather, boucle or weave multiplied onto a shape that lies within box (x, y, w, h)."""
        cloth = rect(*box, filter=f"url(#{name})")
        self.add(group(cloth, clip=self.clip(shape), opacity=opacity, blend="multiply"))

    def occlude(self, shape: str, opacity: float = 0.3, blur: str = "b5") -> None:
        """The soft darkness where one part lies over another."""
        self.add(group(shape, fill="#000", opacity=opacity, blur=blur))

    @property
    def shadow_colour(self) -> str:
        """What a shadow is on this paper: its own colour, darkened; never black on light."""
        return "#000" if self.scene.is_dark else dark(self.scene.tones.floor_near, 0.83)

    def svg(self, box: tuple[float, float, float, float], size: tuple[int, int]) -> str:
        """The picture: the part of the sheet in box (x, y, width, height) at a size in pixels."""
        view = " ".join(f"{value:g}" for value in box)
        x, y, width, height = box
        grain = rect(x, y, width, height, filter="url(#grain)", opacity=0.16, blend="soft-light")
        text = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" '
            f'width="{size[0]}" height="{size[1]}"><defs>{"".join(self._definitions)}</defs>'
            f"{''.join(self._body)}{grain}</svg>\n"
        )
        return _LONG_NUMBER.sub(lambda match: f"{float(match[0]):.3g}" if abs(float(match[0])) < 1
                                else f"{float(match[0]):.1f}", text)  # fmt: skip

    def _paint(self, kind: str, geometry: str, stops: Sequence[Stop]) -> str:
        name = self._name("g")
        inner = "".join(_stop(*stop) for stop in stops)
        self._definitions.append(f'<{kind} id="{name}" {geometry}>{inner}</{kind}>')
        return f"url(#{name})"

    def _name(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count}"


def _stop(offset: float, colour: str, opacity: float = 1) -> str:
    alpha = "" if opacity == 1 else f' stop-opacity="{opacity}"'
    return f'<stop offset="{offset}" stop-color="{colour}"{alpha}/>'


def _filters() -> list[str]:
    found = [
        f'<filter id="{name}" x="-60%" y="-60%" width="220%" height="220%">'
        f'<feGaussianBlur stdDeviation="{deviation}"/></filter>'
        for name, deviation in BLURS.items()
    ]
    found.append(
        f'<filter id="grain" {_WHOLE}><feTurbulence type="fractalNoise" baseFrequency=".85" '
        'numOctaves="2" seed="7"/><feColorMatrix values="0 0 0 0 .5 0 0 0 0 .5 0 0 0 0 .5 '
        '0 0 0 .9 -.28"/></filter>'
    )
    for name, noise, scale, elevation in (
        ("leather", 'type="fractalNoise" baseFrequency=".16" numOctaves="3" seed="11"', 1.5, 58),
        ("boucle", 'type="turbulence" baseFrequency=".085" numOctaves="3" seed="5"', 4.2, 55),
        ("weave", 'type="fractalNoise" baseFrequency=".03 .42" numOctaves="2" seed="3"', 1.8, 58),
    ):
        found.append(
            f'<filter id="{name}" {_WHOLE}><feTurbulence {noise} result="n"/>'
            f"{_LIGHT.format(scale, elevation)}</filter>"
        )
    return found
