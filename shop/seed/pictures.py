"""Bring the pictures of a seed into storage.

Those of the demo are ready in the sizes that are wanted first and only copied; drawn ones go
through the pipeline that staff uploads use, once however many pieces show them. Nothing here may
run inside a transaction: to draw and encode one takes a tenth of a second.
"""

import contextvars
import hashlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from shop.media.services import WIDTHS, StoredPicture, file_name, store_picture
from shop.media.storage import storage
from shop.seed.demo_data import CLOSE, FOLDER
from shop.seed.placeholder_images import draw_placeholder
from shop.seed.values import Shot

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
Stored = dict[str, StoredPicture]  # by the source of the shot

_WORKERS: Final = 2


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
    kind, _, name = source.partition(":")
    if kind == "demo":
        return _copy(demo_files(name))
    if kind == "drawn":
        return store_picture(draw_placeholder(name))
    raise ValueError(f"no picture of the demo: {source}")


def demo_files(name: str) -> Mapping[int, Path]:
    """Return the ready sizes of a picture of the demo by width, the smallest first.

    Raises ValueError when there is none of this name.
    """
    file = name.removesuffix(CLOSE)
    if Path(file).name != file:
        raise ValueError(f"no picture of the demo: {name}")
    stem = f"{file}-close" if name.endswith(CLOSE) else file
    paths = {width: FOLDER / "pictures" / f"{stem}-{width}.webp" for width in WIDTHS}
    found = {width: path for width, path in paths.items() if path.is_file()}
    if not found:
        raise ValueError(f"no picture of the demo: {name}")
    return found


def _copy(files: Mapping[int, Path]) -> StoredPicture:
    """Store a picture as the pipeline would, from files that it made when they were drawn."""
    contents = {width: path.read_bytes() for width, path in files.items()}
    largest = contents[max(contents)]
    key, place = hashlib.sha256(largest).hexdigest(), storage()
    for width, content in contents.items():
        if not place.exists(file_name(key, width)):
            place.write(file_name(key, width), content)
    with Image.open(BytesIO(largest)) as picture:
        return StoredPicture(key, picture.width, picture.height)
