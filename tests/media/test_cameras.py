"""What cameras and telephones write: damaged Exif, several pictures in one file, HEIC and AVIF."""

import contextlib
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from shop.core.errors import BadInput
from shop.media.containers import heif_kind, readable_formats, split_jpeg
from shop.media.decode import MAX_BYTES, PictureTooLarge, decode
from shop.media.services import store_picture
from tests.media.test_store_picture import drawn, opened, saved

# What Pillow says of damaged Exif, which is what these tests are about.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
RED = (200, 30, 30)
LYING = b"Exif\0\0" + b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
DAMAGED = {
    "no TIFF header": b"Exif\0\0http://nobody",
    "nothing behind the name": b"Exif\0\0",
    "torn in its table": LYING[:20],
    "a table far outside": b"Exif\0\0II*\0\xff\xff\xff\x7f",
    "a table of 65,535 entries": b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 40,
    "orientation as text": LYING.replace(b"\x12\x01\x03\0", b"\x12\x01\x02\0"),
    "orientation as a fraction of 0": LYING.replace(b"\x12\x01\x03\0", b"\x12\x01\x05\0"),
    "orientation 99": LYING.replace(b"\x06\0\0\0", b"\x63\0\0\0"),
    "no text at all": b"\xff" * 60,
}


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def red(kind: str = "JPEG", **options: object) -> bytes:
    return saved(Image.new("RGB", (300, 200), RED), kind, **options)


def looks_red(picture: Image.Image) -> bool:
    found = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))
    return all(abs(a - b) < 12 for a, b in zip(found, RED, strict=True))


@pytest.mark.parametrize("exif", DAMAGED.values(), ids=list(DAMAGED))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_costs_the_exif_alone(kind: str, exif: bytes) -> None:
    data = with_segments(red(), segment(0xE1, exif)) if kind == "JPEG" else red(kind, exif=exif)
    picture = decode(data, 1600)
    assert picture.size == (300, 200)
    assert looks_red(picture)


@given(st.binary(max_size=200), st.sampled_from([0xE1, 0xE2, 0xED, 0xEE, 0xFE]))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_that_describes_a_jpeg_keeps_it_out(junk: bytes, marker: int) -> None:
    names = {0xE1: b"Exif\0\0", 0xE2: b"MPF\0", 0xED: b"Photoshop 3.0\0", 0xEE: b"", 0xFE: b""}
    data = with_segments(red(), segment(marker, names[marker] + junk))
    assert decode(data, 1600).size == (300, 200)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_pictures_are_refused_or_small_but_never_an_error(choices: st.DataObject) -> None:
    source = choices.draw(st.sampled_from(SOURCES))
    data = bytearray(source)
    for _ in range(choices.draw(st.integers(1, 6))):
        at = choices.draw(st.integers(0, len(data) - 1))
        data[at] = choices.draw(st.integers(0, 255))
    cut = choices.draw(st.integers(0, len(data)))
    for damaged in (bytes(data), bytes(data[:cut])):
        with contextlib.suppress(BadInput):
            assert decode(damaged, 100).width <= 100


SOURCES = [
    *(saved(drawn(160, 200), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "AVIF")),
    with_segments(red(), segment(0xE1, LYING)),
    saved(drawn(160, 200), "JPEG", progressive=True),
]


def test_several_pictures_in_one_file_are_the_first(ctx: Flask) -> None:
    first, second = Image.new("RGB", (600, 400), RED), Image.new("RGB", (300, 200), "blue")
    data = saved(first, "MPO", save_all=True, append_images=[second], exif=LYING)
    assert Image.open(BytesIO(data)).format == "MPO"
    stored = store_picture(data)
    assert (stored.width, stored.height) == (400, 600)
    assert looks_red(opened(stored.key, 400))
    index = data.index(b"MPF\0")
    for at in range(index + 4, index + 60, 3):  # an index that leads nowhere
        broken = data[:at] + b"\xff\xff" + data[at + 2 :]
        assert decode(broken, 100).size == (100, 150)


