"""Bake the pictures of the demo shop: python -m tools.art bake | sheet | plan."""

import argparse
import tempfile
from pathlib import Path

from PIL import Image

from shop.media.services import LARGEST, encode, fit
from tools.art import draw, plan

# The sizes that are committed: the others are made of the largest when they are first asked for.
WHOLE = (120, 400, 800, LARGEST)
CLOSE = (120, 1200)


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="python -m tools.art", description=__doc__)
    parser.add_argument("command", choices=("bake", "sheet", "plan"),
                        help="draw and write the pictures, or put them on one contact sheet, "
                        "or only write pictures.json")  # fmt: skip
    parser.add_argument("--only", metavar="MOTIF", action="append", help="just this motif")
    arguments = parser.parse_args()
    chosen = [p for p in plan.pictures() if not arguments.only or p.motif in arguments.only]
    if not chosen:
        parser.error(f"no such motif: {', '.join(arguments.only)}")
    if arguments.command == "sheet":
        print(sheet(chosen))
        return
    plan.MANIFEST.write_text(plan.manifest(), encoding="utf-8")
    if arguments.command == "bake":
        bake(chosen)


def bake(chosen: list[plan.Picture]) -> None:
    """Draw the pictures and write their sizes beside pictures.json; prints the bytes of each."""
    plan.PICTURES.mkdir(parents=True, exist_ok=True)
    total = 0
    for picture in chosen:
        image = draw.render(draw.svg(picture), LARGEST)
        size = _write(image, picture.name, WHOLE)
        size += _write(draw.close_up(image, picture.motif), f"{picture.name}-close", CLOSE)
        total += size
        print(f"{picture.name:24}{size:8}", flush=True)
    print(f"{len(chosen)} pictures, {total} bytes, {total // len(chosen)} each")


def _write(image: Image.Image, name: str, widths: tuple[int, ...]) -> int:
    """Write the sizes of a picture as the pipeline of uploads makes them; returns their bytes."""
    total = 0
    for width in reversed(widths):
        image = fit(image, width)
        content, _ = encode(image, width)
        (plan.PICTURES / f"{name}-{width}.webp").write_bytes(content)
        total += len(content)
    return total


def sheet(chosen: list[plan.Picture], columns: int = 6, width: int = 260) -> Path:
    """A contact sheet of baked pictures as PNG in the system's temporary folder; its path."""
    height, rows = width * 5 // 4, -(-len(chosen) // columns)
    gap = 12
    page = Image.new("RGB", (columns * (width + gap) + gap, rows * (height + gap) + gap), "#faf8f4")
    for place, picture in enumerate(chosen):
        row, column = divmod(place, columns)
        with Image.open(plan.PICTURES / f"{picture.name}-400.webp") as baked:
            small = baked.resize((width, height), Image.Resampling.LANCZOS)
        page.paste(small, (gap + column * (width + gap), gap + row * (height + gap)))
    target = Path(tempfile.gettempdir()) / "maison-flux-pictures.png"
    page.save(target)
    return target


if __name__ == "__main__":
    main()
