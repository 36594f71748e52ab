"""A copy of the database as one file, taken while the shop runs, and its way back.

SQLite is copied by its own backup interface, PostgreSQL by pg_dump. Both from one snapshot, whose
row counts come along: a copy is good when it has been restored elsewhere and the counts agree.
"""

import os
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import URL, Connection, NullPool, create_engine, inspect, make_url, text

from shop.core.errors import ShopError

Counts = dict[str, int]


class BackupError(ShopError):
    """The copy or its restoration failed; the message says why and what to do."""


class Dump(Protocol):
    """Copies of one kind of database. `file_name` tells the kinds apart in an archive."""

    file_name: str

    def take(self, target: Path) -> Counts:
        """Copy the database into `target`; return how many rows each table had then."""

    def verify(self, source: Path) -> Counts:
        """Restore the copy somewhere else, check it, and return its counts."""

    def restore(self, source: Path) -> Counts:
        """Replace the database by the copy; return its counts."""


def dump_for(database_url: str) -> Dump:
    """Return the way to copy the database behind `database_url`."""
    url = make_url(database_url)
    return SQLiteDump(url) if url.get_backend_name() == "sqlite" else PostgreSQLDump(url)


class SQLiteDump:
    """The file of the database, by SQLite's online backup."""

    file_name = "database.sqlite3"

    def __init__(self, url: URL) -> None:
        self.path = Path(url.database or "")

    def take(self, target: Path) -> Counts:
        """Copy one snapshot; whoever writes meanwhile is not held up."""
        with closing(_sqlite(self.path)) as source, closing(_sqlite(target)) as copy:
            source.execute("BEGIN")
            counts = _sqlite_counts(source)
            source.backup(copy)
        return counts

    def verify(self, source: Path) -> Counts:
        """Read every page and every reference of the copy."""
        with closing(_sqlite(source)) as copy:
            try:
                problems = [row[0] for row in copy.execute("PRAGMA integrity_check").fetchmany(5)]
                orphans = copy.execute("PRAGMA foreign_key_check").fetchmany(5)
            except sqlite3.DatabaseError as error:
                raise BackupError(f"The copy is damaged: {error}") from error
            if problems != ["ok"] or orphans:
                raise BackupError(f"The copy is damaged: {problems}, without parent: {orphans}")
            return _sqlite_counts(copy)

    def restore(self, source: Path) -> Counts:
        """Write the copy over the database, under its lock."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_sqlite(source)) as copy, closing(_sqlite(self.path)) as target:
            try:
                copy.backup(target)
            except sqlite3.OperationalError as error:
                raise BackupError(f"The database is in use ({error}): stop the shop.") from error
            target.execute("PRAGMA journal_mode=WAL")
            return _sqlite_counts(target)


def _sqlite(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=5, isolation_level=None)


def _sqlite_counts(connection: sqlite3.Connection) -> Counts:
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    # The names are those of the shop's own tables, quoted; a name cannot be a parameter.
    return {
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for (name,) in tables.fetchall()
    }


_AS_ANYBODY = ("--no-owner", "--no-privileges")


class PostgreSQLDump:
    """pg_dump's own format. Its tools must be at least as new as the server."""

    file_name = "database.dump"

    def __init__(self, url: URL) -> None:
        self.url = url

    def take(self, target: Path) -> Counts:
        """Dump one snapshot; whoever writes meanwhile is not held up."""
        with _connected(self.url, isolation_level="REPEATABLE READ") as connection:
            self._check_version(connection)
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            counts = _counts(connection)
            self._run("pg_dump", "--format=custom", *_AS_ANYBODY, f"--snapshot={snapshot}",
                      f"--file={target}", self._target(self.url))  # fmt: skip
        return counts

    def verify(self, source: Path) -> Counts:
        """Restore the dump into a database of its own, count, and drop it."""
        scratch = self.url.set(database=f"vitrine_check_{secrets.token_hex(4)}")
        with _connected(self.url, isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'CREATE DATABASE "{scratch.database}"'))
            try:
                return self._restore(source, scratch)
            finally:
                connection.execute(text(f'DROP DATABASE "{scratch.database}" WITH (FORCE)'))

    def restore(self, source: Path) -> Counts:
        """Replace the tables by those of the dump, in one transaction."""
        return self._restore(source, self.url)

    def _restore(self, source: Path, target: URL) -> Counts:
        self._run("pg_restore", "--clean", "--if-exists", "--single-transaction", *_AS_ANYBODY,
                  "--exit-on-error", f"--dbname={self._target(target)}", str(source))  # fmt: skip
        with _connected(target) as connection:
            return _counts(connection)

    def _check_version(self, connection: Connection) -> None:
        server = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10000
        ours = _major(self._run("pg_dump", "--version"))
        if ours < server:
            raise BackupError(
                f"pg_dump {ours} cannot copy PostgreSQL {server}: install a newer one."
            )

    def _run(self, program: str, *arguments: str) -> str:
        path = shutil.which(program)
        if path is None:
            raise BackupError(f"{program} is not installed (Debian: postgresql-client).")
        env = {"PATH": os.defpath, "PGPASSWORD": str(self.url.password or "")}
        done = subprocess.run(  # noqa: S603 -- our own arguments, no shell
            [path, *arguments], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BackupError(f"{program} failed: {done.stderr.strip()[:500]}")
        return done.stdout

    @staticmethod
    def _target(url: URL) -> str:
        """Return the address for PostgreSQL's tools; the password goes by the environment."""
        bare = url.set(drivername="postgresql")._replace(password=None)
        return bare.render_as_string()


def _major(said: str) -> int:
    """Return the major version in "pg_dump (PostgreSQL) 15.18 (Debian …)"."""
    return int(said.split(") ", 1)[1].split(".", maxsplit=1)[0].split(maxsplit=1)[0])


@contextmanager
def _connected(url: URL, **options: Any) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool, **options)
    with engine.connect() as connection:
        yield connection


def _counts(connection: Connection) -> Counts:
    quote = connection.dialect.identifier_preparer.quote
    # The names are those of the shop's own tables, quoted; a name cannot be a parameter.
    return {
        name: connection.scalar(text(f"SELECT count(*) FROM {quote(name)}")) or 0  # noqa: S608
        for name in sorted(inspect(connection).get_table_names())
    }


def differences(expected: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Return which tables have other counts than expected."""
    return [
        f"{name}: {found.get(name, 0)} instead of {expected.get(name, 0)}"
        for name in sorted(expected.keys() | found.keys())
        if expected.get(name) != found.get(name)
    ]
