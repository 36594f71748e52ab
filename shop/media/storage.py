"""Where finished pictures lie: a small protocol, and the folder that is the default.

A name is `<key>-<width>.webp`; the key is the SHA-256 of the content, so a name never changes
its bytes and nothing is ever overwritten with something else.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Protocol

from shop.core.config import config

NAME = re.compile(r"[0-9a-f]{64}-(?:120|400|800|1200|1600)\.webp", re.ASCII)


class Storage(Protocol):
    """What the shop needs from a place for pictures; an object store can stand behind it."""

    def read(self, name: str) -> bytes | None:
        """Return the file's bytes; None when there is no such file."""

    def exists(self, name: str) -> bool:
        """Return whether `name` was written completely."""

    def write(self, name: str, content: bytes) -> None:
        """Store `content` whole or not at all; writing the same name again is harmless."""


class FolderStorage:
    """Files in a folder of this machine: `<folder>/<first two of the key>/<name>`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> bytes | None:
        """Return the file's bytes; None when there is no such file or the name is none of ours."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, name: str) -> bool:
        """Return whether `name` was written completely."""
        return self._path(name).is_file()

    def write(self, name: str, content: bytes) -> None:
        """Write beside the place and rename, so that nobody ever reads half a picture."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f".{secrets.token_hex(8)}.part")
        try:
            with beside.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError("not the name of a stored picture")
        return self.folder / name[:2] / name


def storage() -> Storage:
    """Return the storage that the settings name."""
    return FolderStorage(config().media_path)
