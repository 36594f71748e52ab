"""What the upload pipeline makes of good pictures, and what it refuses of bad ones."""

import hashlib
import math
import random
import resource
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image, ImageChops, ImageCms, ImageDraw

from shop.core.config import config
from shop.core.errors import BadInput
from shop.media.decode import MAX_BYTES, PictureTooLarge
from shop.media.services import WIDTHS, StoredPicture, store_picture, widths_of


def drawn(width: int = 800, height: int = 1000) -> Image.Image:
    """A soft studio picture: gradients and a few shapes."""
    picture = Image.radial_gradient("L").resize((width, height)).convert("RGB")
    tint = Image.new("RGB", picture.size, (222, 205, 180))
    picture = ImageChops.screen(picture.point(lambda v: v // 3), tint)
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle(
        (width * 0.3, height * 0.3, width * 0.7, height * 0.85), width * 0.05, fill=(120, 72, 20)
    )
    draw.ellipse((width * 0.42, height * 0.15, width * 0.58, height * 0.3), fill=(30, 28, 26))
    return picture


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(key: str, width: int) -> Image.Image:
    path = config().media_path / key[:2] / f"{key}-{width}.webp"
    return Image.open(BytesIO(path.read_bytes()))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_bakes_three_sizes_in_proportion(ctx: Flask, kind: str) -> None:
    stored = store_picture(saved(drawn(), kind))
    assert (stored.width, stored.height) == (800, 1000)
    sizes = [opened(stored.key, width).size for width in (120, 400, 800)]
    assert sizes == [(120, 150), (400, 500), (800, 1000)]
    assert {opened(stored.key, w).format for w in (120, 400, 800)} == {"WEBP"}
    assert not (config().media_path / stored.key[:2] / f"{stored.key}-1200.webp").exists()


@pytest.mark.parametrize(
    ("upload", "sizes"),
    [(2000, (120, 400, 800, 1200, 1600)), (1000, (120, 400, 800, 1000))],
)
def test_bakes_two_sizes_more_for_sharp_screens(
    ctx: Flask, upload: int, sizes: tuple[int, ...]
) -> None:
    stored = store_picture(saved(drawn(upload, upload * 5 // 4), "JPEG", quality=90))
    assert (stored.width, stored.height) == (sizes[-1], sizes[-1] * 5 // 4)
    assert widths_of(stored.width) == WIDTHS[: len(sizes)]
    found = [opened(stored.key, width).size for width in WIDTHS[: len(sizes)]]
    assert found == [(width, width * 5 // 4) for width in sizes]


def test_never_enlarges(ctx: Flask) -> None:
    stored = store_picture(saved(drawn(300, 240)))
    assert (stored.width, stored.height) == (300, 240)
    assert [opened(stored.key, w).size for w in (120, 400, 800)] == [
        (120, 96),
        (300, 240),
        (300, 240),
    ]
    assert store_picture(saved(Image.new("RGB", (1, 1)))).width == 1


def test_the_key_is_the_hash_of_the_largest_file(ctx: Flask) -> None:
    stored = store_picture(saved(drawn()))
    path = config().media_path / stored.key[:2] / f"{stored.key}-800.webp"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == stored.key


def test_stays_within_the_budget_of_a_page(ctx: Flask) -> None:
    photograph = drawn(1600, 2000)
    noise = Image.effect_noise(photograph.size, 22).convert("RGB")
    photograph = ImageChops.overlay(photograph, noise)
    stored = store_picture(saved(photograph, "JPEG", quality=88))
    folder = config().media_path / stored.key[:2]
    assert (folder / f"{stored.key}-120.webp").stat().st_size <= 4_000
    assert (folder / f"{stored.key}-400.webp").stat().st_size <= 15_000
    assert (folder / f"{stored.key}-800.webp").stat().st_size <= 45_000


def test_drops_metadata_and_turns_upright(ctx: Flask) -> None:
    picture = Image.new("RGB", (600, 300), "white")
    ImageDraw.Draw(picture).rectangle((0, 0, 100, 300), fill="red")  # on top once it is turned
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise
    exif[0x010E] = "a street and a house number"
    exif.get_ifd(0x8825)[1] = "N"
    stored = store_picture(saved(picture, "JPEG", exif=exif, comment=b"secret", quality=95))
    baked = opened(stored.key, 800)
    assert baked.size == (300, 600)
    red, green, _blue = baked.convert("RGB").getpixel((150, 20))
    assert red > 200 > 90 > green
    assert dict(baked.getexif()) == {}
    raw = (config().media_path / stored.key[:2] / f"{stored.key}-800.webp").read_bytes()
    assert b"EXIF" not in raw
    assert b"house" not in raw


def test_a_side_lying_picture_is_large_by_its_upright_width(ctx: Flask) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    stored = store_picture(saved(drawn(2500, 2000), "JPEG", exif=exif))
    assert (stored.width, stored.height) == (1600, 2000)


def test_keeps_transparency_and_drops_an_alpha_channel_that_hides_nothing(ctx: Flask) -> None:
    clear = Image.new("RGBA", (500, 500), (200, 30, 30, 0))
    ImageDraw.Draw(clear).ellipse((100, 100, 400, 400), fill=(10, 90, 10, 255))
    assert opened(store_picture(saved(clear)).key, 400).mode == "RGBA"
    assert opened(store_picture(saved(drawn().convert("RGBA"))).key, 400).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "CMYK"])
def test_takes_every_mode_of_pixels(ctx: Flask, mode: str) -> None:
    if mode == "I;16":
        picture = Image.new("I;16", (300, 300), 0x8000)
    else:
        picture = drawn(300, 300).convert("L").convert(mode) if mode != "CMYK" else drawn(300, 300)
        picture = picture.convert(mode)
    kind = "JPEG" if mode == "CMYK" else "PNG"
    baked = opened(store_picture(saved(picture, kind)).key, 400).convert("RGB")
    wanted = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))
    if mode == "I;16":
        wanted = (128, 128, 128)
    found = baked.resize((1, 1)).getpixel((0, 0))
    assert all(math.isclose(a, b, abs_tol=12) for a, b in zip(wanted, found, strict=True))


def test_a_colour_profile_is_applied_before_it_is_dropped(ctx: Flask) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, tagged = saved(drawn(), "PNG"), saved(drawn(), "PNG", icc_profile=lab)
    broken = saved(drawn(), "PNG", icc_profile=b"no profile at all" * 20)
    for data in (plain, tagged, broken):
        baked = opened(store_picture(data).key, 400)
        assert "icc_profile" not in baked.info
        assert all(
            math.isclose(a, b, abs_tol=10)
            for a, b in zip(baked.convert("RGB").getpixel((200, 300)), (120, 72, 20), strict=True)
        )


def test_takes_the_first_frame_of_a_film(ctx: Flask) -> None:
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        baked = opened(store_picture(data).key, 400)
        assert getattr(baked, "n_frames", 1) == 1
        red, green, blue = baked.convert("RGB").getpixel((150, 150))
        assert red > 220
        assert max(green, blue) < 40


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>'
)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x00" * 100, id="zeros"),
        pytest.param(SVG, id="svg"),
        pytest.param(b"<!doctype html><img src=x onerror=alert(1)>", id="html"),
        pytest.param(saved(Image.new("RGB", (50, 50)), "BMP"), id="bmp"),
        pytest.param(saved(Image.new("RGB", (50, 50)), "TIFF"), id="tiff"),
        pytest.param(saved(Image.new("RGB", (64, 64)), "ICO"), id="ico"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", id="postscript"),
        pytest.param(saved(drawn(), "JPEG")[:2000], id="torn jpeg"),
        pytest.param(saved(drawn(), "PNG")[:2000], id="torn png"),
        pytest.param(saved(drawn(), "WEBP")[:2000], id="torn webp"),
        pytest.param(b"\xff\xd8\xff\xe0" + b"A" * 500, id="jpeg header and rubbish"),
        pytest.param(b"GIF89a" + b"\xff" * 20, id="gif header and rubbish"),
        pytest.param(saved(Image.new("RGB", (1000, 10))), id="a ribbon"),
    ],
)
def test_refuses_what_is_no_picture(ctx: Flask, data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        store_picture(data)
    assert refused.value.status == 422
    assert not list(config().media_path.rglob("*"))


def test_refuses_more_than_the_limit_before_looking_inside(ctx: Flask) -> None:
    with pytest.raises(PictureTooLarge) as refused:
        store_picture(b"\xff" * (MAX_BYTES + 1))
    assert refused.value.status == 413


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_bomb(width: int, height: int, lines: int = 2) -> bytes:
    """A PNG whose header promises more than its `lines` of pixels hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    squeeze = zlib.compressobj(9)
    line = b"\x00" * (min(width, 30_000) * 4 + 1)
    pixels = b"".join(squeeze.compress(line) for _ in range(lines)) + squeeze.flush()
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def jpeg_of_many_scans() -> bytes:
    data = saved(Image.new("RGB", (4000, 4000)), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 3000 + data[-2:]


def text_bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0)
    text = chunk(b"zTXt", b"k\x00\x00" + zlib.compress(b"a" * 40_000_000, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + text + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: png_bomb(7072, 7072), id="just above the limit"),
        pytest.param(lambda: png_bomb(30000, 30000), id="900 million pixels"),
        pytest.param(lambda: png_bomb(2_000_000_000, 2_000_000_000), id="overflowing"),
        pytest.param(text_bomb, id="compressed text"),
        pytest.param(jpeg_of_many_scans, id="thousands of scans"),
    ],
)
def test_refuses_bombs_fast_and_without_unpacking_them(
    ctx: Flask, make: Callable[[], bytes]
) -> None:
    data = make()[:MAX_BYTES]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()  # not of others on this machine; unpacked, minutes
    with pytest.raises(BadInput):
        store_picture(data)
    assert time.process_time() - start < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def processor_time(task: Callable[[], object]) -> float:
    """Return how long `task` keeps this process busy, in seconds."""
    start = time.process_time()
    task()
    return time.process_time() - start


def test_the_busiest_allowed_picture_costs_bounded_time(ctx: Flask) -> None:
    """All sizes cost four times what writing the largest once does, here on this machine.

    Trying five qualities of each cost fourteen times as much.
    """
    dice = random.Random(20260602)
    colours = Image.frombytes("RGB", (800, 1200), dice.randbytes(800 * 1200 * 3))
    veil = Image.frombytes("L", (400, 600), dice.randbytes(400 * 600))
    picture = colours.resize((4000, 6000), Image.Resampling.NEAREST)
    picture.putalpha(veil.resize(picture.size, Image.Resampling.NEAREST))
    data = saved(picture)
    assert len(data) < MAX_BYTES
    yard = processor_time(lambda: saved(picture.convert("RGB").resize((1600, 2400)), "WEBP"))
    made: list[StoredPicture] = []
    assert processor_time(lambda: made.append(store_picture(data))) < 8 * yard
    assert made[0].width == 1600


def test_the_same_picture_is_written_once(ctx: Flask) -> None:
    first = store_picture(saved(drawn()))
    files = {path: path.stat().st_mtime_ns for path in config().media_path.rglob("*.webp")}
    assert store_picture(saved(drawn())) == first
    assert {path: path.stat().st_mtime_ns for path in config().media_path.rglob("*.webp")} == files


WRITER = """
import sys
from shop import create_app
from shop.media.services import WIDTHS, store_picture, widths_of
app = create_app({"SHOP_ENV": "testing", "INSTANCE_PATH": sys.argv[1], "SECRET_KEY": "x" * 40})
data = open(sys.argv[2], "rb").read()
with app.app_context():
    for _ in range(5):
        print(store_picture(data).key)
"""


def test_two_processes_may_store_the_same_picture_at_once(tmp_path: Path) -> None:
    source = tmp_path / "source.png"
    source.write_bytes(saved(drawn()))
    command = [sys.executable, "-c", WRITER, str(tmp_path / "instance"), str(source)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    keys = {line for process in running for line in process.communicate()[0].split()}
    assert [process.returncode for process in running] == [0, 0]
    assert len(keys) == 1
    files = list((tmp_path / "instance" / "media").rglob("*.*"))
    assert sorted(file.suffix for file in files) == [".webp"] * 3
