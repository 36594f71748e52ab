"""Limits on tries: growing waits, no final lock-out, and no way around them by hurrying."""

import contextlib
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core import clock
from shop.core.db import arm_crash_points, db, transaction
from shop.core.errors import TooManyRequests
from shop.models import LoginAttempt
from shop.operations.retention import forget_login_attempts
from shop.shared.rate_limits import By, Limit, clear_attempts, clear_subject, count_try
from tests.conftest import both_engines
from tests.races.unguarded import count_tries_once

AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
GROWING = Limit(3, 3600, first_wait=15)
FIXED = Limit(3, 600, By.IP)


def ago(*seconds: int) -> list[datetime]:
    return [AT - timedelta(seconds=s) for s in seconds]


@pytest.mark.parametrize(
    ("limit", "tries", "wait"),
    [
        (GROWING, [], 0),
        (GROWING, ago(1, 2), 0),
        (GROWING, ago(0, 1, 2), 15),
        (GROWING, ago(15, 16, 17), 0),
        (GROWING, ago(0, 1, 2, 3), 30),
        (GROWING, ago(10, 11, 12, 13, 14), 50),
        (GROWING, ago(*range(11)), 900),
        (GROWING, ago(900, *range(901, 911)), 0),
        (FIXED, ago(10, 20), 0),
        (FIXED, ago(10, 20, 30), 570),
        (FIXED, ago(10, 20, 600), 0),
        (FIXED, ago(10, 20, 30, 590), 570),
    ],
)
def test_waits_grow_and_end(limit: Limit, tries: list[datetime], wait: int) -> None:
    assert limit.wait(tries, AT) == wait


@both_engines
def test_after_the_free_tries_one_must_wait_longer_each_time(ctx: Flask) -> None:
    for _ in range(3):
        count_try("login", "ada", "192.0.2.7", GROWING)
    for expected in (15, 30, 60, 120, 240, 480, 900, 900):
        with pytest.raises(TooManyRequests) as refused:
            count_try("login", "ada", "192.0.2.7", GROWING)
        assert refused.value.retry_after == pytest.approx(expected, abs=1)
        clock.move(expected)
        count_try("login", "ada", "192.0.2.7", GROWING)
    clock.move(3600)
    count_try("login", "ada", "192.0.2.7", GROWING)


@both_engines
def test_refused_tries_do_not_prolong_the_wait(ctx: Flask) -> None:
    for _ in range(3):
        count_try("login", "ada", "192.0.2.7", GROWING)
    for _ in range(20):
        with pytest.raises(TooManyRequests):
            count_try("login", "ada", "192.0.2.7", GROWING)
    clock.move(16)
    count_try("login", "ada", "192.0.2.7", GROWING)


def test_others_are_not_held_up(ctx: Flask) -> None:
    for _ in range(3):
        count_try("login", "ada", "192.0.2.7", GROWING)
    count_try("login", "ada", "192.0.2.8", GROWING)  # the owner, elsewhere
    count_try("login", "bob", "192.0.2.7", GROWING)
    count_try("reset", "ada", "192.0.2.7", GROWING)


def test_one_place_cannot_try_many_subjects(ctx: Flask) -> None:
    for name in "abc":
        count_try("login", name, "2001:db8::1", FIXED)
    for address in ("2001:db8::2", "2001:db8::ffff:1%eth0"):  # the same household
        with pytest.raises(TooManyRequests):
            count_try("login", "d", address, FIXED)
    count_try("login", "d", "2001:db8:0:1::1", FIXED)


def test_success_forgives_the_failures_before_it(ctx: Flask) -> None:
    count_try("login", "ada", "192.0.2.7", GROWING)
    count_try("login", "ada", "192.0.2.7", GROWING)
    clear_attempts(count_try("login", "ada", "192.0.2.7", GROWING))
    for _ in range(3):
        count_try("login", "ada", "192.0.2.7", GROWING)
    clear_subject("login", "ada")
    count_try("login", "ada", "192.0.2.7", GROWING)
    assert db.session.scalar(select(func.count()).where(LoginAttempt.is_success)) == 1


def test_is_not_counted_inside_a_transaction(ctx: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        count_try("login", "ada", "192.0.2.7", GROWING)


def hurry(app: Flask, n: int) -> int:
    """Try n times at the same moment; return how many were let through."""
    passed: list[int] = []
    barrier = threading.Barrier(n)

    def one() -> None:
        with app.app_context():
            barrier.wait()
            with contextlib.suppress(TooManyRequests):
                passed.append(count_try("login", "ada", "192.0.2.7", GROWING))

    threads = [threading.Thread(target=one) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed)


@both_engines
def test_trying_at_the_same_moment_gains_nothing(make_app: Callable[..., Flask]) -> None:
    app = make_app(CRASH_POINTS="throttle-counted=0.02")
    assert hurry(app, 12) <= 3
    arm_crash_points("")


@both_engines
def test_control_without_the_second_count_haste_wins(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    count_tries_once(monkeypatch, 12)
    assert hurry(app, 12) > 3


def test_old_tries_are_deleted(ctx: Flask) -> None:
    count_try("login", "ada", "192.0.2.7", GROWING)
    clock.move(31 * 24 * 3600)
    count_try("login", "ada", "192.0.2.7", GROWING)
    assert forget_login_attempts(clock.now() - timedelta(days=30)) == 1
    assert db.session.scalar(select(func.count()).select_from(LoginAttempt)) == 1
