"""A quiet picture for pieces that come without one: initials over a paper sweep. Pure."""

import hashlib
import re
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from shop.catalog.text import fold

SIZE: Final = (800, 1000)
_MOST_DOTS: Final = 8
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")
# wall, floor, ink: the light backdrops of the demo's pictures
_PAPERS: Final = (
    ("#f1ece2", "#e2d9c8", "#5b5145"),
    ("#e9e6df", "#d3cec2", "#514c44"),
    ("#e6ebe2", "#cdd6c6", "#4a5646"),
    ("#e7ecf0", "#ccd5dc", "#46525c"),
    ("#f4e6e1", "#e3ccc4", "#644a44"),
    ("#f2e8d5", "#e0d0b0", "#5f5136"),
)


def drawn_source(word: str, colours: list[str]) -> str:
    """Return the source of a picture that shows `word`'s initials and dots of these colours."""
    dots = [colour.lower() for colour in colours if _HEX.fullmatch(colour)][:_MOST_DOTS]
    return "drawn:" + "|".join([initials(word), *dots])


def initials(word: str) -> str:
    """Return one or two capital letters that stand for `word`."""
    letters = [part[0] for part in fold(word).split() if part[0].isalnum()]
    return "".join(letters[:2]).upper() or "·"


def draw_placeholder(source: str) -> bytes:
    """Return a picture as PNG bytes for "NE|#b8762f|#1b3d5c": initials, then colours."""
    word, *dots = source.split("|")
    number = hashlib.sha256(word.encode()).digest()[0]
    wall, floor, ink = _PAPERS[number % len(_PAPERS)]
    picture = _sweep(wall, floor)
    pen = ImageDraw.Draw(picture)
    middle = (SIZE[0] // 2, 470)
    pen.text(middle, word, fill=ink, font=ImageFont.load_default(230), anchor="mm")
    pen.line((340, 640, 460, 640), fill=ink, width=2)
    _draw_dots(pen, dots)
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _sweep(wall: str, floor: str) -> Image.Image:
    """Return the wall fading into the floor, as a sheet of paper does in a studio."""
    mask = Image.linear_gradient("L").resize(SIZE).point(lambda light: max(0, light - 96) * 2)
    picture = Image.composite(Image.new("RGB", SIZE, floor), Image.new("RGB", SIZE, wall), mask)
    light = Image.new("L", SIZE, 0)
    ImageDraw.Draw(light).ellipse((-260, -320, 620, 520), fill=70)
    glow = light.resize((80, 100)).filter(ImageFilter.GaussianBlur(12)).resize(SIZE)
    return Image.composite(Image.new("RGB", SIZE, "#ffffff"), picture, glow)


def _draw_dots(pen: ImageDraw.ImageDraw, colours: list[str]) -> None:
    step, radius, y = 72, 24, 730
    left = SIZE[0] // 2 - step * (len(colours) - 1) // 2
    for place, colour in enumerate(colours):
        x = left + place * step
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
