"""Long writes beside shoppers: how long the one writer of SQLite is kept, and who gets in."""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from shop.catalog.handlers import refresh_listings_job
from shop.core import clock, long_writes
from shop.core.db import db, transaction
from shop.core.long_writes import LONGEST
from shop.coupons.services import AT_ONCE, CouponTerms, create_batch
from shop.models import (
    Category,
    CouponKind,
    Job,
    JobState,
    Product,
    ProductVariant,
    ShopState,
)
from shop.operations.retention import forget_jobs
from shop.seed.imports import ImportOutcome
from tests.conftest import both_engines, settings_for
from tests.factories import make_product
from tests.processes import environment, eventually, forked
from tests.seed.kit import get_product, get_variant, import_rows, own_row, row_counts
from tests.seed.test_random import write

SIZES = 100


def sizes(slug: str, price: int, count: int = SIZES) -> dict[str, Any]:
    """Return a row with as many variants as one may have."""
    variants = [
        {"sku": f"{slug}-{size}", "values": [f"{size}"], "price": price, "stock": 3}
        for size in range(count)
    ]
    return own_row(slug=slug, options=["Size"], variants=variants, price=..., stock=...)


@contextmanager
def longest_hold() -> Iterator[list[float]]:
    """Collect how long each write kept the lock, in seconds of this thread's CPU.

    Not by the clock on the wall, which also runs while a busy machine does something else, and
    without the collector, which goes through all that this process of tests has.
    """
    found: list[float] = []
    begun: dict[int, float] = {}

    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("shop_write"):
            begun[id(connection)] = time.thread_time()

    def end(connection: Any) -> None:
        if (at := begun.pop(id(connection), None)) is not None:
            found.append(time.thread_time() - at)

    for name, listener in (("begin", begin), ("commit", end), ("rollback", end)):
        event.listen(db.engine, name, listener)
    gc.disable()
    try:
        yield found
    finally:
        gc.enable()
        for name, listener in (("begin", begin), ("commit", end), ("rollback", end)):
            event.remove(db.engine, name, listener)


def new_rows() -> None:
    rows = [sizes(f"piece-{number}", 10) for number in range(4)]
    imported = import_rows([*rows, *(own_row(slug=f"p{n}", sku=f"P{n}") for n in range(30))])
    assert imported.counts[ImportOutcome.MADE] == 34


def changed_rows() -> None:
    import_rows([sizes("piece", 10, 40)])
    with longest_hold() as holds:
        assert import_rows([sizes("piece", 11, 40)]).counts[ImportOutcome.CHANGED] == 1
    assert len(holds) > 3
    assert get_variant("piece-39").unit_amount == 1100


def further_variants() -> None:
    import_rows([sizes("piece", 10, 10)])
    assert import_rows([sizes("piece", 10, 40)]).counts[ImportOutcome.CHANGED] == 1


def many_sections() -> None:
    import_rows(
        [own_row(slug=f"p{n}", sku=f"P{n}", category=[f"A{n}", "B", "C"]) for n in range(30)]
    )
    assert db.session.scalar(select(func.count(Category.id))) == 90


def random_pieces() -> None:
    write(150)  # without their pictures
    listings()


def coupons() -> None:
    ids = tuple(make_product().id for _ in range(20))
    terms = CouponTerms(kind=CouponKind.PERCENT, percent_bp=1000, product_ids=ids)
    assert sum(map(len, create_batch("Fair", AT_ONCE, terms))) == AT_ONCE


def clean_up() -> None:
    at = clock.now()
    done = {"name": "x", "state": JobState.DONE, "finished_at": at, "run_at": at, "payload": {}}
    with transaction() as session:
        session.execute(
            Job.__table__.insert(), [{**done, "dedupe_key": f"{n}"} for n in range(500)]
        )
    db.session.close()
    clock.move(60)
    assert forget_jobs(JobState.DONE, clock.now()) == 500


def listings() -> None:
    with transaction() as session:
        session.execute(text("UPDATE product SET price_from = 1, search_text = 'old'"))
    refresh_listings_job({})


@pytest.mark.parametrize(
    "act",
    [new_rows, changed_rows, further_variants, many_sections, random_pieces, coupons, clean_up],
)
def test_no_long_write_keeps_the_lock_for_long(ctx: Flask, act: Callable[[], None]) -> None:
    with longest_hold() as holds:
        act()
    assert holds
    long = [hold for hold in holds if hold >= LONGEST]
    assert len(long) <= 1, long  # the first of its kind also compiles its statements
    assert max(holds) < 3 * LONGEST


def test_what_is_alike_asks_for_no_lock(ctx: Flask) -> None:
    rows = [own_row(slug=f"p{number}", sku=f"P{number}") for number in range(5)]
    import_rows(rows)
    with longest_hold() as holds:
        assert import_rows(rows).counts[ImportOutcome.SAME] == 5
    assert len(holds) <= 1  # the shop's currency


