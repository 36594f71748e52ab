"""What a page costs the database. BEGIN, COMMIT, ROLLBACK and PRAGMA do not count.

Imports nothing of the shop: bench/ counts the statements of older builds, too.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, current_app
from sqlalchemy import event

FLAG = re.compile(r"\((is|has)_\w+=\?\)$")
FREE = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that `app`'s engine executes inside the block."""
    with app.app_context():
        engine = app.extensions["sqlalchemy"].engine
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
    """Return the tables that SQLite reads from end to end for `statement`, or as good as.

    A list that is made before the rows that are looked up in it counts as well, if what it is made
    of is found by a flag. PostgreSQL is no witness: it reads small tables whole on purpose.
    """
    values = ["x"] * statement.count("?")
    explain = current_app.extensions["sqlalchemy"].session.connection().exec_driver_sql
    plan = list(explain(f"EXPLAIN QUERY PLAN {statement}", tuple(values)))
    lists = {row[0] for row in plan if row[3].startswith("LIST SUBQUERY")}
    read = set()
    for _id, parent, _unused, step in plan:
        is_scan = step.startswith("SCAN") and step != "SCAN CONSTANT ROW"
        if is_scan or (parent in lists and step.startswith("SEARCH") and FLAG.search(step)):
            read.add(step.split()[1])
    return read
