"""A loop over things of different owners: one that fails stands in nobody's way."""

import logging

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.db import changed, db, transaction
from shop.core.errors import Busy, InvalidTransition
from shop.core.isolation import SomeFailed, each
from shop.models import ShopState
from shop.payments.errors import PaymentUnavailable, UnreadableAnswer
from tests.conftest import both_engines

pytestmark = both_engines


def count_on(by: int) -> None:
    """Count on in a transaction that fails half-way for 0, and in the database for -1."""
    with transaction():
        changed(update(ShopState).values(list_stamp=ShopState.list_stamp + by))
        if by == 0:
            raise OverflowError("too large\nfor anything")
        if by < 0:
            db.session.execute(update(ShopState).values(list_stamp=None))


def test_what_fails_is_rolled_back_named_and_passed_by(
    ctx: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    before = db.session.scalar(select(ShopState.list_stamp)) or 0
    run = each("counting", [1, 0, 10, -1, 100], count_on, name=lambda n: f"number {n}")
    assert db.session.scalar(select(ShopState.list_stamp)) == before + 111
    assert (run.looked_at, run.done, run.left) == (5, 3, 0)
    assert [failure.item for failure in run.failures] == [0, -1]
    with pytest.raises(SomeFailed, match=r"counting: 2 failed: number 0 \(OverflowError: too la"):
        run.check()
    logged = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.exc_info is not None for record in logged] == [True, True]


@pytest.mark.parametrize(
    ("errors", "done", "waiting", "failed", "left"),
    [
        ([InvalidTransition()] * 6, 0, 6, 0, 0),
        ([PaymentUnavailable()] * 6, 0, 0, 3, 3),
        ([Busy()] * 6, 0, 0, 3, 3),
        ([PaymentUnavailable(), None] * 3, 3, 0, 3, 0),
        ([UnreadableAnswer()] * 6, 0, 0, 6, 0),
        ([ValueError()] * 6, 0, 0, 6, 0),
        ([], 0, 0, 0, 0),
    ],
)
def test_waiting_is_no_failure_and_who_is_away_is_not_asked_for_ever(
    ctx: Flask, errors: list[Exception | None], done: int, waiting: int, failed: int, left: int
) -> None:
    def act(error: Exception | None) -> None:
        if error is not None:
            raise error

    run = each("asking", errors, act, waits=(InvalidTransition,), away=(PaymentUnavailable,))
    assert (run.done, run.waiting, len(run.failures), run.left) == (done, waiting, failed, left)


def test_not_inside_a_transaction_which_would_go_as_a_whole(ctx: Flask) -> None:
    with transaction(), pytest.raises(RuntimeError):
        each("counting", [1], count_on)


def test_many_failures_are_a_sentence_not_a_page(ctx: Flask) -> None:
    run = each("counting", [0] * 40, count_on)
    with pytest.raises(SomeFailed, match=r"40 failed: .*; and 35 more"):
        run.check()