IMPORT = ("flask", "--app", "wsgi", "seed", "json", "--no-fetch")


def test_shoppers_get_in_while_a_file_is_imported(app: Flask, tmp_path: Path) -> None:
    """Each turn of the import bumps the stamp of the lists: so waiting is counted in turns."""
    with app.app_context():
        product = make_product()
        variant_id = db.session.scalars(
            select(ProductVariant.id).where(ProductVariant.product_id == product.id)
        ).one()
        before = db.session.scalar(select(func.count(Product.id)))
        url = db.engine.url.render_as_string(hide_password=False)
    file = tmp_path / "rows.json"
    file.write_text(json.dumps([sizes(f"piece-{number}", 10, 40) for number in range(60)]))
    env = environment(settings_for(tmp_path, DATABASE_URL=url))
    passed: list[int] = []
    form = {"variant_id": variant_id, "quantity": 1, "csrf_token": ""}
    with forked(*IMPORT, str(file), env=env, log=tmp_path / "out") as importer:
        eventually(lambda: count(app) > before, what="the first piece")
        while importer.poll() is None:
            client = app.test_client()
            form["csrf_token"] = client.token()
            first = stamp(app)
            answer = client.post("/cart/items", data=form)
            assert answer.status_code == 303, answer.text
            passed.append(stamp(app) - first)
        assert importer.wait() == 0, (tmp_path / "out").read_text()
    assert count(app) == before + 60
    assert len(passed) >= 5
    assert statistics.median(passed) <= 3
    assert max(passed) <= 12


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(Product.id))) or 0


def stamp(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(ShopState.list_stamp)) or 0


@both_engines
def test_an_import_that_is_killed_is_completed_by_the_next(app: Flask, tmp_path: Path) -> None:
    rows = [sizes(f"piece-{number}", 10, 8) for number in range(80)]
    file = tmp_path / "rows.json"
    file.write_text(json.dumps(rows))
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
    env = environment(settings_for(tmp_path, DATABASE_URL=url))
    with forked(*IMPORT, str(file), env=env, log=tmp_path / "out") as importer:
        eventually(lambda: count(app) > 0)
        importer.kill()
        importer.wait()
    with app.app_context():
        import_rows(rows)
        found = row_counts()
        assert (found["product"], found["product_variant"]) == (80, 640)
        assert found["stock_movement"] == found["price_change"] == 640
        assert get_product("piece-79").price_from == 1000
        assert import_rows(rows).counts == {
            ImportOutcome.MADE: 0,
            ImportOutcome.CHANGED: 0,
            ImportOutcome.SAME: 80,
        }


def test_a_row_that_the_database_refuses_costs_only_itself(ctx: Flask) -> None:
    with transaction() as session:
        session.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON product WHEN NEW.slug = 'bad'"
                " BEGIN SELECT RAISE(FAIL, 'no'); END"
            )
        )
    rows = [own_row(slug=slug, sku=slug) for slug in ("a", "bad", "b")]
    imported = import_rows(rows)
    assert imported.counts[ImportOutcome.MADE] == 2
    assert [bad.number for bad in imported.bad] == [2]
    assert "could not be written" in imported.bad[0].reason


def test_the_size_of_a_turn_follows_the_time_it_took() -> None:
    for rows, took, size in ((40, 0.05, 40), (40, 0.2, 10), (40, 0.0005, 80), (40, 60.0, 1)):
        pace = long_writes.Pace(40, 200)
        pace.adapt(took, rows)
        assert pace.size == size
    pace.adapt(0.0, 200)
    assert pace.size == 200


def test_a_worker_calls_a_busy_database_busy(app: Flask, tmp_path: Path) -> None:
    with app.app_context():
        url = db.engine.url.render_as_string(hide_password=False)
        with transaction() as session:
            session.execute(
                Job.__table__.insert(),
                [
                    {
                        "name": "catalog.count",
                        "dedupe_key": "now",
                        "run_at": clock.now(),
                        "payload": {},
                    }
                ],
            )
    env = environment(settings_for(tmp_path, DATABASE_URL=url, JOBS="process"))
    log = tmp_path / "out"
    with (
        forked("flask", "--app", "wsgi", "worker", env=env, log=log),
        app.app_context(),
    ):
        with transaction():
            eventually(lambda: "busy" in log.read_text() or "away" in log.read_text())
        done = select(Job.state).where(Job.dedupe_key == "now")
        eventually(lambda: fresh(done) == JobState.DONE)
    assert "the database is busy" in log.read_text()
    assert "away" not in log.read_text()


def fresh(query: Any) -> Any:
    db.session.close()
    return db.session.scalar(query)
