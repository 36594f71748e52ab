"""The file of a SQLite shop: who may read it."""

import os
from pathlib import Path

from tests.conftest import migrate, settings_for


def test_the_file_is_nobody_elses(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    before = os.umask(0o022)
    try:
        migrate(settings)
    finally:
        os.umask(before)
    files = [path for path in tmp_path.iterdir() if path.name.startswith("shop.sqlite3")]
    assert files
    for path in files:
        assert path.stat().st_mode & 0o007 == 0, path.name
