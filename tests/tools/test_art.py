"""The pictures of the demo shop: all there, small enough, and drawn the same every time."""

import json
from pathlib import Path

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


def is_of_size(path: Path, width: int) -> bool:
    """Return whether the picture has its format, this width, and the shape of all of them."""
    with Image.open(path) as image:
        shape = (image.format, image.width)
        return shape == ("WEBP", width) and abs(image.height - width * 1.25) < 1


def test_every_size_is_what_its_name_says() -> None:
    """Of a close view the largest is two thirds of a whole picture: none is enlarged."""
    wanted = [(f"{p.name}-{width}.webp", width) for p in PLANNED for width in WHOLE]
    wanted += [
        (f"{p.name}-close-{width}.webp", 1067 if width == CLOSE[-1] else width)
        for p in PLANNED
        for width in CLOSE
    ]
    assert [name for name, width in wanted if not is_of_size(plan.PICTURES / name, width)] == []


def test_another_size_shape_or_format_is_seen(tmp_path: Path) -> None:
    for size, name in (((80, 100), "a.webp"), ((81, 101), "b.webp"), ((80, 90), "c.webp")):
        Image.new("RGB", size).save(tmp_path / name)
    Image.new("RGB", (80, 100)).save(tmp_path / "d.png")
    assert [is_of_size(path, 80) for path in sorted(tmp_path.iterdir())] == [True] + [False] * 3


def test_every_picture_says_what_is_on_it() -> None:
    for row in ROWS:
        assert 10 <= len(row["alt"]) <= 120, row["name"]
        assert row["tone"] in {"light", "dark"}


def test_each_is_drawn_the_same_every_time() -> None:
    assert [p.name for p in PLANNED[::9] if draw.svg(p) != draw.svg(p)] == []
