"""The audit after each test: it sees whatever was written, and is spared where nothing was."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.models import ShopState
from tests.client import ShopClient
from tests.conftest import audit_of, traces

SPOIL = "UPDATE shop_state SET paid_count = 7"


def test_reading_leaves_no_trace(app: Flask, client: ShopClient, database_url: str) -> None:
    before = traces(database_url)
    assert client.get("/").status_code == 200
    with app.app_context():
        with transaction() as session:
            session.scalars(select(ShopState)).one()
        db.session.remove()
        db.engine.dispose()
    assert traces(database_url) == before


def test_a_write_leaves_one_while_it_is_in_the_log_and_when_it_is_not(
    app: Flask, database_url: str
) -> None:
    before = traces(database_url)
    with app.app_context():
        with transaction() as session:
            session.scalars(select(ShopState)).one().list_stamp += 1
        assert len(traces(database_url)) == 2, "the log is there"
        db.session.remove()
        db.engine.dispose()
    assert len(traces(database_url)) == 1, "the last connection took the log along"
    assert traces(database_url) != before


def test_a_write_of_another_process_leaves_one(database_url: str) -> None:
    path = database_url.removeprefix("sqlite:///")
    before = traces(database_url)
    code = f"import sqlite3; c = sqlite3.connect({path!r}); c.execute({SPOIL!r}); c.commit()"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert traces(database_url) != before


def test_what_was_spoilt_past_the_application_is_found(
    make_app: Callable[..., Flask], database_url: str
) -> None:
    app = make_app()
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"))
    connection.execute(SPOIL)
    connection.commit()
    assert [line.partition(":")[0] for line in audit_of(app, set())] == ["L2"]
    connection.execute("UPDATE shop_state SET paid_count = 0")
    connection.commit()
    connection.close()
