"""A shop whose database is empty, busy or away: every command says so; upgrades wait in line."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import click
import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from shop import create_app, init_migrations
from shop.core.db import transaction
from shop.core.rows import NO_TABLES, OLD
from tests.conftest import SERVER, both_engines, settings_for
from tests.operations.test_migrations import MIGRATIONS
from tests.processes import PATIENCE, environment, eventually, forked

ARGUMENTS = {
    "worker": ["--once"],  # without it, it waits for them
    "backup": ["{folder}/shop.tar"],
    "coupons batch": ["SPRING", "2", "--percent", "5"],
    "coupons create": ["SPRING", "--percent", "5"],
    "coupons disable": ["SPRING"],
    "coupons enable": ["SPRING"],
    "create-admin": ["me@example.org"],
    "seed json": ["shop/seed/samples/pieces.json"],
    "seed random": ["1"],
    "send-test-mail": ["me@example.org"],
    "settings get": ["locale"],
    "settings set": ["nth_order", "4"],
    "staff add-role": ["Packing", "orders.view"],
    "staff give": ["me@example.org", "Packing"],
    "staff take": ["me@example.org"],
    "staff reset-second-factor": ["me@example.org"],
}
# `doctor` explains all of it at length; the sandbox has rows of its own; a copy is put into an
# empty database; `prepare` and `db` make the tables.
EXEMPT = {"doctor", "sandbox run", "restore", "prepare", "db"}


def commands(group: click.Group, way: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every command below `group`, as it is typed."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*way, name))
        else:
            yield " ".join((*way, name))


@pytest.fixture
def bare(tmp_path: Path) -> Flask:
    """An application whose database has no tables."""
    return create_app(settings_for(tmp_path))


def test_every_command_explains_that_there_are_no_tables(bare: Flask, tmp_path: Path) -> None:
    runner = bare.test_cli_runner()
    names = set(commands(bare.cli)) - EXEMPT
    assert len(names) > 20
    for name in sorted(names):
        words = [word.format(folder=tmp_path) for word in ARGUMENTS.get(name, [])]
        done = runner.invoke(args=[*name.split(), *words])
        assert done.exit_code == 1, f"{name}: {done.output}"
        assert isinstance(done.exception, SystemExit), f"{name}: {done.exception!r}"
        last = done.stderr.strip().splitlines()[-1]
        assert last == f"Error: {NO_TABLES}", f"{name}: {done.output}"
    assert not (tmp_path / "shop.tar").exists()


@both_engines
def test_tables_of_another_version_are_told(app: Flask) -> None:
    rename(app, "every", "former")
    try:
        done = app.test_cli_runner().invoke(args=["luck", "log"])
    finally:
        rename(app, "former", "every")
    assert (done.exit_code, done.stderr) == (1, f"Error: {OLD}\n")


def rename(app: Flask, present: str, name: str) -> None:
    """Rename a column of the fairness log."""
    with app.app_context(), transaction() as session:
        session.execute(sa.text(f"ALTER TABLE luck_event RENAME COLUMN {present} TO {name}"))


def test_a_database_that_is_away_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(settings_for(tmp_path, DATABASE_URL="postgresql://shop@127.0.0.1:9/shop"))
    for words in (["settings", "list"], ["jobs", "list"], ["audit"], ["worker", "--once"]):
        done = app.test_cli_runner().invoke(args=words)
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit), f"{words}: {done.exception!r}"
        assert "The database does not answer: connection failed" in done.stderr
    init_migrations(app)
    with app.app_context(), pytest.raises(SystemExit):
        upgrade(directory=MIGRATIONS)
    assert "The database does not answer: connection failed" in caplog.text


@pytest.fixture
def empty_database(worker: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"vitrine_empty_{worker}"
    url = sa.make_url(SERVER).set(drivername="postgresql")
    plain = url.render_as_string(hide_password=False)
    with closing(psycopg.connect(plain, autocommit=True)) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield url.set(database=name).render_as_string(hide_password=False)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND wait_event = 'advisory' AND datname = current_database()
  AND clock_timestamp() - query_start > interval '3.2 seconds'
"""


def test_upgrades_at_the_same_time_wait_for_each_other(tmp_path: Path, empty_database: str) -> None:
    """Longer than the application waits for a lock; then one migrates and the others find it done.

    Two processes on each engine, while somebody else holds the lock of migrations.
    """
    file = tmp_path / "shop.sqlite3"
    urls = [empty_database] * 2 + [f"sqlite:///{file}"] * 2
    with (
        closing(psycopg.connect(empty_database)) as holder,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        ExitStack() as stack,
    ):
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("BEGIN IMMEDIATE")
        holder.execute("SELECT pg_advisory_lock(%s)", [0x76697472])
        holder.commit()
        children = []
        for number, url in enumerate(urls):
            folder = tmp_path / str(number)
            env = environment(settings_for(folder, DATABASE_URL=url))
            command = ("flask", "--app", "wsgi", "db", "upgrade")
            children.append(
                stack.enter_context(forked(*command, env=env, log=tmp_path / f"{number}.log"))
            )
        eventually(lambda: _count_waiting(holder) == 2, what="both wait")
        assert [child.poll() for child in children] == [None] * 4
        holder.execute("SELECT pg_advisory_unlock_all()")
        other.execute("ROLLBACK")
        for number, child in enumerate(children):
            assert child.wait(timeout=PATIENCE) == 0, (tmp_path / f"{number}.log").read_text()
        assert holder.execute("SELECT count(*) FROM shop_state").fetchone() == (1,)
        assert other.execute("SELECT count(*) FROM shop_state").fetchone() == (1,)


def _count_waiting(connection: "psycopg.Connection[tuple[int]]") -> int:
    found = connection.execute(WAITING).fetchone()
    connection.commit()
    return found[0] if found else 0
