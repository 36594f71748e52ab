"""Turn an upload into the sizes that pages show."""

import hashlib
import math
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from shop.media.decode import decode
from shop.media.storage import storage

WIDTHS: Final = (120, 400, 800)
LARGE: Final = 1600  # only of pictures that are that wide: for the zoom
# Bytes a picture of this width should not exceed, and the qualities tried to stay within it.
BUDGETS: Final = {120: 4_000, 400: 15_000, 800: 45_000, LARGE: 160_000}
QUALITIES: Final = (80, 72, 64, 56, 48)
STEP: Final = 1.5  # one quality less makes a file smaller by this at most (measured on noise)
# How hard to squeeze (0 to 6). At 1600 pixels 2 takes half the time of 4 for the same bytes.
METHODS: Final = {120: 4, 400: 4, 800: 4, LARGE: 2}


@dataclass(frozen=True)
class StoredPicture:
    """A picture in storage: `key` names it, width and height are those of its largest size."""

    key: str
    width: int
    height: int


def store_picture(data: bytes) -> StoredPicture:
    """Check, shrink, re-encode and store a picture: JPEG, PNG, WebP, GIF, AVIF, perhaps HEIC.

    Files of 120, 400 and 800 pixels width are always there afterwards, one of 1600 when the
    picture is that wide; none is enlarged, so a small picture has the same size in all. The key
    is the SHA-256 of the largest file: the same picture is derived once, whoever uploads it.
    Slow (0.1 to 5 s): call it outside a transaction. Raises BadInput when it is no such picture
    or has more than 50 million pixels, PictureTooLarge (413) above 25 MB.
    """
    picture = decode(data, LARGE)
    if picture.width < LARGE:
        picture = _fit(picture, WIDTHS[-1])
    widest = LARGE if picture.width >= LARGE else WIDTHS[-1]
    files, fitting = {}, _fit(picture, WIDTHS[-1])
    files[WIDTHS[-1]], quality = _encode(fitting, WIDTHS[-1])
    if widest == LARGE:  # hardly ever fits better than its half: begin where that ended
        files[LARGE], _ = _encode(picture, LARGE, quality)
    largest = files.pop(widest)
    key = hashlib.sha256(largest).hexdigest()
    place = storage()
    if not place.exists(f"{key}-{widest}.webp"):
        for width in WIDTHS[:-1]:
            files[width], _ = _encode(_fit(fitting, width), width)
        for width, content in files.items():
            place.write(f"{key}-{width}.webp", content)
        # The largest comes last: where it is, the others are complete.
        place.write(f"{key}-{widest}.webp", largest)
    return StoredPicture(key, picture.width, picture.height)


def _fit(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encode(picture: Image.Image, width: int, best: int = QUALITIES[0]) -> tuple[bytes, int]:
    """Return WebP bytes and their quality: at most `best`, lower where the picture is too busy for
    the page's budget. Encoding is most of an upload's time, so hopeless qualities are left out."""
    budget, place = BUDGETS[width], QUALITIES.index(best)
    while True:
        buffer, quality = BytesIO(), QUALITIES[place]
        picture.save(
            buffer, "WEBP", quality=quality, method=METHODS[width], exif=b"", icc_profile=b""
        )
        content = buffer.getvalue()
        if len(content) <= budget or place == len(QUALITIES) - 1:
            return content, quality
        steps = max(1, int(math.log(len(content) / budget, STEP)))
        place = min(place + steps, len(QUALITIES) - 1)
