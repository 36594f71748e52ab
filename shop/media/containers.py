"""What kind of picture some bytes are, and what cameras wrap around a JPEG. Pure."""

import functools
from typing import Final

from PIL import features

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
HOW_TO_SAVE: Final = (
    "Save it as JPEG and choose that file. "
    "An iPhone takes JPEG itself: Settings, Camera, Formats, Most Compatible."
)
# ISO/IEC 23008-12 and AVIF 1.1: the brand says which codec the file needs. `mif1` and `msf1` leave
# that open; iPhones use them for HEVC.
_HEIC: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_AVIF: Final = {b"avif", b"avis"}
_OPEN: Final = {b"mif1", b"msf1"}
_WITHOUT_LENGTH: Final = range(0xD0, 0xDB)  # and the start of the scan, which pixels follow
# APP1 Exif and XMP, APP2 of several pictures in one (CIPA DC-007), APP13 Photoshop.
_DESCRIBES: Final = (
    (0xE1, b""),
    (0xE2, b"MPF\0"),
    (0xED, b""),
)
_EXIF: Final = b"Exif\0"


def heif_kind(data: bytes) -> str:
    """Return "HEIC" or "AVIF" for the start of such a file, else ""."""
    if data[4:8] != b"ftyp":
        return ""
    length = int.from_bytes(data[:4], "big")
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, min(length, 128), 4))]
    known = next((brand for brand in brands if brand in _HEIC | _AVIF), None)
    if known is not None:
        return "AVIF" if known in _AVIF else "HEIC"
    return "HEIC" if _OPEN & set(brands) else ""


@functools.cache
def readable_formats() -> tuple[str, ...]:
    """Return the formats that this installation reads, as Pillow names them.

    AVIF where Pillow was built with it, as its own wheels are; HEIC (HEIF) where somebody has
    installed `pillow-heif`.
    """
    avif = ("AVIF",) if features.check("avif") else ()
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return (*FORMATS, *avif)
    register_heif_opener(thumbnails=False)
    return (*FORMATS, *avif, "HEIF")


def split_jpeg(data: bytes) -> tuple[bytes, bytes]:
    """Return a JPEG without what only describes it, and its Exif data.

    Cameras and programs leave these parts damaged without harm to the picture; a telephone's
    second picture goes with the index that names it. What is no JPEG stays as it is.
    """
    if data[:2] != b"\xff\xd8":
        return data, b""
    kept, exif, at = [data[:2]], b"", 2
    while data[at : at + 1] == b"\xff" and at + 4 < len(data):
        marker = data[at + 1]
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not 0xC0 <= marker <= 0xFE or marker in _WITHOUT_LENGTH or end > len(data):
            break
        payload = data[at + 4 : end]
        if not any(marker == kind and payload.startswith(sign) for kind, sign in _DESCRIBES):
            kept.append(data[at:end])
        elif payload.startswith(_EXIF):
            exif = exif or payload
        at = end
    return b"".join([*kept, data[at:]]), exif
