"""Counting what a page costs the database. BEGIN, COMMIT, ROLLBACK and PRAGMA do not count."""

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
