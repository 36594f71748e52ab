"""What a page costs the database. BEGIN, COMMIT, ROLLBACK and PRAGMA do not count."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from shop.db import db

FREE = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that `app`'s engine executes inside the block."""
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(_connection, _cursor, statement: str, *_more: object) -> None:
        if not statement.startswith(FREE):
            statements.append(" ".join(statement.split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def whole_tables(statement: str) -> set[str]:
    """Return the tables that SQLite reads from end to end for `statement`.

    PostgreSQL is no witness: it reads small tables whole on purpose.
    """
    values = ["x"] * statement.count("?")
    explain = db.session.connection().exec_driver_sql
    plan = [row[3] for row in explain(f"EXPLAIN QUERY PLAN {statement}", tuple(values))]
    scans = [step for step in plan if step.startswith("SCAN") and step != "SCAN CONSTANT ROW"]
    return {step.split()[1] for step in scans}
