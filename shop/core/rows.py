"""Read a few rows without the database library, for commands that print a line and end.

Loading SQLAlchemy and the models takes several times as long as such a command. These are plain
statements that both engines understand; whatever writes, or decides anything, uses `db.py`.
"""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote

from shop.core.errors import ShopError

NO_TABLES: Final = "The database has no tables yet. Make them by: flask db upgrade"
OLD: Final = "The database lacks what this version needs. Run: flask db upgrade"
PATIENCE: Final = 3  # seconds to wait for the server or for another's lock


class CannotRead(ShopError):
    """The database does not answer, has no tables yet, or those of another version."""


def read_rows(database_url: str, statement: str, *values: str | int) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a SELECT as tuples, on a connection of its own.

    `database_url`: as in the settings. `values` stand in for each `?` of `statement`, which has no
    other question mark and no percent sign. Moments come as the driver hands them over: see
    `moment_of`. Raises CannotRead with a sentence that says what to do.
    """
    is_sqlite = database_url.startswith("sqlite:")
    return (_from_sqlite if is_sqlite else _from_postgresql)(database_url, statement, values)


def moment_of(value: str | datetime) -> datetime:
    """Return a stored moment, as a driver hands it over, aware and in UTC."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _from_sqlite(
    url: str, statement: str, values: tuple[str | int, ...]
) -> Sequence[tuple[Any, ...]]:
    path = unquote(url.removeprefix("sqlite:///").partition("?")[0])
    try:
        # mode=rw: a database that is not there must not come into being by being read.
        with closing(sqlite3.connect(f"file:{_quoted(path)}?mode=rw", PATIENCE, uri=True)) as found:
            return found.execute(statement, values).fetchall()
    except sqlite3.OperationalError as error:
        if is_without_tables(error) or "unable to open" in str(error):
            raise CannotRead(NO_TABLES) from error
        if is_outdated(error):
            raise CannotRead(OLD) from error
        raise CannotRead(f"The database does not answer: {error}.") from error
    except sqlite3.DatabaseError as error:
        raise CannotRead(f"The database cannot be read: {error}.") from error


def _quoted(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _from_postgresql(
    url: str, statement: str, values: tuple[str | int, ...]
) -> Sequence[tuple[Any, ...]]:
    import psycopg

    try:
        with psycopg.connect(
            url.replace("postgresql+psycopg://", "postgresql://", 1), connect_timeout=PATIENCE
        ) as connection:
            return connection.execute(statement.replace("?", "%s"), values).fetchall()
    except psycopg.Error as error:
        if is_without_tables(error):
            raise CannotRead(NO_TABLES) from error
        if is_outdated(error):
            raise CannotRead(OLD) from error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise CannotRead(f"The database does not answer: {reason}.") from error


def is_without_tables(error: BaseException) -> bool:
    """Return whether an error of a driver, or of the library above, says "no such table"."""
    found = getattr(error, "orig", None) or error
    is_sqlite = isinstance(found, sqlite3.OperationalError) and "no such table" in str(found)
    return is_sqlite or getattr(found, "sqlstate", None) == "42P01"  # undefined_table


def is_outdated(error: BaseException) -> bool:
    """Return whether an error of a driver, or of the library above, says "no such column"."""
    found = getattr(error, "orig", None) or error
    is_sqlite = isinstance(found, sqlite3.OperationalError) and re.search(
        "no such column|has no column named", str(found)
    )
    return bool(is_sqlite) or getattr(found, "sqlstate", None) == "42703"  # undefined_column
