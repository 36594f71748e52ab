"""The pictures of the demo shop: all there, small enough, and drawn the same every time."""

import json

import pytest
from PIL import Image

from shop.media.services import BUDGETS
from tools.art import draw, plan
from tools.art.__main__ import CLOSE, WHOLE

PLANNED = plan.pictures()
ROWS = json.loads(plan.MANIFEST.read_text("utf-8"))


def test_every_planned_picture_is_committed_and_no_other() -> None:
    wanted = {f"{picture.name}-{width}.webp" for picture in PLANNED for width in WHOLE}
    wanted |= {f"{picture.name}-close-{width}.webp" for picture in PLANNED for width in CLOSE}
    assert {path.name for path in plan.PICTURES.iterdir()} == wanted
    assert [row["name"] for row in ROWS] == [picture.name for picture in PLANNED]
    assert plan.MANIFEST.read_text("utf-8") == plan.manifest()


def test_there_are_enough_and_they_are_light() -> None:
    for width, budget in BUDGETS.items():
        sizes = [path.stat().st_size for path in plan.PICTURES.glob(f"*-{width}.webp")]
        assert max(sizes) <= budget
    assert sum(path.stat().st_size for path in plan.PICTURES.iterdir()) <= 9_500_000
    assert 60 <= len(PLANNED) <= 120
    assert len({row["motif"] for row in ROWS}) >= 20
    assert sum(row["view"] == "lead" for row in ROWS) >= 72


@pytest.mark.parametrize("name", [picture.name for picture in PLANNED])
def test_every_size_is_what_its_name_says(name: str) -> None:
    """Of a close view the largest is two thirds of a whole picture: none is enlarged."""
    for file, widths in ((name, WHOLE), (f"{name}-close", CLOSE)):
        for width in widths:
            with Image.open(plan.PICTURES / f"{file}-{width}.webp") as image:
                wide = 1067 if file != name and width == CLOSE[-1] else width
                assert (image.format, image.width) == ("WEBP", wide)
                assert abs(image.height - wide * 1.25) < 1


def test_every_picture_says_what_is_on_it() -> None:
    for row in ROWS:
        assert 10 <= len(row["alt"]) <= 120, row["name"]
        assert row["tone"] in {"light", "dark"}


@pytest.mark.parametrize("picture", PLANNED[::9], ids=lambda p: p.name)
def test_is_drawn_the_same_every_time(picture: plan.Picture) -> None:
    assert draw.svg(picture) == draw.svg(picture)
