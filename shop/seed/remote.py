"""Pictures that an imported file names: fetched, read from beside the file, or drawn instead.

Nothing here may run inside a transaction.
"""

import contextvars
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Semaphore
from typing import Final
from urllib.parse import urlsplit

from shop.core.errors import ShopError
from shop.media.decode import MAX_BYTES, MAX_MEGABYTES
from shop.media.services import StoredPicture, store_picture
from shop.seed.fetch import Network, fetch
from shop.seed.pictures import Progress, Stored, store_source
from shop.seed.placeholder_images import drawn_source
from shop.seed.values import SeedProduct, Shot

_WORKERS: Final = 6
_DECODERS: Final = 2  # a picture takes up to 60 MB while it is decoded; large ones take turns
_PATIENCE: Final = 3  # failures of a host after which it is not asked again


@dataclass
class Gallery:
    """Gets pictures. `folder`: where files may be read from, None for nowhere.

    `missing` collects what could not be had, by source: why.
    """

    folder: Path | None = None
    may_fetch: bool = True
    network: Network | None = None
    missing: dict[str, str] = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)
    _decoding: Semaphore = field(default_factory=lambda: Semaphore(_DECODERS))

    def store(self, products: Sequence[SeedProduct], progress: Progress) -> Stored:
        """Store every picture of `products`; one that cannot be had is drawn instead."""
        shots = {shot.source: shot for product in products for shot in product.shots}
        stored: Stored = {}
        with ThreadPoolExecutor(_WORKERS) as pool:
            waiting = [
                pool.submit(contextvars.copy_context().run, self._one, shot)
                for shot in shots.values()
            ]
            for source, future in zip(shots, waiting, strict=True):
                stored[source] = future.result()
                progress("pictures", len(stored), len(shots))
        return stored

    def _one(self, shot: Shot) -> StoredPicture:
        try:
            if shot.source.startswith("https://"):
                return self._stored(self._fetched(shot.source))
            if shot.source.startswith("file:"):
                return self._stored(self._read(shot.source.removeprefix("file:")))
            return store_source(shot.source)
        except (ShopError, OSError, ValueError) as error:
            self.missing[shot.source] = str(error)
            return store_source(drawn_source(shot.alt, []))

    def _stored(self, data: bytes) -> StoredPicture:
        with self._decoding:
            return store_picture(data)

    def _fetched(self, url: str) -> bytes:
        if not self.may_fetch:
            raise ShopError("Pictures were not to be fetched.")
        host = urlsplit(url).netloc
        with self._lock:
            if self._failures[host] >= _PATIENCE:
                raise ShopError(f"{host} failed {_PATIENCE} times and was not asked again.")
        try:
            data = fetch(url, self.network)
        except ShopError:
            with self._lock:
                self._failures[host] += 1
            raise
        with self._lock:
            self._failures[host] = 0
        return data

    def _read(self, name: str) -> bytes:
        """Return a file beside the imported one, never one above or elsewhere."""
        if self.folder is None:
            raise ShopError("A file from the internet cannot name files of this machine.")
        folder = self.folder.resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            raise ShopError(f"There is no file {name} beside the imported one.")
        if path.stat().st_size > MAX_BYTES:
            raise ShopError(f"{name} is larger than {MAX_MEGABYTES} MB.")
        return path.read_bytes()
