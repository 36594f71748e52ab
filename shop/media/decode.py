"""From untrusted bytes to a small, upright sRGB picture without metadata. Pure.

What is refused, and why, is security.md 83 and 84 of the project's rules: only four formats are
even looked at, size and pixels are judged from the header, and nothing is decoded before that.
"""

import struct
import zlib
from http import HTTPStatus
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms, ImageOps

from shop.errors import BadInput

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_PIXELS: Final = 25_000_000
MAX_RATIO: Final = 5  # the longer side against the shorter
FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
# A progressive JPEG of a few bytes a scan can keep a decoder busy for minutes; cameras write ten.
MAX_JPEG_SCANS: Final = 100
# All that Pillow's decoders are known to raise on damaged or hostile bytes.
_BROKEN: Final = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
    ZeroDivisionError, MemoryError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
_SRGB: Final = ImageCms.createProfile("sRGB")


class PictureTooLarge(BadInput):
    """More bytes than a picture may have."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def decode(data: bytes, width: int) -> Image.Image:
    """Return the first frame of `data`, at most `width` pixels wide, upright, RGB or RGBA.

    Never enlarges. Raises PictureTooLarge above 5 MB and BadInput for anything that is not a
    whole JPEG, PNG, WebP or GIF of at most 25 million pixels.
    """
    if len(data) > MAX_BYTES:
        raise PictureTooLarge("The picture is larger than 5 MB.")
    picture = _open(data)
    try:
        return _shrink(picture, width)
    except _BROKEN as error:
        raise BadInput("The picture is damaged and cannot be read.") from error


def _open(data: bytes) -> Image.Image:
    """Read the header alone and judge it."""
    try:
        picture = Image.open(BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput("The picture has more than 25 million pixels.") from error
    except _BROKEN as error:
        raise BadInput("Choose a JPEG, PNG, WebP or GIF picture.") from error
    if picture.width * picture.height > MAX_PIXELS:
        raise BadInput("The picture has more than 25 million pixels.")
    short, long = sorted(picture.size)
    if long > MAX_RATIO * short:
        raise BadInput(f"The picture is more than {MAX_RATIO} times as long as it is wide.")
    if picture.format == "JPEG" and data.count(b"\xff\xda") > MAX_JPEG_SCANS:
        raise BadInput("The picture is damaged and cannot be read.")
    return picture


def _shrink(picture: Image.Image, width: int) -> Image.Image:
    """Decode and shrink first, on as few pixels as possible; then colours, then orientation."""
    profile = picture.info.get("icc_profile")
    turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}  # Exif: lies on its side
    across = picture.height if turned else picture.width
    factor = min(1.0, width / across)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    if picture.format == "JPEG":
        picture.draft(None, size)  # lets libjpeg decode at a half, a quarter or an eighth
    picture.load()
    exif = picture.getexif()
    small: Image.Image = _plain(picture)
    if small.size != size:
        small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small = _to_srgb(small, profile)
    small.getexif().clear()
    small.getexif()[0x0112] = exif.get(0x0112, 1)
    return _bare(ImageOps.exif_transpose(small))


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be resized well: L, RGB, RGBA or CMYK."""
    if picture.mode in {"RGB", "CMYK", "L"} and "transparency" not in picture.info:
        return picture
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
