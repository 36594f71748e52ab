"""What the revisions make is what the models say, to the letter; and what a rebuild must keep."""

import base64
import json
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from shop.core.config import ROOT
from shop.core.db import Base, db
from shop.models import Provider
from shop.operations.queries import known_revisions
from tests.conftest import both_engines, migrate, settings_for
from tests.operations.schema import BESIDE_THE_MODELS, Facts, differences, facts_of
from tests.operations.test_migrations import MIGRATIONS, counts

# A shop as the first release made it, with rows in every table; see docs/architecture.md.
FIRST_SHOP = ROOT / "tests" / "operations" / "shops" / "0001.json"


@pytest.fixture(autouse=True)
def _as_revisions_make_it(engine_name: str, request: pytest.FixtureRequest) -> None:
    """Undo what a restored backup leaves: PostgreSQL reads the checks of a dump in other words."""
    if engine_name == "postgresql":
        request.getfixturevalue("_made_anew")


@pytest.fixture(scope="module")
def _made_anew(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    engine = sa.create_engine(postgresql_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO PUBLIC")  # as a new one has
    migrate(settings_for(tmp_path_factory.mktemp("anew"), DATABASE_URL=postgresql_url))


def facts() -> Facts:
    """Return the facts of the test's own database."""
    db.session.remove()
    with db.engine.connect() as connection:
        return facts_of(connection)


def models() -> Facts:
    """Return what `create_all()` makes on the same engine, and what revisions make beside it."""
    name = db.engine.dialect.name
    engine = db.engine if name == "postgresql" else sa.create_engine("sqlite://")
    with engine.connect() as connection:
        if name == "postgresql":  # undone with the transaction
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        Base.metadata.create_all(connection)
        found = facts_of(connection)
        connection.rollback()
    if name == "sqlite":
        engine.dispose()
    return found | BESIDE_THE_MODELS[name]


@both_engines
def test_the_revisions_make_what_create_all_makes(ctx: Flask) -> None:
    assert differences(facts(), models()) == []


def load_first_shop() -> dict[str, int]:
    """Fill a database of the first revision; return the counts of its tables."""
    document: dict[str, Any] = json.loads(FIRST_SHOP.read_text())
    metadata = sa.MetaData()
    with db.engine.connect().execution_options(shop_write=True) as connection, connection.begin():
        metadata.reflect(connection, only=list(document))
        connection.execute(metadata.tables["shop_state"].delete())
        for name, content in document.items():
            table = metadata.tables[name]
            values = [
                {
                    c: _value(table.c[c].type, v)
                    for c, v in zip(content["columns"], row, strict=True)
                }
                for row in content["rows"]
            ]
            connection.execute(table.insert(), values)
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection, metadata.tables.values())
    found = counts()
    assert all(found.values()), found
    return found


def _go_on_counting(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    """Let the sequences of PostgreSQL follow the ids that were inserted."""
    for table in tables:
        if "id" in table.c and isinstance(table.c.id.type, sa.Integer):
            sequence = sa.func.pg_get_serial_sequence(table.name, "id")
            connection.execute(sa.select(sa.func.setval(sequence, sa.func.max(table.c.id))))


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Boolean):
        return bool(value)
    if isinstance(kind, sa.JSON):
        return json.loads(value) if isinstance(value, str) else value
    return base64.b64decode(value) if isinstance(kind, sa.LargeBinary) else value


# Rows that a revision adds to the first shop: it goes on with the prefix of its order numbers.
ADDED = {"0005": {"setting": 1}}


def kept(found: dict[str, int], names: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in found.items() if name in names}


@both_engines
def test_a_shop_of_the_first_release_walks_up_through_every_revision(
    make_app: Callable[..., Flask],
) -> None:
    """Each revision up, down and up again; afterwards `flask audit` finds nothing."""
    with make_app().app_context():
        downgrade(directory=MIGRATIONS, revision="0001")
        before, shape = load_first_shop(), facts()
        for revision in reversed(known_revisions()[:-1]):
            upgrade(directory=MIGRATIONS, revision=revision)
            after, new_shape = counts(), facts()
            more = ADDED.get(revision, {})
            expected = {name: count + more.get(name, 0) for name, count in before.items()}
            assert kept(after, before) == expected, revision
            downgrade(directory=MIGRATIONS)
            assert counts() == before, f"{revision}, down"
            assert differences(facts(), shape) == [], f"{revision}, down"
            upgrade(directory=MIGRATIONS, revision=revision)
            assert counts() == after, f"{revision}, up again"
            before, shape = after, new_shape
        assert differences(facts(), models()) == []


REVISION = '''
"""Change a table."""
from alembic import op
import sqlalchemy as sa
from shop.core.schema_change import allow_values, change_table
revision, down_revision, branch_labels, depends_on = "test", "{newest}", None, None
def upgrade():
    {body}
def downgrade():
    {undo}
'''


def with_revision(tmp_path: Path, *body: str, undo: str = "pass") -> str:
    """Return a copy of the migrations with one more revision that does `body`."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    text = REVISION.format(newest=known_revisions()[0], body="\n    ".join(body), undo=undo)
    (folder / "versions" / "test_change.py").write_text(text)
    return str(folder)


def test_what_autogenerate_overlooks_is_seen(ctx: Flask, tmp_path: Path) -> None:
    """The control: a revision that spoils three tables, in ways that `flask db check` passes."""
    directory = with_revision(
        tmp_path,
        'with change_table("stock_hold") as batch:',
        '    batch.drop_constraint(op.f("ck_stock_hold_quantity"), type_="check")',
        'with op.batch_alter_table("orders", recreate="always") as batch:',
        "    pass",
        'op.execute("CREATE TRIGGER spy AFTER INSERT ON cart BEGIN SELECT 1; END")',
    )
    upgrade(directory=directory)
    check(directory=directory)
    assert differences(facts(), models()) == [
        "check stock_hold.ck_stock_hold_quantity: missing instead of quantity > 0",
        "table orders:  instead of AUTOINCREMENT",
        (
            "trigger cart.spy: CREATE TRIGGER spy AFTER INSERT ON cart BEGIN SELECT 1; END"
            " instead of nothing"
        ),
    ]


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_lost_check_is_seen_on_postgresql(ctx: Flask) -> None:
    wanted = models()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE stock_hold DROP CONSTRAINT ck_stock_hold_quantity")
        connection.exec_driver_sql("ALTER TABLE cart_item ALTER quantity SET DEFAULT 1")
        found = facts_of(connection)
        connection.rollback()
    assert differences(found, wanted) == [
        (
            "column cart_item.quantity: integer null=false default=1 identity= generated= collate="
            " instead of integer null=false default= identity= generated= collate="
        ),
        "constraint stock_hold.ck_stock_hold_quantity: missing instead of CHECK((quantity > 0))",
    ]


@both_engines
def test_one_more_provider_changes_its_checks_alone(ctx: Flask, tmp_path: Path) -> None:
    tables = sorted(
        table.name
        for table in db.metadata.tables.values()
        if "provider" in table.columns and isinstance(table.columns["provider"].type, sa.Enum)
    )
    names = [str(provider) for provider in Provider]
    change, undo = (
        f'[allow_values(table, "provider", {allowed}) for table in {tables}]'
        for allowed in ([*names, "acme"], names)
    )
    directory = with_revision(tmp_path, change, undo=undo)
    upgrade(directory=directory)
    found = differences(facts(), models())
    named = [line.split(":")[0].split(" ")[1] for line in found]
    assert named == [f"{table}.ck_{table}_provider" for table in tables]
    assert all("acme" in line.split(" instead of ")[0] for line in found)
    downgrade(directory=directory)
    assert differences(facts(), models()) == []


# Everything that SQLite can say about a table and that a rebuild could lose.
RICH = """
CREATE TABLE rich (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    email VARCHAR(255) COLLATE NOCASE DEFAULT '(none)' NOT NULL,
    brand_id INTEGER, quantity INTEGER CHECK (quantity IN (1, 2)), word VARCHAR(9),
    CONSTRAINT ck_rich_word CHECK (word <> ')'), CHECK (length(email) > 1),
    CONSTRAINT fk_rich_brand FOREIGN KEY(brand_id) REFERENCES brand (id)
        ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT uq_rich_email UNIQUE (email)
);
CREATE INDEX ix_rich_part ON rich (word) WHERE quantity > 1;
CREATE UNIQUE INDEX ix_rich_lower ON rich (lower(word), email COLLATE BINARY DESC);
CREATE TRIGGER rich_brand AFTER UPDATE ON rich BEGIN UPDATE brand SET position = 1; END;
INSERT INTO rich (email, quantity, word) VALUES ('Ada@example.org', 1, 'a'),
    ('b@b', 2, 'b');
DELETE FROM rich WHERE word = 'b'
"""


ENUM = 'sa.Enum("new", "old", name="state", length=9, native_enum=False, create_constraint=True)'


@pytest.mark.no_audit("the table is not the shop's")
@pytest.mark.parametrize(
    ("changes", "touched"),
    [
        (
            (
                f'batch.add_column(sa.Column("state", {ENUM}, server_default="new"))',
                'batch.alter_column("word", existing_type=sa.String(9), type_=sa.String(99))',
                'batch.drop_constraint("uq_rich_email", type_="unique")',
            ),
            [
                "check rich.ck_rich_state", "column rich.state", "column rich.word",
                "unique rich.uq_rich_email",
            ],
        ),
        (('batch.add_column(sa.Column("plain", sa.Integer()))',), ["column rich.plain"]),
    ],
    ids=["rebuilt", "in place"],
)  # fmt: skip
def test_a_changed_table_keeps_the_rest(
    ctx: Flask, tmp_path: Path, changes: tuple[str, ...], touched: list[str]
) -> None:
    """With plain `batch_alter_table` most of the rest is gone."""
    with db.engine.connect() as connection:
        for statement in RICH.split(";\n"):
            connection.exec_driver_sql(statement)
        before = facts_of(connection)
        connection.commit()
    lines = [f"    {change}" for change in changes]
    upgrade(directory=with_revision(tmp_path, 'with change_table("rich") as batch:', *lines))
    assert [line.split(":")[0] for line in differences(facts(), before)] == touched
    with db.engine.connect() as connection:
        query = connection.exec_driver_sql
        assert query("SELECT email, word FROM rich").all() == [("Ada@example.org", "a")]
        query("INSERT INTO rich (email, quantity, word) VALUES ('c@c', 1, 'c')")
        assert query("SELECT max(id) FROM rich").scalar() == 3  # 2 was somebody else's
