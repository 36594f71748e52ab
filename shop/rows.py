"""Read a few rows without the database library, for commands that print a line and end.

Loading SQLAlchemy and the models takes several times as long as such a command. These are plain
statements that both engines understand; whatever writes, or decides anything, uses `shop/db.py`.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final
from urllib.parse import unquote

from shop.errors import ShopError

NO_TABLES: Final = "The database has no tables yet. Make them by: flask db upgrade"
PATIENCE: Final = 3  # seconds to wait for the server or for another's lock


class CannotRead(ShopError):
    """The database does not answer, or has no tables yet."""


def read_rows(database_url: str, statement: str) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a SELECT as tuples, on a connection of its own.

    `database_url`: as in the settings. Raises CannotRead with a sentence that says what to do.
    """
    is_sqlite = database_url.startswith("sqlite:")
    return (_from_sqlite if is_sqlite else _from_postgresql)(database_url, statement)


def _from_sqlite(url: str, statement: str) -> Sequence[tuple[Any, ...]]:
    path = unquote(url.removeprefix("sqlite:///").partition("?")[0])
    try:
        # mode=rw: a database that is not there must not come into being by being read.
        with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=rw", PATIENCE, uri=True)) as found:
            return found.execute(statement).fetchall()
    except sqlite3.OperationalError as error:
        if is_without_tables(error) or "unable to open" in str(error):
            raise CannotRead(NO_TABLES) from error
        raise CannotRead(f"The database does not answer: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise CannotRead(f"The database cannot be read: {error}.") from error


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _from_postgresql(url: str, statement: str) -> Sequence[tuple[Any, ...]]:
    import psycopg

    try:
        with psycopg.connect(
            url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=PATIENCE
        ) as connection:
            return connection.execute(statement).fetchall()
    except psycopg.Error as error:
        if is_without_tables(error):
            raise CannotRead(NO_TABLES) from error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise CannotRead(f"The database does not answer: {reason}.") from error


def is_without_tables(error: BaseException) -> bool:
    """Return whether an error of a driver, or of the library above, says "no such table"."""
    found = getattr(error, "orig", None) or error
    is_sqlite = isinstance(found, sqlite3.OperationalError) and "no such table" in str(found)
    return is_sqlite or getattr(found, "sqlstate", None) == "42P01"  # undefined_table
