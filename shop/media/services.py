"""Turn an upload into the sizes that pages show."""

import hashlib
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


@dataclass(frozen=True)
class StoredPicture:
    """A picture in storage: `key` names it, width and height are those of its largest size."""

    key: str
    width: int
    height: int


def store_picture(data: bytes) -> StoredPicture:
    """Check, shrink, re-encode and store a picture of JPEG, PNG, WebP or GIF bytes.

    Files of 120, 400 and 800 pixels width are always there afterwards, one of 1600 when the
    picture is that wide; none is enlarged, so a small picture has the same size in all. The key
    is the SHA-256 of the largest file: the same picture is derived once, whoever uploads it.
    Slow (0.1 to 1 s): call it outside a transaction. Raises BadInput when it is no such picture
    or has more than 25 million pixels, PictureTooLarge (413) above 5 MB.
    """
    picture = decode(data, LARGE)
    if picture.width < LARGE:
        picture = _fit(picture, WIDTHS[-1])
    widest = LARGE if picture.width >= LARGE else WIDTHS[-1]
    largest = _encode(picture, widest)
    key = hashlib.sha256(largest).hexdigest()
    place = storage()
    if not place.exists(f"{key}-{widest}.webp"):
        for width in WIDTHS:
            if width < widest:
                place.write(f"{key}-{width}.webp", _encode(_fit(picture, width), width))
        # The largest comes last: where it is, the others are complete.
        place.write(f"{key}-{widest}.webp", largest)
    return StoredPicture(key, picture.width, picture.height)


def _fit(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encode(picture: Image.Image, width: int) -> bytes:
    """Return WebP bytes, of lower quality where the picture is too busy for the page's budget."""
    budget = BUDGETS[width]
    content = b""
    for quality in QUALITIES:
        buffer = BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=4, exif=b"", icc_profile=b"")
        content = buffer.getvalue()
        if len(content) <= budget:
            break
    return content
