"""The pictures of the demo shop: all there, small enough, and drawn the same every time."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tools.art import draw, plan

PLANNED = plan.pictures()
ROWS = json.loads(plan.MANIFEST.read_text("utf-8"))


def test_every_planned_picture_is_committed_and_no_other() -> None:
    baked = {path.name for path in plan.PICTURES.glob("*.webp")}
    assert baked == {row["file"] for row in ROWS} == {picture.file for picture in PLANNED}
    assert plan.MANIFEST.read_text("utf-8") == plan.manifest()


def test_there_are_enough_and_they_are_light() -> None:
    sizes = [path.stat().st_size for path in plan.PICTURES.glob("*.webp")]
    assert 60 <= len(sizes) <= 120
    assert sum(sizes) <= 2_000_000
    assert max(sizes) <= 45_000
    assert len({row["motif"] for row in ROWS}) >= 20
    assert sum(row["view"] == "lead" for row in ROWS) >= 72


@pytest.mark.parametrize("path", sorted(plan.PICTURES.glob("*.webp")), ids=lambda p: p.stem)
def test_a_picture_is_a_webp_of_800_by_1000(path: Path) -> None:
    with Image.open(path) as image:
        assert (image.format, image.size) == ("WEBP", (800, 1000))


def test_every_picture_says_what_is_on_it() -> None:
    for row in ROWS:
        assert 10 <= len(row["alt"]) <= 120, row["file"]
        assert row["tone"] in {"light", "dark"}


@pytest.mark.parametrize("picture", PLANNED[::9], ids=lambda p: p.file)
def test_is_drawn_the_same_every_time(picture: plan.Picture) -> None:
    assert draw.svg(picture) == draw.svg(picture)
