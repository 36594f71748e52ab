"""The transaction: what it starts, joins, runs last and rolls back."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.db import (
    after_commit,
    before_commit,
    changed,
    db,
    transaction,
)
from shop.models import Setting, ShopState
from tests.conftest import both_engines

pytestmark = [
    both_engines,
    pytest.mark.no_audit("counts payments as a row to write to", "L2"),
]


def test_commits_what_the_block_wrote_and_runs_callbacks_after(ctx: Flask) -> None:
    order: list[str] = []
    with transaction() as session:
        session.add(Setting(key="a", value=1))
        after_commit(lambda: order.append("after"))
        before_commit("last", lambda: order.append("last"))
        before_commit("last", lambda: order.append("twice"))
        order.append("block")
    assert order == ["block", "last", "after"]
    assert db.session.get(Setting, "a") is not None


def test_an_error_rolls_back_the_inner_block_with_the_outer(ctx: Flask) -> None:
    ran: list[str] = []
    with pytest.raises(ZeroDivisionError), transaction() as session:
        with transaction():
            session.add(Setting(key="a", value=1))
            after_commit(lambda: ran.append("after"))
        raise ZeroDivisionError
    assert ran == []
    assert db.session.get(Setting, "a") is None


def test_refuses_changes_made_outside(ctx: Flask) -> None:
    db.session.add(Setting(key="a", value=1))
    with pytest.raises(RuntimeError, match="outside"), transaction():
        pass
    db.session.rollback()


def test_decides_on_what_is_true_now_not_on_what_the_request_had_read(app: Flask) -> None:
    with app.app_context():
        before = db.session.scalars(select(ShopState)).one().paid_count

        def elsewhere() -> None:
            with app.app_context(), transaction():
                changed(update(ShopState).values(paid_count=41))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        with transaction() as session:
            seen = session.get_one(ShopState, 1).paid_count
    assert (before, seen) == (0, 41)


def test_threads_that_read_and_decide_lose_nothing(app: Flask) -> None:
    def step() -> None:
        for _ in range(25):
            with app.app_context():
                db.session.scalars(select(ShopState)).one()
                with transaction():
                    changed(update(ShopState).values(paid_count=ShopState.paid_count + 1))

    threads = [threading.Thread(target=step) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert db.session.scalars(select(ShopState.paid_count)).one() == 200
