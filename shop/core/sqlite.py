"""How a connection to a SQLite file is set up, and who may read the file."""

from contextlib import suppress
from pathlib import Path
from sqlite3 import Connection

BUSY_MS = 3000  # how long a lock is waited for
PRAGMAS = (
    f"busy_timeout={BUSY_MS}",
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=FULL",
    "temp_store=MEMORY",
    # All connections of all processes read the same pages of the system's file cache; each has
    # 1 MB of its own for what it writes.
    "mmap_size=268435456",
    "cache_size=-1000",
)


def prepare_connection(connection: Connection) -> None:
    """Make a new connection fit for the shop, and its file unreadable to everybody else."""
    # The driver must not open transactions by itself: `begin` in shop/core/db.py says which kind.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    name = connection.execute("PRAGMA database_list").fetchone()[2]
    for path in map(Path, (name, f"{name}-wal", f"{name}-shm") if name else ()):
        with suppress(FileNotFoundError, PermissionError):  # not made yet; somebody else's file
            path.chmod(path.stat().st_mode & ~0o007)
