"""The shop under test: a database of its own, filled, served with production settings."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.load import Browser
from bench.machine import ROOT, serving
from tests.processes import free_port

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
STAFF = "bench@example.org"


@dataclass
class Shop:
    """A filled shop and how to reach it."""

    env: dict[str, str]
    port: int
    pid: int = 0
    password: str = ""  # of STAFF
    root: Path = ROOT  # the checkout whose shop it is
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def browser(self) -> Browser:
        """Return a visitor who has not been here yet."""
        return Browser(self.port)

    def flask(self, *arguments: str) -> str:
        """Run a `flask` command on the shop; return what it prints."""
        return self._run("flask", "--app", "wsgi", *arguments)

    def in_process(self, what: str, *arguments: str) -> Any:
        """Run a function of bench/inside.py in a process with the shop's settings."""
        return json.loads(self._run("bench.inside", what, *arguments))

    def _run(self, module: str, *arguments: str) -> str:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command[2:])}: {done.stderr[-2000:]}")
        return done.stdout

    def paid_events(self, number: int) -> list[tuple[str, str]]:
        """Pay so many open pages without a word to the shop; return events and signatures."""
        return [tuple(letter) for letter in self.in_process("paid_events", str(number))]

    def slugs(self, number: int) -> list[str]:
        """Return the slugs of the first products that can be bought."""
        return [row[0] for row in self.rows(_SLUGS, number=number)]

    def variants(self, number: int) -> list[int]:
        """Return variants with stock."""
        return [row[0] for row in self.rows(_VARIANTS, number=number)]

    def categories(self) -> list[str]:
        """Return the slugs of all categories."""
        return [row[0] for row in self.rows("SELECT slug FROM category ORDER BY id")]

    def rows(self, statement: str, **values: object) -> list[sa.Row]:
        """Read from the shop's database."""
        url = self.env["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            return list(connection.execute(sa.text(statement), values))

    def signed_in(self) -> Browser:
        """Return a member of staff's browser."""
        browser = self.browser()
        token = browser.token("/login")
        status = browser.submit("/login", token, email=STAFF, password=self.password)
        if status != 303:
            raise RuntimeError(f"the sign-in answered {status}")
        return browser


_SLUGS = "SELECT slug FROM product WHERE is_active ORDER BY id LIMIT :number"
_VARIANTS = (
    "SELECT id FROM product_variant WHERE is_active AND stock_policy = 'deny'"
    " AND stock_on_hand - stock_reserved > 5 ORDER BY id LIMIT :number"
)


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database, dropped afterwards."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'shop.sqlite3'}"
        return
    name = f"vitrine_bench_{os.getpid()}"
    url = sa.make_url(SERVER).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield url.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def filled(engine: str, products: int, root: Path = ROOT) -> Iterator[Shop]:
    """Yield a shop of the checkout `root` with `products` products, not yet served."""
    with tempfile.TemporaryDirectory() as name, database(engine, Path(name)) as url:
        kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
        env = {
            **kept,
            "SHOP_ENV": "development",
            "INSTANCE_PATH": name,
            "DATABASE_URL": url,
            "SECRET_KEY": "only-for-the-bench-0123456789-0123456789",
            "JOBS": "thread",
            "PYTHONPATH": str(root),
        }
        shop = Shop(env, free_port(), root=root)
        began = time.monotonic()
        shop.flask("db", "upgrade")
        shop.flask("seed", "demo")
        if products > 300:
            shop.flask("seed", "random", str(products))
        for limit in ("open_orders_per_email", "open_orders_per_ip", "unpaid_orders_per_hour"):
            shop.flask("settings", "set", limit, "0")
        told = shop.flask("create-admin", STAFF, "--generate")
        shop.password = told.split("Password: ", 1)[1].strip()
        shop.flask("worker", "--once")
        if engine == "postgresql":
            sa_url = url.replace("postgresql://", "postgresql+psycopg://")
            with sa.create_engine(sa_url, isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        print(f"# {engine}, {products:,} products: ready in {time.monotonic() - began:.0f} s")
        yield shop


@contextmanager
def copied(shop: Shop, root: Path) -> Iterator[Shop]:
    """Yield a copy of a shop on SQLite, taken to what the checkout `root` makes of it."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(shop.env["INSTANCE_PATH"], name, dirs_exist_ok=True)
        url = f"sqlite:///{Path(name) / 'shop.sqlite3'}"
        env = {**shop.env, "INSTANCE_PATH": name, "DATABASE_URL": url, "PYTHONPATH": str(root)}
        copy = replace(shop, env=env, root=root)
        copy.flask("db", "upgrade")
        copy.flask("worker", "--once")
        yield copy


@contextmanager
def served(shop: Shop) -> Iterator[Shop]:
    """Serve the shop as `make run` does: two gthread processes; jobs do not run meanwhile."""
    env = {**shop.env, "PORT": str(shop.port)}
    log = Path(shop.env["INSTANCE_PATH"]) / "bench.log"
    command = [sys.executable, "-m", "gunicorn"]
    with serving(command, env, f"http://127.0.0.1:{shop.port}/healthz", log) as pid:
        shop.pid = pid
        yield shop


@contextmanager
def limit(shop: Shop) -> Iterator[int]:
    """Serve the bare limit on the same engine with the same worker class; yields its port."""
    folder = Path(shop.env["INSTANCE_PATH"])
    url = shop.env["DATABASE_URL"]
    if url.startswith("sqlite"):
        url = f"sqlite:///{folder / 'limits.sqlite3'}"
    env = {**shop.env, "LIMITS_DB": url.replace("postgresql://", "postgresql+psycopg://")}
    subprocess.run([sys.executable, "-m", "bench.limits_app"], cwd=ROOT, env=env, check=True)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:bench.limits_conf"]
    command += ["-b", f"127.0.0.1:{port}", "bench.limits_app:app"]
    with serving(command, env, f"http://127.0.0.1:{port}/grid", folder / "limits.log"):
        yield port


def checkout_form(browser: Browser) -> dict[str, str]:
    """Return a filled checkout form for the browser's cart."""
    html = browser.request("GET", "/checkout")[2]
    names = "checkout_token|seen_total|shown_texts"
    hidden = dict(re.findall(rf'name="({names})"[^>]*value="([^"]*)"', html))
    if 'name="terms"' in html:
        hidden["terms"] = "y"
    chosen = re.search(r'<input checked[^>]*name="delivery"[^>]*value="(\d+)"', html)
    address = {
        "email": "bench@example.org",
        "name": "Camille Laurent",
        "line1": "14 rue des Capucins",
        "postal_code": "69001",
        "city": "Lyon",
        "country": "FR",
    }
    return {**address, **hidden, **({"delivery": chosen[1]} if chosen else {})}


def save(results: list[dict[str, object]], path: Path) -> None:
    """Write the results as JSON, a line each."""
    path.parent.mkdir(exist_ok=True)
    path.write_text("[\n" + ",\n".join(json.dumps(row) for row in results) + "\n]\n")
