"""What monitors ask: up, and ready; no secrets in the answers; no database in the first."""

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from shop.core.db import transaction
from tests.conftest import both_engines


@both_engines
def test_a_migrated_shop_is_ready(app: Flask) -> None:
    client = app.test_client()
    for path, status in (("/healthz", "up"), ("/readyz", "ready")):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (200, {"status": status})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers


def test_the_process_is_up_without_a_database(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    url = "postgresql://nobody:hunter2@127.0.0.1:9/none"
    client = make_app(DATABASE_URL=url).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"status": "not ready"})
    assert "hunter2" not in answer.text


@both_engines
def test_a_database_without_the_newest_migration_is_not_ready(app: Flask) -> None:
    def set_revision(revision: str) -> int:
        with app.app_context(), transaction() as session:
            session.execute(sa.text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
        return app.test_client().get("/readyz").status_code

    with app.app_context(), transaction() as session:
        newest = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    try:
        assert set_revision("") == 503
        assert set_revision("9999") == 200, "a newer version only adds"
    finally:
        assert set_revision(newest) == 200


def test_an_empty_database_is_not_ready(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(DATABASE_URL=f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    assert app.test_client().get("/readyz").status_code == 503
