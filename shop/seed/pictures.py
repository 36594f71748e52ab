"""Bring the pictures of a seed into storage: prepared ones, others by the pipeline of uploads.

Every picture is derived once however many pieces show it. Nothing here may run inside a
transaction: a picture takes a tenth of a second.
"""

import contextvars
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from shop.media.services import StoredPicture, store_picture
from shop.seed.demo_data import CLOSE, FOLDER
from shop.seed.drawn import draw
from shop.seed.pieces import Shot
from shop.seed.prepared import store_prepared

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
Stored = dict[str, StoredPicture]  # by the source of the shot

_WORKERS: Final = 2
_ZOOM: Final = 1.5  # how much closer a close view is
# Where the subjects of the demo stand on the canvas, and where the long ones are best looked at.
_CENTRE: Final = (0.5, 0.58)
_CENTRES: Final = {"sunglasses": (0.38, 0.56), "umbrella": (0.66, 0.67)}


def store_shots(shots: Iterable[Shot], progress: Progress) -> Stored:
    """Store the pictures of the demo, or drawn ones, that `shots` name; return them by source."""
    sources = sorted({shot.source for shot in shots})
    stored: Stored = {}
    with ThreadPoolExecutor(_WORKERS) as pool:
        # A thread has its own context; the copy lets it know the application's settings.
        waiting = [
            pool.submit(contextvars.copy_context().run, store_source, source) for source in sources
        ]
        for source, future in zip(sources, waiting, strict=True):
            stored[source] = future.result()
            progress("pictures", len(stored), len(sources))
    return stored


def store_source(source: str) -> StoredPicture:
    """Store one picture of the demo or one that is drawn. Raises BadInput, ValueError."""
    prepared = store_prepared(source)
    if prepared is not None:
        return prepared
    kind, _, name = source.partition(":")
    readers: Mapping[str, Callable[[str], bytes]] = {"demo": demo_picture, "drawn": draw}
    if kind not in readers:
        raise ValueError(f"no picture of the demo: {source}")
    return store_picture(readers[kind](name))


def demo_picture(name: str) -> bytes:
    """Return a picture of the demo as bytes: as it is, or its middle when `name` ends in /close.

    Raises ValueError when there is none of this name.
    """
    file = name.removesuffix(CLOSE)
    path = FOLDER / "pictures" / f"{file}.webp"
    if Path(file).name != file or not path.is_file():
        raise ValueError(f"no picture of the demo: {name}")
    return _close_up(path) if name.endswith(CLOSE) else path.read_bytes()


def _close_up(path: Path) -> bytes:
    with Image.open(path) as picture:
        width, height = (round(side / _ZOOM) for side in picture.size)
        x, y = _CENTRES.get(path.stem.rpartition("-")[0], _CENTRE)
        left = min(round(picture.width * x - width / 2), picture.width - width)
        top = min(round(picture.height * y - height / 2), picture.height - height)
        cut = picture.crop((left, top, left + width, top + height))
    buffer = BytesIO()
    cut.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
