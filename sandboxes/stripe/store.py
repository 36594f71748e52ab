"""The sandbox's own rows: one SQLite file that several processes and threads share.

Objects are JSON documents; what lists are filtered by is copied into columns. Writers take
``BEGIN IMMEDIATE``, readers a snapshot; a transaction never spans a delivery.
"""

import fcntl
import hashlib
import hmac
import json
import os
import queue
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import missing
from sandboxes.stripe.schema import SCHEMA, TABLES, VERSION

BUSY_SECONDS = 8.0
COLUMNS = ("status", "payment_intent", "charge", "customer", "type", "active")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# Stripe's name for an object in "No such …".
NAMES = {"payment_method": "PaymentMethod"}


@dataclass
class Row:
    """A stored object: its public ``body`` and what only the sandbox knows, ``extra``."""

    seq: int
    kind: str
    id: str
    body: Json
    extra: Json


class Store:
    """Opens transactions; a connection is used by one of them at a time and then kept."""

    def __init__(self, database: Path | str, time_source: Callable[[], float]) -> None:
        self.database = str(database)
        self.time_source = time_source
        self._memory = self.database == ":memory:"
        self._pid = os.getpid()
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        self._start = threading.Lock()
        self._ready = False
        self._only = threading.Lock()
        self._local = threading.local()

    @contextmanager
    def read(self) -> Iterator["Tx"]:
        """A snapshot to read from."""
        with self._transaction("BEGIN") as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator["Tx"]:
        """A transaction that holds the write lock from its first statement; commits at the end."""
        with self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx

    def close(self) -> None:
        """Close the idle connections; the next transaction opens new ones."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return

    def empty(self) -> None:
        """Delete every row: objects, events, deliveries, faults, settings (the clock too)."""
        with self.write() as tx:
            for table in TABLES:
                tx.connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names

    @contextmanager
    def _transaction(self, begin: str) -> Iterator["Tx"]:
        if getattr(self._local, "inside", False):
            raise RuntimeError("a sandbox transaction is already open in this thread")
        with self._only if self._memory else nullcontext():
            connection = self._take()
            self._local.inside = True
            try:
                connection.execute(begin)
                yield Tx(connection, self.time_source())
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                self._local.inside = False
                self._idle.put(connection)

    def _take(self) -> sqlite3.Connection:
        if self._pid != os.getpid():  # a connection must not cross a fork
            self._pid, self._idle = os.getpid(), queue.LifoQueue()
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        with self._start:
            if not self._ready and not self._memory:
                Path(self.database).parent.mkdir(parents=True, exist_ok=True)
            if self._ready and not self._memory:
                return self._connect()
            connection = self._connect()
            self._prepare(connection)
            self._ready = True
            return connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.database, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        if self._memory:
            _create(connection)
            return
        # Two processes that start at once: turning WAL on does not wait for a lock by itself.
        with Path(self.database + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            connection.execute("PRAGMA journal_mode = WAL")
            _create(connection)


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables; rows of another version of the sandbox are thrown away."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    for table in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


class Tx:
    """One transaction: the time it happens at, settings, ids, objects."""

    def __init__(self, connection: sqlite3.Connection, wall: float) -> None:
        self.connection = connection
        self._settings: dict[str, str] = dict(
            connection.execute("SELECT name, value FROM setting").fetchall()
        )
        self.wall = wall
        self.time = wall + float(self._settings.get("clock_offset", "0"))

    @property
    def now(self) -> int:
        """Sandbox time in whole UNIX seconds."""
        return int(self.time)

    def setting(self, name: str, default: str = "") -> str:
        """A stored setting of the sandbox."""
        return self._settings.get(name, default)

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting; no write when it is what it was."""
        if self._settings.get(name) == value:
            return
        self._settings[name] = value
        self.connection.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, value),
        )

    def new_id(self, prefix: str, length: int = 24) -> str:
        """An id such as ``pi_sbx…``: random, or the next of the seeded sequence."""
        seed = self.setting("id_seed")
        if not seed:
            tail = "".join(secrets.choice(ALPHABET) for _ in range(length))
            return f"{prefix}_sbx{tail}"
        count = int(self.setting("id_count", "0")) + 1
        self.set_setting("id_count", str(count))
        digest = hmac.digest(seed.encode(), str(count).encode(), hashlib.sha512)
        number = int.from_bytes(digest, "big")
        tail = "".join(ALPHABET[(number >> (6 * place)) % 62] for place in range(length))
        return f"{prefix}_sbx{tail}"

    def insert(self, body: Json, extra: Json | None = None) -> Row:
        """Store a new object under its own kind and id."""
        kind, object_id = body["object"], body["id"]
        # COLUMNS names our own columns; every value is bound.
        cursor = self.connection.execute(
            f"INSERT INTO object (kind, id, created, body, extra, {', '.join(COLUMNS)})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (kind, object_id, body.get("created", self.now), *_stored(body, extra or {})),
        )
        return Row(cursor.lastrowid or 0, kind, object_id, body, extra or {})

    def save(self, row: Row) -> None:
        """Store what became of an object."""
        # As in insert().
        self.connection.execute(
            f"UPDATE object SET body = ?, extra = ?, {' = ?, '.join(COLUMNS)} = ? WHERE seq = ?",  # noqa: S608
            (*_stored(row.body, row.extra), row.seq),
        )

    def delete(self, row: Row) -> None:
        """Remove an object."""
        self.connection.execute("DELETE FROM object WHERE seq = ?", (row.seq,))

    def find(self, kind: str, object_id: str | None) -> Row | None:
        """The object with this id."""
        found = self.connection.execute(
            "SELECT seq, kind, id, body, extra FROM object WHERE kind = ? AND id = ?",
            (kind, object_id),
        ).fetchone()
        return _row(found) if found else None

    def get(self, kind: str, object_id: str, param: str = "id") -> Row:
        """The object with this id; raises ApiError 404 in Stripe's words."""
        row = self.find(kind, object_id)
        if row is None:
            raise missing(NAMES.get(kind, kind), object_id, param)
        return row

    def select(
        self, kind: str, where: str = "1", *values: Any, limit: int = -1, oldest_first: bool = False
    ) -> list[Row]:
        """Objects of a kind, newest first; ``where`` is SQL of ours, never of a request."""
        rows = self.connection.execute(
            "SELECT seq, kind, id, body, extra FROM object"  # noqa: S608 - see above
            f" WHERE kind = ? AND ({where}) ORDER BY seq {'ASC' if oldest_first else 'DESC'}"
            " LIMIT ?",
            (kind, *values, limit),
        )
        return [_row(one) for one in rows]


def _stored(body: Json, extra: Json) -> list[Any]:
    texts = [json.dumps(part, separators=(",", ":")) for part in (body, extra)]
    columns = [body.get(name) for name in COLUMNS]
    return texts + [one if isinstance(one, str | int | None) else None for one in columns]


def _row(found: tuple[int, str, str, str, str]) -> Row:
    seq, kind, object_id, body, extra = found
    return Row(seq, kind, object_id, json.loads(body), json.loads(extra))
