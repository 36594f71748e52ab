"""From a plan to SVG, and from SVG to a baked WebP."""

import io
from pathlib import Path

from PIL import Image

from tools.art import stage
from tools.art.canvas import Canvas
from tools.art.motifs import LYING, MOTIFS
from tools.art.plan import Picture
from tools.art.scene import GROUND, HEIGHT, WIDTH

FONTS = Path(__file__).parent / "fonts"
ZOOM = 1.5  # how much closer a close view is
# Where the subjects stand on the sheet, and where the long ones are best looked at.
MIDDLE = (0.5, 0.58)
MIDDLES = {"sunglasses": (0.38, 0.56), "umbrella": (0.66, 0.67)}


def svg(picture: Picture) -> str:
    """The drawing of one picture; the same for the same plan, always."""
    scene, lying = picture.scene, picture.motif in LYING
    a = Canvas(scene, picture.seed)
    stage.paper(a, flat=lying)
    middle, rest = 400, 1 - scene.scale
    floor = 500 if lying else GROUND + 24
    place = f"translate({middle * rest} {floor * rest}) scale({scene.scale})"
    with a.group(transform=place):
        if scene.plinth:
            stage.plinth(a)
        MOTIFS[picture.motif](a, **picture.params)
    return a.svg(_view(scene.crop), (WIDTH, HEIGHT))


def render(text: str, width: int) -> Image.Image:
    """SVG as pixels, lettered in the fonts of this folder and no others."""
    # Only baking needs the renderer: drawing, and so the tests, must do without.
    from resvg_py import svg_to_bytes

    png = svg_to_bytes(svg_string=text, width=width, font_dirs=[str(FONTS)], skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(png))).convert("RGB")


def close_up(image: Image.Image, motif: str) -> Image.Image:
    """Cut the middle out of a whole picture: where its subject stands, or is best looked at."""
    width, height = (round(side / ZOOM) for side in image.size)
    x, y = MIDDLES.get(motif, MIDDLE)
    left = min(round(image.width * x - width / 2), image.width - width)
    top = min(round(image.height * y - height / 2), image.height - height)
    return image.crop((left, top, left + width, top + height))


def _view(crop: tuple[float, float, float] | None) -> tuple[float, float, float, float]:
    x, y, zoom = crop or (WIDTH / 2, HEIGHT / 2, 1)
    width, height = WIDTH / zoom, HEIGHT / zoom
    # A close up never looks past the edge of the sheet.
    left = min(max(x - width / 2, 0), WIDTH - width)
    top = min(max(y - height / 2, 0), HEIGHT - height)
    return left, top, width, height
