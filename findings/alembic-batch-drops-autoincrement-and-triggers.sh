#!/usr/bin/env bash
# Alembic 1.20.1 with SQLAlchemy 2.1.9 on SQLite: a batch that only widens one column makes the
# whole table anew, without AUTOINCREMENT and without the table's triggers. It says nothing of
# either (a lost unnamed CHECK is warned of), and autogenerate, asked afterwards to compare the
# database with models that still want AUTOINCREMENT, finds no difference: ids that were deleted
# are given out again, and what a trigger forbade is allowed, with `alembic check` content.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check alembic==1.20.1 sqlalchemy==2.1.9
"$dir/venv/bin/python" - <<'PY'
import warnings

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations


def models(length):
    metadata = sa.MetaData()
    sa.Table(
        "ticket",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(length), nullable=False),
        sqlite_autoincrement=True,
    )
    return metadata


def schema(connection):
    rows = connection.exec_driver_sql("SELECT type, sql FROM sqlite_master WHERE tbl_name = 'ticket'")
    return {kind: sql for kind, sql in rows}


with sa.create_engine("sqlite://").begin() as connection, warnings.catch_warnings():
    warnings.simplefilter("error")
    models(40).create_all(connection)
    connection.exec_driver_sql(
        "CREATE TRIGGER kept BEFORE DELETE ON ticket BEGIN SELECT RAISE(ABORT, 'kept'); END"
    )
    before = schema(connection)
    assert "AUTOINCREMENT" in before["table"] and "trigger" in before, before
    with Operations(MigrationContext.configure(connection)).batch_alter_table("ticket") as batch:
        batch.alter_column("name", existing_type=sa.String(40), type_=sa.String(60))
    after = schema(connection)
    told = compare_metadata(
        MigrationContext.configure(connection, opts={"compare_type": True}), models(60)
    )

print("kept after the batch:", sorted(after), "| AUTOINCREMENT:", "AUTOINCREMENT" in after["table"])
print("differences that autogenerate sees:", told)
assert "AUTOINCREMENT" not in after["table"]
assert "trigger" not in after
assert told == []
PY
# Seen:
#   kept after the batch: ['table'] | AUTOINCREMENT: False
#   differences that autogenerate sees: []
