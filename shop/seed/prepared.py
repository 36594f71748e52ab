"""The demo's pictures in all their sizes, made beforehand by `make pictures`.

They were derived by the pipeline that takes uploads (`shop/media/services.py`); deriving them anew
is most of what filling the demo shop costs. `prepared.zip` holds the files under the names they
have in storage, and `index.json`: by the source of a shot, its key, width and height.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any, Final
from zipfile import ZipFile

from shop.media.services import StoredPicture
from shop.media.storage import storage
from shop.seed.demo_data import FOLDER

ARCHIVE: Final = FOLDER / "prepared.zip"
INDEX: Final = "index.json"


@cache
def _archive() -> ZipFile:
    """Return the archive, read once: looking up what it holds costs more than what is read."""
    return ZipFile(BytesIO(ARCHIVE.read_bytes()))


@cache
def prepared_pictures() -> Mapping[str, Mapping[str, Any]]:
    """Return what is prepared, by source: key, width, height, names from small to large."""
    found: dict[str, dict[str, Any]] = json.loads(_archive().read(INDEX))
    return found


def store_prepared(source: str) -> StoredPicture | None:
    """Copy what is prepared of a source into storage; None when nothing is.

    Raises ValueError when the archive does not hold what it says.
    """
    found = prepared_pictures().get(source)
    if found is None:
        return None
    *smaller, largest = found["files"]
    place = storage()
    if not place.exists(largest):
        content = _archive().read(largest)
        if hashlib.sha256(content).hexdigest() != found["key"]:
            raise ValueError(f"{ARCHIVE} holds another picture under {largest}")
        for name in smaller:
            place.write(name, _archive().read(name))
        # The largest comes last: where it is, the others are complete.
        place.write(largest, content)
    return StoredPicture(found["key"], found["width"], found["height"])
