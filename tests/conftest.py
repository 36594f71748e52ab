"""Applications on real databases: SQLite by a copied file, PostgreSQL by one database a worker.

`app` is on SQLite; a test marked `@both_engines` runs on each. Inside `ctx` services can be
called; tests that use `client` must not hold an application context while requesting.
"""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from shop import create_app, init_migrations
from shop.audit.services import audit
from shop.core import clock
from shop.core.db import db
from shop.operations.queries import is_database_ready
from tests.chromium import chromium  # noqa: F401 -- a fixture
from tests.client import PUBLIC, HttpsClient, ShopClient
from tests.scheduling import Scheduling

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
ALL_CODES = {"all"}
IN_CI = os.environ.get("CI") == "true"

# How fast a machine is must not decide whether a test passes.
hypothesis.settings.register_profile(
    "shop", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shop")

both_engines = pytest.mark.parametrize("engine_name", ["sqlite", "postgresql"], indirect=True)


def filled_by(scene: Callable[[], object]) -> pytest.MarkDecorator:
    """Give the test a database that `scene` has filled, without arguments, by services.

    That happens once in a process; the test gets a copy. The sandbox begins empty, so a scene has
    no payments.
    """
    return pytest.mark.filled_by.with_args(scene)  # type: ignore[no-any-return]


def nothing() -> None:
    """Fill a database with nothing: for tests that change its tables, and so need their own."""


MEMORY = Path("/dev/shm")
ROOM = 4 << 30  # bytes; all of the tests leave less than one behind


def pytest_configure() -> None:
    """Keep the tests' files in memory where there is room: they need not outlive the machine.

    On a disk each commit on SQLite waits until it is written.
    """
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the garbage collector pass by what stays: modules, models, tests, half a million objects.

    Each application that a test leaves behind is a circle, and a full search for such circles took
    a seventh of the processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


class _Compiled(BytecodeCache):
    """Templates as compiled by the first application that needed them, for all of a process."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self.kept[bucket.key, bucket.checksum] = bucket.code


TEMPLATES = _Compiled()
DIALECTS: dict[str, sa.Dialect] = {}
STATEMENTS: dict[Any, Any] = {}
POOLS: dict[sa.URL, sa.Pool] = {}


def share(app: Flask) -> None:
    """Let all applications of a process use what one of them has made.

    That is the statements that it has compiled (they are kept by their dialect, of which each
    engine has its own), and its connections to the PostgreSQL database of the tests: on a new one
    the server reads its catalogue anew, and plans all it is asked from what it then knows.
    """
    with app.app_context():
        engine = db.engine
        if engine.url in POOLS:
            engine.pool = POOLS[engine.url]
            engine.dialect = DIALECTS[engine.dialect.name]
            engine.update_execution_options(compiled_cache=STATEMENTS)
            return
        with suppress(sa.exc.DBAPIError), engine.connect():  # which makes the dialect ready
            engine.dialect = DIALECTS.setdefault(engine.dialect.name, engine.dialect)
            engine.update_execution_options(compiled_cache=STATEMENTS)
            if engine.dialect.name == "postgresql":
                POOLS[engine.url] = engine.pool


def hang_up(url: str) -> None:
    """Close the connections to a database that are kept between tests."""
    made = sa.make_url(url)
    _sweeper(made).dispose()
    if made in POOLS:
        POOLS.pop(made).dispose()


def leave(app: Flask) -> None:
    """Let go of what an application has of its database; connections that are shared stay."""
    with app.app_context():
        db.session.remove()
        if POOLS.get(db.engine.url) is not db.engine.pool:
            db.engine.dispose()  # on SQLite the last connection takes the log along


@pytest.fixture
def engine_name(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def worker() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


def settings_for(instance: Path, **overrides: str) -> dict[str, str]:
    """Return settings for tests; `overrides` win, and the machine's own environment is ignored."""
    return {
        "SHOP_ENV": "testing",
        "INSTANCE_PATH": str(instance),
        "SECRET_KEY": "only-for-tests-0123456789-0123456789-abc",
        "DATABASE_URL": f"sqlite:///{instance / 'shop.sqlite3'}",
        "SITE_URL": "http://localhost",
        "TRUSTED_HOSTS": "",
        "TRUSTED_PROXIES": "1",
        "STRIPE_SECRET_KEY": "",
        "STRIPE_WEBHOOK_SECRET": "",
        "STRIPE_API_BASE": "",
        "JOBS": "thread",
        "REDIS_URL": "",
        "BROKER_URL": "",
        "MAIL_URL": "",
        "SANDBOX_CONTROL": "1",
        "CRASH_POINTS": "",
        **overrides,
    }


def migrate(settings: dict[str, str]) -> None:
    """Bring the database of `settings` to the newest revision."""
    app = create_app(settings)
    init_migrations(app)
    with app.app_context():
        upgrade(directory=str(Path(__file__).parent.parent / "migrations"))
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    migrate(settings_for(folder))
    with sa.create_engine(f"sqlite:///{folder / 'shop.sqlite3'}").connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.engine.dispose()
    return folder / "shop.sqlite3"


def _postgresql(name: str) -> sa.URL:
    return sa.make_url(SERVER).set(drivername="postgresql+psycopg", database=name)


@cache
def _engine(url: str | sa.URL) -> sa.Engine:
    """Return an engine that keeps no connection, and asks the server once what it can."""
    return sa.create_engine(url, poolclass=sa.NullPool)


@cache
def _sweeper(url: sa.URL) -> sa.Engine:
    """Return an engine that keeps its one connection, whose server knows the tables."""
    return sa.create_engine(url, pool_size=1, max_overflow=0)


def _on_server(statement: str) -> None:
    engine = _engine(sa.make_url(SERVER).set(drivername="postgresql+psycopg"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def postgresql_url(
    worker: str, filled: "Filled", tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    name = f"vitrine_test_{worker}"
    try:
        _on_server(f'CREATE DATABASE "{name}"')
    except sa.exc.OperationalError as error:
        if IN_CI:
            raise
        pytest.skip(f"no PostgreSQL at TEST_DATABASE_URL: {error.orig}")
    # Processes are killed by these tests, the server is not: it need not wait for the disk.
    _on_server(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    url = _postgresql(name).render_as_string(hide_password=False)
    migrate(settings_for(tmp_path_factory.mktemp("postgresql"), DATABASE_URL=url))
    yield url
    hang_up(url)
    filled.drop(url)
    _on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


# TRUNCATE makes new files for every table and index, and waits for the disk for each.
_EMPTY = """
DO $$
DECLARE
    name text;
    is_used boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || quote_ident(name) || ')' INTO is_used;
        IF is_used THEN
            EXECUTE 'DELETE FROM ' || quote_ident(name);
        END IF;
    END LOOP;
    PERFORM setval(quote_ident(sequencename)::regclass, start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""


def empty(url: str) -> None:
    """Make a PostgreSQL database of the tests what it was after its migration."""
    with _sweeper(sa.make_url(url)).begin() as connection:
        connection.exec_driver_sql(_EMPTY)
        connection.exec_driver_sql(
            "INSERT INTO shop_state (id, list_stamp, settings_stamp, paid_count)"
            " VALUES (1, 1, 1, 0)"
        )


Fill = Callable[[], object]


def fill(settings: dict[str, str], scene: Fill) -> None:
    """Let `scene` fill the database of `settings`; `flask audit` may find nothing in it."""
    app = create_app(settings)
    share(app)
    with app.app_context():
        scene()
        differences = audit_of(app, set())
    leave(app)
    hang_up(settings["DATABASE_URL"])
    assert not differences, f"{scene.__name__}: {differences}"


class Filled:
    """Databases that are filled once in a process, and copied for each test that asks for one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[Fill, Path] = {}
        self.names: dict[Fill, str] = {}

    def sqlite(self, scene: Fill, template: Path) -> Path:
        """Return a file that `scene` has filled, to be copied."""
        if scene not in self.files:
            folder = self.folder / str(len(self.files))
            folder.mkdir()
            shutil.copy(template, folder / "shop.sqlite3")
            fill(settings_for(folder), scene)
            self.files[scene] = folder / "shop.sqlite3"
        return self.files[scene]

    def postgresql(self, scene: Fill, url: str) -> str:
        """Return the URL of a new copy of a database that `scene` has filled.

        `url`: a migrated, empty database. Those of former tests are dropped with it.
        """
        plain = sa.make_url(url).database or ""
        if scene not in self.names:
            name = f"{plain}_filled_{len(self.names)}"
            hang_up(url)  # a database that is copied has no visitors
            _on_server(f'CREATE DATABASE "{name}" TEMPLATE "{plain}"')
            self.names[scene] = name
            filled = _postgresql(name).render_as_string(hide_password=False)
            fill(settings_for(self.folder, DATABASE_URL=filled), scene)
        copy = f"{plain}_copy"
        copied = _postgresql(copy).render_as_string(hide_password=False)
        hang_up(copied)
        _on_server(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        _on_server(f'CREATE DATABASE "{copy}" TEMPLATE "{self.names[scene]}"')
        return copied

    def drop(self, url: str) -> None:
        """Drop what was made beside the database `url`."""
        plain = sa.make_url(url).database or ""
        for name in (*self.names.values(), f"{plain}_copy"):
            hang_up(_postgresql(name).render_as_string(hide_password=False))
            _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    return Filled(tmp_path_factory.mktemp("filled"))


@pytest.fixture
def database_url(engine_name: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A migrated database of the asked engine: empty, or as `@filled_by(scene)` says."""
    marker = request.node.get_closest_marker("filled_by")
    filled: Filled = request.getfixturevalue("filled")
    if engine_name == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "shop.sqlite3"
        shutil.copy(filled.sqlite(marker.args[0], template) if marker else template, path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_url")
    empty(url)
    return filled.postgresql(marker.args[0], url) if marker else url


def traces(url: str) -> list[tuple[str, int, int]]:
    """Return what any write to a database of SQLite changes, whichever process it came from.

    Pages go into the log beside the file, or from there into the file; reading leaves both as they
    are. Empty for PostgreSQL, where a database has no file of its own.
    """
    if not url.startswith("sqlite"):
        return []
    path = sa.make_url(url).database or ""
    found = [(f, f.stat()) for f in (Path(path), Path(f"{path}-wal")) if f.exists()]
    return [(file.name, stat.st_size, stat.st_mtime_ns) for file, stat in found if stat.st_size]


@pytest.fixture
def make_app(
    database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Flask]]:
    """Make applications on the test's database; settings by keyword.

    In the end `flask audit` may find nothing in what the test has written.
    """
    made: list[Flask] = []
    untouched = traces(database_url)

    def make(**overrides: str) -> Flask:
        app = create_app(settings_for(tmp_path, **{"DATABASE_URL": database_url, **overrides}))
        init_migrations(app)
        app.test_client_class = ShopClient
        app.jinja_env.bytecode_cache = TEMPLATES
        share(app)
        made.append(app)
        return app

    with clock.restored():
        yield make
    has_written = not untouched or traces(database_url) != untouched
    differences = audit_of(made[0], exempt_codes(request)) if made and has_written else []
    for app in made:
        leave(app)
    assert not differences, "flask audit differs:\n" + "\n".join(differences)


def exempt_codes(request: pytest.FixtureRequest) -> set[str]:
    """Return the checks that the test breaks on purpose: `no_audit("why", "I1", "M2b")`.

    No codes: all of them.
    """
    marker = request.node.get_closest_marker("no_audit")
    if marker is None:
        return set()
    reason, *codes = marker.args or ("",)
    assert len(reason) > 10, "no_audit needs a reason"
    return set(codes) or ALL_CODES


def audit_of(app: Flask, exempt: set[str]) -> list[str]:
    """Return what `flask audit` finds in the database of `app`; nothing where there is no shop."""
    if exempt is ALL_CODES:
        return []
    with app.app_context():
        if not is_database_ready():
            return []
        return [str(difference) for difference in audit() if difference.code not in exempt]


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def ctx(app: Flask) -> Iterator[Flask]:
    """An open application context, for calling services."""
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> ShopClient:
    client = app.test_client()
    assert isinstance(client, ShopClient)
    return client


@pytest.fixture
def https_client(make_app: Callable[..., Flask]) -> HttpsClient:
    """A browser at a shop whose public address is https, behind a proxy that it trusts."""
    app = make_app(SITE_URL=PUBLIC, TRUSTED_HOSTS="maison.example")
    app.test_client_class = HttpsClient
    client = app.test_client()
    assert isinstance(client, HttpsClient)
    return client
