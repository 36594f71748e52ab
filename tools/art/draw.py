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


def save(image: Image.Image, target: Path, quality: int) -> int:
    """Write an image as WebP; the size of the file in bytes."""
    image.save(target, quality=quality, method=6)
    return target.stat().st_size


def _view(crop: tuple[float, float, float] | None) -> tuple[float, float, float, float]:
    x, y, zoom = crop or (WIDTH / 2, HEIGHT / 2, 1)
    width, height = WIDTH / zoom, HEIGHT / zoom
    # A close up never looks past the edge of the sheet.
    left = min(max(x - width / 2, 0), WIDTH - width)
    top = min(max(y - height / 2, 0), HEIGHT - height)
    return left, top, width, height
