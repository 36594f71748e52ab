"""Changing a table in a migration so that nothing else of it is lost.

SQLite alters little in place. For the rest Alembic builds a new table from what SQLAlchemy reads
of the old one, copies the rows and drops the old one. What SQLAlchemy does not read is gone then
without a word: AUTOINCREMENT and where it stood, collations, CHECKs without a name, indexes on
expressions, triggers. See "Writing a migration" in docs/architecture.md.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[(),]|[^'\"(),]+", re.DOTALL)
_COLUMN = re.compile(r'\s*(?:"((?:[^"]|"")+)"|(\w+))')
_COLLATE = re.compile(r'\bCOLLATE\s+"?(\w+)"?', re.IGNORECASE)
_CHECK = re.compile(r'(?:\bCONSTRAINT\s+("[^"]+"|\w+)\s+)?\bCHECK\s*\(', re.IGNORECASE)


@contextmanager
def change_table(name: str) -> Iterator[BatchOperations]:
    """Change the table `name` inside the block, as with `op.batch_alter_table(name)`.

    On SQLite everything that the block does not change is as it was, if the table had to be built
    anew, too. A trigger or an index on an expression that is to go, or names a column that goes,
    is dropped by `op.execute()` before the block; a CHECK without a name goes with its column only
    if that is dropped in place. On PostgreSQL the table is altered in place.
    """
    bind = op.get_bind()
    if bind.dialect.name != "sqlite":
        with op.batch_alter_table(name) as batch:
            yield batch
        return
    old = _Unread(bind, name)
    with (
        unread_indexes_are_known(),
        op.batch_alter_table(
            name,
            table_args=old.checks,
            table_kwargs=old.options,
            reflect_kwargs={"listeners": [("column_reflect", old.set_collation)]},
        ) as batch,
    ):
        yield batch
    old.restore(bind)


def allow_values(table: str, column: str, values: Iterable[str], *, check: str = "") -> None:
    """Let a column that stores a StrEnum hold `values` alone, by a new CHECK for the old one.

    `check`: how the CHECK ends, where that is not the column's own name. Raises what the database
    raises where a row holds another value.
    """
    name = op.f(f"ck_{table}_{check or column}")
    allowed = ", ".join(f"'{value}'" for value in values)
    with change_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"{column} IN ({allowed})")


@contextmanager
def unread_indexes_are_known() -> Iterator[None]:
    """Read a table on SQLite without being warned of the indexes that SQLAlchemy cannot read."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based")
        warnings.filterwarnings("ignore", "autogenerate skipping .* expression-based index")
        yield


class _Unread:
    """What a table on SQLite has and SQLAlchemy does not read."""

    def __init__(self, bind: sa.Connection, name: str) -> None:
        self.name = name
        statement = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND sql NOT NULL"
        rows = bind.exec_driver_sql(statement, (name,)).all()
        sql = next(row.sql for row in rows if row.type == "table")
        clauses, tail = split_table(sql)
        self.collations = collations(clauses)
        self.checks = tuple(sa.CheckConstraint(c) for named, c in checks(clauses) if not named)
        self.options = {
            "sqlite_autoincrement": bool(re.search(r"\bAUTOINCREMENT\b", sql, re.IGNORECASE)),
            "sqlite_with_rowid": "WITHOUT ROWID" not in tail.upper(),
            "sqlite_strict": "STRICT" in tail.upper(),
        }
        with unread_indexes_are_known():
            known = {index["name"] for index in sa.inspect(bind).get_indexes(name)}
        self.others = {r.name: r.sql for r in rows if r.type != "table" and r.name not in known}
        self.last_id = self._last_id(bind) if self.options["sqlite_autoincrement"] else None

    def _last_id(self, bind: sa.Connection) -> int | None:
        statement = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        return bind.exec_driver_sql(statement, (self.name,)).scalar()

    def set_collation(self, _inspector: object, _table: object, column: dict[str, Any]) -> None:
        """Give a column that is being read its collation."""
        if column["name"] in self.collations:
            column["type"].collation = self.collations[column["name"]]

    def restore(self, bind: sa.Connection) -> None:
        """Make again what the new table lacks, and let it never hand out an old id twice."""
        names = bind.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
        for name, sql in self.others.items():
            if name not in names:
                bind.exec_driver_sql(sql)
        if self.last_id is not None and self._last_id(bind) != self.last_id:
            for statement, values in (
                ("DELETE FROM sqlite_sequence WHERE name = ?", (self.name,)),
                (
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
                    (self.name, self.last_id),
                ),
            ):
                bind.exec_driver_sql(statement, values)


def split_table(sql: str) -> tuple[list[str], str]:
    """Return what the first brackets of `sql` hold, split at its commas, and what follows them."""
    clauses, depth = [""], 0
    for token in _TOKEN.finditer(sql):
        text = token[0]
        depth -= text == ")"
        if text == ")" and not depth:
            return [clause.strip() for clause in clauses], sql[token.end() :]
        if text == "," and depth == 1:
            clauses.append("")
        elif depth:
            clauses[-1] += text
        depth += text == "("
    return [], ""


def collations(clauses: list[str]) -> dict[str, str]:
    """Return the collation of every column that has one of its own."""
    found = {}
    for clause in clauses:
        column, collation = _COLUMN.match(clause), _COLLATE.search(clause)
        if column and collation:
            found[column[1] or column[2]] = collation[1]
    return found


def checks(clauses: list[str]) -> list[tuple[str, str]]:
    """Return name and condition of every CHECK; the name is empty where it has none."""
    found = []
    for clause in clauses:
        for match in _CHECK.finditer(clause):
            condition, _ = split_table(clause[match.end() - 1 :])
            found.append(((match[1] or "").strip('"'), ", ".join(condition)))
    return found
