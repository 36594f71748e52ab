"""From untrusted bytes to a small, upright sRGB picture without metadata. Pure.

Only known formats are even looked at, size and pixels are judged from the header, and nothing is
decoded before that. A picture of MAX_PIXELS takes 50 MB (JPEG) to 300 MB (progressive JPEG, PNG,
GIF) while it is decoded, and up to 800 MB as WebP, whose decoder keeps several copies; so large
ones are decoded one at a time.
"""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

from shop.core.errors import BadInput
from shop.media.containers import HOW_TO_SAVE, heif_kind, readable_formats, split_jpeg

MAX_BYTES: Final = 25 * 1024 * 1024
MAX_MEGABYTES: Final = MAX_BYTES // 1024**2
MAX_PIXELS: Final = 50_000_000
MAX_RATIO: Final = 5  # the longer side against the shorter
# A progressive JPEG of a few bytes a scan can keep a decoder busy for minutes; cameras write ten.
MAX_JPEG_SCANS: Final = 100
LARGE_PIXELS: Final = 8_000_000  # from here on one at a time
_BAND: Final = 256  # rows that are converted at once
_ORIENTATION: Final = 0x0112
# Exif 2.32, table 6: how to turn what was stored.
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING: Final = (5, 6, 7, 8)
# All that Pillow's decoders are known to raise on damaged or hostile bytes.
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
    ZeroDivisionError, MemoryError, AssertionError, AttributeError, RuntimeError, struct.error,
    zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_SRGB: Final = ImageCms.createProfile("sRGB")
# One thread, not a lock: what glibc keeps of a thread's memory it would keep once for each.
_one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="large-picture")


class PictureTooLarge(BadInput):
    """More bytes than a picture may have."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def decode(data: bytes, width: int) -> Image.Image:
    """Return the first frame of `data`, at most `width` pixels wide, upright, RGB or RGBA.

    Never enlarges. Damaged Exif counts as none. Raises PictureTooLarge above MAX_BYTES and
    BadInput for anything that is not a whole picture of at most MAX_PIXELS in a format that can
    be read here.
    """
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(f"The picture is larger than {MAX_MEGABYTES} MB.")
    bare, exif = split_jpeg(data)
    picture = _open(bare)
    try:
        if picture.width * picture.height > LARGE_PIXELS:
            return _one_at_a_time.submit(_shrink, picture, width, exif).result()
        return _shrink(picture, width, exif)
    except _BROKEN as error:
        raise BadInput("The picture is damaged and cannot be read.") from error


def _open(data: bytes) -> Image.Image:
    """Read the header alone and judge it."""
    too_many = BadInput(f"The picture has more than {MAX_PIXELS // 10**6} million pixels.")
    try:
        picture = Image.open(BytesIO(data), formats=readable_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many from error
    except _BROKEN as error:
        raise BadInput(_why_not(data)) from error
    if picture.width * picture.height > MAX_PIXELS:
        raise too_many
    short, long = sorted(picture.size)
    if long > MAX_RATIO * short:
        raise BadInput(f"The picture is more than {MAX_RATIO} times as long as it is wide.")
    if picture.format == "JPEG" and data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise BadInput("The picture is damaged and cannot be read.")
    return picture


def _why_not(data: bytes) -> str:
    kind = heif_kind(data)
    if not kind:
        return "Choose a JPEG, PNG, WebP, AVIF or GIF picture."
    if {"HEIC": "HEIF"}.get(kind, kind) in readable_formats():
        return "The picture is damaged and cannot be read."
    return f"This is a {kind} picture, which this shop cannot read. {HOW_TO_SAVE}"


def _shrink(picture: Image.Image, width: int, exif: bytes) -> Image.Image:
    """Decode and shrink first, on as few pixels as possible; then colours, then orientation."""
    profile = picture.info.get("icc_profile")
    is_jpeg = picture.format == "JPEG"
    if not is_jpeg:
        picture.load()  # a PNG may say how it lies behind its pixels
    orientation = _orientation(picture, exif)
    across = picture.height if orientation in _LYING else picture.width
    factor = min(1.0, width / across)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    if is_jpeg:
        picture.draft(None, size)  # lets libjpeg decode at a half, a quarter or an eighth
        picture.load()
    small = _narrowed(picture, size[0])
    if small.size != size:
        small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small = _to_srgb(small, profile)
    return _bare(small.transpose(_TURNS[orientation]) if orientation in _TURNS else small)


def _orientation(picture: Image.Image, exif: bytes) -> int:
    """Return how the picture lies (Exif 1 to 8): 1, upright, where that is damaged or missing."""
    try:
        found = picture.getexif()
        if exif:
            found.load(exif)
        value = found.get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) else 1


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    """Return the picture in a mode that can be resized well; `width` wide when that needs a copy.

    Some rows at a time, so that beside the decoded picture there is never a second one as large.
    """
    if picture.mode in {"RGB", "CMYK", "L"} and "transparency" not in picture.info:
        return picture
    narrow: Image.Image | None = None
    for top in range(0, picture.height, _BAND):
        band = _plain(picture.crop((0, top, picture.width, min(top + _BAND, picture.height))))
        if width < band.width:
            band = band.resize((width, band.height), Image.Resampling.LANCZOS)
        narrow = narrow or Image.new(band.mode, (band.width, picture.height))
        narrow.paste(band, (0, top))
    return narrow or picture


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture as L, RGB or RGBA."""
    if picture.mode.startswith(("I", "F")):  # 16 bits a channel, grey
        return picture.point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _to_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """Return the picture in sRGB, which is what browsers take a picture without a profile for."""
    wanted = "RGBA" if picture.mode == "RGBA" else "RGB"
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, _SRGB, outputMode=wanted)
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile counts as none: the picture itself is whole
        if converted is not None:
            return converted
    return picture.convert(wanted)


def _bare(picture: Image.Image) -> Image.Image:
    """Return a copy without any metadata, and without an alpha channel that hides nothing."""
    if picture.mode == "RGBA" and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    return bare
