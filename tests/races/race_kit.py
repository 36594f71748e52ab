"""What races need: counts, threads that start together, and databases without their last guards."""

import os
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask import Flask
from psycopg.errors import ConnectionTimeout
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from shop.core.db import db
from shop.core.errors import Busy, ShopError

FULL = os.environ.get("FULL") == "1"


def count(full: int) -> int:
    """Return how often: `full` with FULL=1, else a fortieth, at least 2 (docs/reliability.md)."""
    return full if FULL else max(2, full // 40)


def together(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the tasks in threads that start at once; return what each returned or raised."""
    barrier = threading.Barrier(len(tasks))
    results: list[Any] = [None] * len(tasks)

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = tasks[index]()
        except Exception as error:
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def in_app(app: Flask, function: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    """Return a task that calls `function` in an application context of its own.

    Told that the shop is busy it tries again, as patient people do, and where the database server
    takes longer to answer than anybody waits; how often is up to the machine, so there is no limit.
    """

    def run() -> Any:
        while True:
            try:
                with suppress(Busy, NoConnectionLeft), app.app_context():
                    return function(*arguments)
            except OperationalError as error:
                if not isinstance(error.orig, ConnectionTimeout):
                    raise

    return run


def attempted(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call what may be refused because another was faster; return the refusal then."""
    try:
        return function(*arguments)
    except Busy:
        raise
    except ShopError as error:
        return error


def drop_constraints(app: Flask, table: str, *names: str, indexes: Sequence[str] = ()) -> None:
    """Take constraints off a table of this test's own database, for a negative control."""
    with app.app_context():
        engine = db.engine
        db.session.remove()
        if engine.dialect.name == "postgresql":
            with engine.begin() as connection:
                for name in names:
                    connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
                for name in indexes:
                    connection.exec_driver_sql(f'DROP INDEX "{name}"')
            return
        engine.dispose()
        bare = sa.create_engine(engine.url, poolclass=sa.NullPool)
        with bare.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                _rebuild(connection, table, names, indexes)


def _rebuild(
    connection: sa.Connection, table: str, names: Sequence[str], indexes: Sequence[str]
) -> None:
    operations = Operations(MigrationContext.configure(connection))
    for name in indexes:
        connection.exec_driver_sql(f"DROP INDEX {name}")
    metadata = sa.MetaData()
    with warnings.catch_warnings():  # such indexes are of no use to a race
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based")
        found = sa.Table(table, metadata, autoload_with=connection)
    found.constraints = {c for c in found.constraints if c.name not in names}
    with operations.batch_alter_table(table, copy_from=found, recreate="always"):
        pass
