"""The demo's prepared pictures: complete, what they say they are, and what the pipeline makes."""

import hashlib
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image, ImageChops, ImageStat

from shop.media.services import WIDTHS, store_picture
from shop.media.storage import storage
from shop.seed.demo_data import read_demo
from shop.seed.pictures import demo_picture
from shop.seed.prepared import prepared_pictures, store_prepared


def test_every_picture_of_the_demo_is_prepared(ctx: Flask) -> None:
    wanted = {shot.source for piece in read_demo("EUR").pieces for shot in piece.shots}
    assert wanted <= prepared_pictures().keys()
    for source in sorted(wanted):
        stored = store_prepared(source)
        assert stored is not None
        largest = storage().read(prepared_pictures()[source]["files"][-1]) or b""
        assert hashlib.sha256(largest).hexdigest() == stored.key
        assert Image.open(BytesIO(largest)).size == (stored.width, stored.height)


@pytest.mark.parametrize("source", ["demo:candle-01", "demo:candle-01/close"])
def test_they_are_what_the_pipeline_makes(ctx: Flask, source: str) -> None:
    prepared = store_prepared(source)
    made = store_picture(demo_picture(source.removeprefix("demo:")))
    assert prepared is not None
    assert (prepared.width, prepared.height) == (made.width, made.height)
    for width in WIDTHS:  # `make pictures` after a change to the pipeline
        pair = [storage().read(f"{found.key}-{width}.webp") for found in (prepared, made)]
        one, other = (Image.open(BytesIO(data or b"")).convert("RGB") for data in pair)
        assert one.size == other.size
        assert max(ImageStat.Stat(ImageChops.difference(one, other)).mean) < 2
    assert all(storage().exists(name) for name in prepared_pictures()[source]["files"])


def test_what_is_not_prepared_is_derived(ctx: Flask) -> None:
    assert store_prepared("drawn:Vase|Sage") is None