def test_only_what_describes_a_jpeg_is_taken_off() -> None:
    plain = saved(drawn(60, 60), "JPEG", icc_profile=b"a profile" * 20)
    described = with_segments(
        plain, segment(0xE1, LYING), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")
    )
    assert split_jpeg(described) == (plain, LYING)
    assert split_jpeg(plain) == (plain, b"")
    for torn in (described[:30], described[:3], b"\xff\xd8\xff", b"", b"PNG"):
        assert split_jpeg(torn)[0].startswith(torn[:2])


# -- HEIC and AVIF -------------------------------------------------------------------------------


def heif(brand: bytes, *others: bytes) -> bytes:
    box = b"ftyp" + brand + b"\0\0\0\0" + b"".join(others)
    return struct.pack(">I", len(box) + 4) + box + b"\0" * 200


def test_avif_is_read(ctx: Flask) -> None:
    stored = store_picture(saved(drawn(900, 1200), "AVIF", quality=60))
    assert (stored.width, stored.height) == (900, 1200)
    assert opened(stored.key, 1200).format == "WEBP"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (heif(b"heic"), "HEIC"),
        (heif(b"mif1", b"mif1", b"heic"), "HEIC"),
        (heif(b"mif1", b"miaf", b"avif"), "AVIF"),
        (heif(b"msf1"), "HEIC"),
        (heif(b"avis"), "AVIF"),
        (heif(b"isom", b"mp42"), ""),
        (b"\0\0\0", ""),
        (b"", ""),
    ],
)
def test_tells_heic_from_avif(data: bytes, kind: str) -> None:
    assert heif_kind(data) == kind


def test_heic_without_its_library_is_refused_with_a_way_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # as if nobody had installed it
    readable_formats.cache_clear()
    with pytest.raises(BadInput) as refused:
        decode(heif(b"heic"), 800)
    readable_formats.cache_clear()
    assert "HEIC picture, which this shop cannot read. Save it as JPEG" in str(refused.value)


def test_heic_is_read_with_its_library(ctx: Flask) -> None:
    import pillow_heif

    buffer = BytesIO()
    lying = Image.new("RGB", (600, 400), RED)
    pillow_heif.from_pillow(lying).save(buffer, quality=80, exif=LYING)
    stored = store_picture(buffer.getvalue())
    assert (stored.width, stored.height) in {(600, 400), (400, 600)}
    assert looks_red(opened(stored.key, 400))


# -- size ----------------------------------------------------------------------------------------

# In a process of its own: the peak of this one may have come from another test.
PEAK = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shop.media.decode import decode
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
pictures = [Path(name).read_bytes() for name in sys.argv[1:]]
decode(pictures[0][:0] + Path(sys.argv[1]).with_name("small").read_bytes(), 1600)
for data in pictures:
    before = peak()
    assert decode(data, 1600).width == 1600
    print(peak() - before)
before = peak()
with ThreadPoolExecutor(3) as pool:
    list(pool.map(lambda data: decode(data, 1600), [pictures[-1]] * 3))
print(peak() - before)
"""


def test_fifty_million_pixels_are_read_in_bounded_memory(tmp_path: Path) -> None:
    """By kind in MB, and then three of the dearest at once."""
    large = Image.new("L", (7000, 7100), 90)
    large.paste(200, (2000, 2000, 4000, 5000))
    (tmp_path / "small").write_bytes(red())
    pictures = {
        "1.jpg": saved(large.convert("RGB"), "JPEG"),
        "2.png": saved(large.convert("LA"), "PNG", compress_level=1),
    }
    for name, data in pictures.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in pictures]
    out = subprocess.run(
        [sys.executable, "-c", PEAK, *paths], capture_output=True, text=True, check=True
    )
    jpeg, clear, more = map(int, out.stdout.split())
    assert jpeg < 80
    assert clear < 350
    assert more < 200  # one of them takes 200


def test_the_limits_are_25_megabytes_and_50_million_pixels() -> None:
    data = red()
    assert decode(data + b"\0" * (MAX_BYTES - len(data)), 1600).size == (300, 200)
    with pytest.raises(PictureTooLarge, match="larger than 25 MB"):
        decode(data + b"\0" * (MAX_BYTES - len(data) + 1), 1600)
    with pytest.raises(BadInput, match="more than 50 million pixels"):
        decode(saved(Image.new("1", (7072, 7072)), "PNG"), 1600)
