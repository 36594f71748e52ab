"""Turn an upload into the sizes that pages show."""

import hashlib
import math
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Final

from PIL import Image

from shop.media.decode import decode
from shop.media.storage import storage

WIDTHS: Final = (120, 400, 800, 1200, 1600)
ALWAYS: Final = WIDTHS[:3]  # whatever the picture's width; the others only where it is wider
LARGEST: Final = WIDTHS[-1]
_LARGER: Final = {1200: 800, LARGEST: 1200}  # and the size before each
# Bytes a picture of this width should not exceed, and the qualities tried to stay within it.
BUDGETS: Final = {120: 4_000, 400: 15_000, 800: 45_000, 1200: 90_000, LARGEST: 160_000}
QUALITIES: Final = (80, 72, 64, 56, 48)
# The two largest are for screens that show two or three pixels where others show one.
BEST: Final = {1200: 72, LARGEST: 64}
STEP: Final = 1.5  # one quality less makes a file smaller by this at most (measured on noise)
# How hard to squeeze (0 to 6). At 1600 pixels 2 takes half the time of 4 for the same bytes.
METHODS: Final = {120: 4, 400: 4, 800: 4, 1200: 2, LARGEST: 2}

_deriving = Lock()


@dataclass(frozen=True)
class StoredPicture:
    """A picture in storage: `key` names it, width and height are those of its largest size."""

    key: str
    width: int
    height: int


def store_picture(data: bytes) -> StoredPicture:
    """Check, shrink, re-encode and store a picture: JPEG, PNG, WebP, GIF, AVIF, perhaps HEIC.

    Files of 120, 400 and 800 pixels width are always there afterwards, those of 1200 and 1600 when
    the picture is wider than the size before; none is enlarged, so a small picture has the same
    size in all. The key is the SHA-256 of the largest file: the same picture is derived once,
    whoever uploads it.
    Slow (0.1 to 5 s): call it outside a transaction. Raises BadInput when it is no such picture
    or has more than 50 million pixels, PictureTooLarge (413) above 25 MB.
    """
    picture = decode(data, LARGEST)
    widths = widths_of(picture.width)
    pixels: dict[int, Image.Image] = {}
    files: dict[int, bytes] = {}
    for width in reversed(widths):  # each is made of the one before, which has fewer pixels
        pixels[width] = picture if width == widths[-1] else fit(pixels[_next(width)], width)
    best = QUALITIES[0]
    for width in widths[len(ALWAYS) - 1 :]:  # hardly ever fits better than a smaller one
        files[width], best = encode(pixels[width], width, best)
    largest = files.pop(widths[-1])
    key = hashlib.sha256(largest).hexdigest()
    place = storage()
    if not place.exists(file_name(key, widths[-1])):
        for width in ALWAYS[:-1]:
            files[width], _ = encode(pixels[width], width)
        for width, content in files.items():
            place.write(file_name(key, width), content)
        # The largest comes last: where it is, the others are complete.
        place.write(file_name(key, widths[-1]), largest)
    return StoredPicture(key, picture.width, picture.height)


def widths_of(width: int) -> tuple[int, ...]:
    """Return the sizes that a picture of `width` pixels is kept in, the smallest first."""
    return (*ALWAYS, *(size for size, before in _LARGER.items() if width > before))


def file_name(key: str, width: int) -> str:
    """Return the name under which a size of a picture is stored."""
    return f"{key}-{width}.webp"


def _next(width: int) -> int:
    return WIDTHS[WIDTHS.index(width) + 1]


def read_picture(key: str, width: int) -> bytes | None:
    """Return a picture's file of one of WIDTHS; None when there is no such picture.

    A size that pictures did not have when this one was stored is made of the next larger one and
    kept. Where there is no larger one the largest there is takes its place: none is enlarged.
    """
    place = storage()
    content = place.read(file_name(key, width))
    if content is not None:
        return content
    larger = [size for size in WIDTHS if size > width and place.exists(file_name(key, size))]
    if larger:
        return _derive(key, width, larger[0])
    smaller = (place.read(file_name(key, size)) for size in reversed(WIDTHS) if size < width)
    return next((content for content in smaller if content is not None), None)


def _derive(key: str, width: int, source: int) -> bytes | None:
    """Make and keep a missing size; one at a time, so that a page of them leaves other threads
    and the memory alone."""
    place, name = storage(), file_name(key, width)
    with _deriving:
        content, larger = place.read(name), place.read(file_name(key, source))
        if content is None and larger is not None:
            with Image.open(BytesIO(larger), formats=("WEBP",)) as picture:
                content, _ = encode(fit(picture, width), width)
            place.write(name, content)
    return content


def fit(picture: Image.Image, width: int) -> Image.Image:
    """Return the picture at most `width` pixels wide."""
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def encode(picture: Image.Image, width: int, best: int = QUALITIES[0]) -> tuple[bytes, int]:
    """Return the size `width` of a picture as WebP, and its quality: at most `best`, lower where
    the picture is too busy for the page's budget. Encoding is most of an upload's time, so
    hopeless qualities are left out."""
    budget, place = BUDGETS[width], QUALITIES.index(min(best, BEST.get(width, best)))
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
