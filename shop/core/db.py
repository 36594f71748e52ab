"""The database: the base of all models, the engines, and the one place that commits.

A use case is one function decorated with `retried` that does its work in `with transaction():`.
Reading needs nothing: a plain BEGIN starts with the first statement and ends with the request.
"""

import functools
import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from sqlite3 import Connection as SQLiteConnection
from typing import Any, ParamSpec, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Dialect, Engine, Enum, MetaData, event, inspect
from sqlalchemy import Connection as SAConnection
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeDecorator

from shop.core.clock import monotonic, pause
from shop.core.errors import Busy
from shop.core.sqlite import prepare_connection

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=Callable[[], None])


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment. SQLite keeps no zone, so UTC goes in and UTC comes out; naive is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return `value` in UTC. Raises ValueError for one without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
STORED_AS: dict[Any, Any] = {
    datetime: UTCDateTime(),
    dict[str, Any]: JSON,
    list[Any]: JSON,
    StrEnum: Enum(
        StrEnum,
        native_enum=False,
        create_constraint=True,
        length=24,
        values_callable=lambda enum: [member.value for member in enum],
    ),
}


class Base(DeclarativeBase):
    """What every model inherits: constraint names, and how enums, moments and JSON are stored."""

    registry = registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map=STORED_AS)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '?')}>"


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "autoflush": True})


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine's options for `url`: connections at most, and how long is waited."""
    pool = {"pool_size": 8, "max_overflow": 8, "pool_timeout": 3}
    if url.startswith("sqlite"):
        return {**pool, "connect_args": {"timeout": 3, "check_same_thread": False}}
    return {
        **pool,
        "pool_pre_ping": True,
        "connect_args": {
            "prepare_threshold": None,  # safe behind PgBouncer in transaction mode
            "options": "-c lock_timeout=3s -c timezone=UTC",
            "connect_timeout": 3,
        },
    }


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: object) -> None:
    if isinstance(connection, SQLiteConnection):
        prepare_connection(connection)


@event.listens_for(Engine, "begin")
def _begin(connection: SAConnection) -> None:
    if connection.dialect.name == "sqlite":
        write = connection.get_execution_options().get("shop_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what the block wrote, or roll all of it back; an inner block joins the outer one.

    The outermost block first ends the read snapshot and empties the identity map, so a service
    that loads inside the block decides on what is true now. Work queued with `after_commit()`
    runs once the commit has succeeded; `before_commit()` work runs as the last statements.
    Raises RuntimeError when something was changed outside a transaction.
    """
    session = db.session()
    if "after_commit" in session.info:
        yield session
        return

    if session.new or session.dirty or session.deleted:
        raise RuntimeError("something was changed outside transaction()")
    session.close()
    session.connection(execution_options={"shop_write": True})
    callbacks: list[Callable[[], None]] = []
    session.info["after_commit"] = callbacks
    session.info["before_commit"] = {}
    try:
        yield session
        session.flush()
        last = session.info["before_commit"]
        while last:
            last.pop(min(last))()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info["after_commit"], session.info["before_commit"]

    for callback in callbacks:
        callback()


def in_transaction() -> bool:
    """Return whether a `transaction()` block is open in this thread."""
    return "after_commit" in db.session().info


def after_commit(callback: Callable[[], None]) -> None:
    """Run `callback` once the open transaction has committed; never when it rolls back."""
    db.session().info["after_commit"].append(callback)


def before_commit(name: str, callback: C) -> C:
    """Run `callback` among the transaction's last statements, once per `name`: for hot rows.

    They run in the order of their names, which is the order their rows are locked in; a callback
    may register another with a later name. Returns the callback that is registered under `name`.
    """
    registered: C = db.session().info["before_commit"].setdefault(name, callback)
    return registered


def end_read() -> None:
    """End the read snapshot, so that the next statement sees what others have committed.

    Before every network call too: a snapshot held open keeps SQLite from checkpointing. What was
    loaded stays readable as it was.
    """
    if not in_transaction():
        db.session.close()


def abandon() -> None:
    """Roll back whatever is open, after an error that nobody expected."""
    db.session.rollback()


def changed(statement: UpdateBase) -> int:
    """Execute an UPDATE, DELETE or INSERT and return how many rows it touched."""
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def insert_for(dialect: str) -> Callable[[Any], SqliteInsert | PostgresqlInsert]:
    """Return what makes an INSERT that may say what is done where the row is there already."""
    return sqlite_insert if dialect == "sqlite" else postgresql_insert


def insert_into(model: Any) -> SqliteInsert | PostgresqlInsert:
    """Return such an INSERT into a model or table, for the database that is used."""
    return insert_for(db.session.get_bind().dialect.name)(model)


def insert_new(model: type[Base], **values: Any) -> bool:
    """Insert a row unless a unique constraint forbids it; return whether it is new."""
    statement = insert_into(model).values(**values).on_conflict_do_nothing()
    key = statement.returning(*inspect(model).primary_key)
    return db.session.execute(key).first() is not None


_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock (PostgreSQL error codes)


def _may_run_again(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in _AGAIN:
        return True
    return getattr(error.orig, "sqlite_errorname", "") == "SQLITE_BUSY_SNAPSHOT"


def is_lock_timeout(error: DBAPIError) -> bool:
    """Return whether the database gave up waiting for a lock (PostgreSQL 55P03, SQLite BUSY)."""
    if getattr(error.orig, "sqlstate", None) == "55P03":
        return True
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def retried(function: Callable[P, R]) -> Callable[P, R]:
    """Run the whole use case again, at most 3 times within 3 s, on a deadlock or a stale snapshot.

    For the outermost service alone: inside another transaction it only passes through. A lock
    wait that ran out is not retried. Raises Busy when the database stays unavailable.
    """

    @functools.wraps(function)
    def runs(*args: P.args, **kwargs: P.kwargs) -> R:
        if in_transaction():
            return function(*args, **kwargs)
        deadline = monotonic() + 3
        for attempt in range(4):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                if _may_run_again(error) and attempt < 3 and monotonic() < deadline:
                    pause(random.uniform(0.005, 0.03) * 2**attempt)  # noqa: S311 -- jitter
                    continue
                if _may_run_again(error) or is_lock_timeout(error):
                    raise Busy from error
                raise
            except NoConnectionLeft as error:
                raise Busy from error
        raise Busy

    return runs


# -- race and kill tests (docs/reliability.md) ---------------------------------------------------

_crash_points: dict[str, str] = {}


def arm_crash_points(specification: str) -> None:
    """Arm points named in `specification`, such as "after-hold=kill,before-send=0.01".

    The value is `kill` (SIGKILL to this process) or a number of seconds to wait there. Set by
    tests alone; the factory refuses it in production.
    """
    _crash_points.clear()
    for part in filter(None, specification.split(",")):
        name, _, action = part.partition("=")
        _crash_points[name] = action


def crash_point(name: str) -> None:
    """Name a moment where a test may widen the window or kill the process. Does nothing else."""
    if not _crash_points:
        return
    action = _crash_points.get(name)
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action:
        pause(float(action))
