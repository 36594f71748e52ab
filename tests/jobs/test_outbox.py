"""A job row's life: written with its cause, run at least once, tried again, given up, repeated."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.jobs import drain, enqueue, job, register_schedule, registry
from shop.jobs.queries import job_health, list_failed
from shop.jobs.services import claim, ensure_schedules, finish, mark_worker_seen, retry_now
from shop.models import Job, JobState, Setting, ShopState
from tests.conftest import both_engines


@pytest.fixture
def done() -> Iterator[list[Any]]:
    """What the test's jobs did; jobs registered by the test are forgotten afterwards."""
    handlers, schedules = dict(registry._handlers), dict(registry._schedules)
    registry._schedules.clear()
    yield []
    registry._handlers.clear()
    registry._handlers.update(handlers)
    registry._schedules.clear()
    registry._schedules.update(schedules)


def put(name: str, key: str, **payload: Any) -> bool:
    with transaction():
        return enqueue(name, payload, key)


def the_job() -> Job:
    return db.session.scalars(select(Job)).one()


def test_runs_what_was_committed_and_marks_it_done(ctx: Flask, done: list[Any]) -> None:
    job("t.append")(lambda payload: done.append(payload["n"]))
    put("t.append", "a", n=1)
    assert drain() == 1
    assert done == [1]
    assert the_job().state is JobState.DONE
    assert the_job().finished_at is not None
    assert drain() == 0


@both_engines
def test_does_not_run_what_was_rolled_back(ctx: Flask, done: list[Any]) -> None:
    job("t.append")(done.append)
    with pytest.raises(ZeroDivisionError), transaction():
        enqueue("t.append", {}, "a")
        raise ZeroDivisionError
    assert drain() == 0
    assert done == []


def test_refuses_to_be_written_outside_a_transaction(ctx: Flask) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        enqueue("t.append", {}, "a")


@both_engines
def test_a_key_is_written_once_even_after_the_job_is_done(ctx: Flask, done: list[Any]) -> None:
    job("t.append")(lambda payload: done.append(payload["n"]))
    assert put("t.append", "a", n=1)
    assert not put("t.append", "a", n=2)
    drain()
    assert not put("t.append", "a", n=3)
    drain()
    assert done == [1]


def test_waits_until_its_time(ctx: Flask, done: list[Any]) -> None:
    job("t.append")(done.append)
    with transaction():
        enqueue("t.append", {}, "a", run_at=clock.now() + timedelta(hours=1))
    assert drain() == 0
    clock.move(3601)
    assert drain() == 1


@both_engines
def test_runs_the_oldest_first_and_those_that_jobs_enqueue(ctx: Flask, done: list[Any]) -> None:
    @job("t.first")
    def first(payload: dict[str, Any]) -> None:
        done.append("first")
        put("t.child", "child")

    job("t.second")(lambda payload: done.append("second"))
    job("t.child")(lambda payload: done.append("child"))
    put("t.first", "a")
    put("t.second", "b")
    assert drain() == 3
    assert done == ["first", "second", "child"]


def test_a_failing_job_is_tried_again_later_and_later_then_given_up(
    ctx: Flask, done: list[Any]
) -> None:
    def gave_up(payload: dict[str, Any], error: str) -> None:
        done.append((payload["n"], error))

    @job("t.fails", max_attempts=3, gave_up=gave_up)
    def fails(payload: dict[str, Any]) -> None:
        raise ConnectionError("no route")

    put("t.fails", "a", n=7)
    waits = []
    for _ in range(2):
        assert drain() == 1
        assert the_job().state is JobState.READY
        assert "ConnectionError: no route" in the_job().error
        waits.append((the_job().run_at - clock.now()).total_seconds())
        clock.move(waits[-1] + 1)
    assert 8 < waits[0] < 12
    assert 26 < waits[1] < 34
    assert drain() == 1
    assert the_job().state is JobState.FAILED
    assert done == [(7, "ConnectionError: no route")]
    assert [failed.dedupe_key for failed in list_failed()] == ["a"]


def test_a_failed_job_can_be_given_another_chance(ctx: Flask, done: list[Any]) -> None:
    @job("t.fails", max_attempts=1)
    def fails(payload: dict[str, Any]) -> None:
        raise ConnectionError

    put("t.fails", "a")
    drain()
    registry._handlers.pop("t.fails")
    job("t.fails")(lambda payload: done.append(1))
    assert retry_now(the_job().id)
    assert drain() == 1
    assert (done, the_job().state) == ([1], JobState.DONE)
    assert not retry_now(the_job().id)


@both_engines
def test_what_a_failing_job_wrote_is_rolled_back(ctx: Flask, done: list[Any]) -> None:
    @job("t.fails")
    def fails(payload: dict[str, Any]) -> None:
        with transaction() as session:
            session.add(Setting(key="half", value=1))
            session.flush()
            raise ConnectionError

    put("t.fails", "a")
    drain()
    assert db.session.get(Setting, "half") is None


def test_a_job_this_version_does_not_know_waits_for_one_that_does(ctx: Flask) -> None:
    put("t.from_the_future", "a")
    assert drain() == 1
    assert the_job().state is JobState.READY
    assert "UnknownJob" in the_job().error


@both_engines
def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(ctx: Flask, done: list[Any]) -> None:
    job("t.append", timeout=30)(lambda payload: done.append(1))
    put("t.append", "a")
    first = claim()
    assert first is not None
    assert claim() is None
    clock.move(41)
    second = claim()
    assert second is not None
    assert (second.id, second.attempts) == (first.id, 2)
    assert not finish(first)
    assert the_job().state is JobState.READY
    assert finish(second)
    db.session.rollback()
    assert the_job().state is JobState.DONE


def test_a_job_that_kills_its_workers_is_given_up(ctx: Flask, done: list[Any]) -> None:
    job("t.poison", max_attempts=2, gave_up=lambda _p, error: done.append(error))(lambda _p: None)
    put("t.poison", "a")
    for _ in range(2):
        assert claim() is not None
        clock.move(41)
    assert claim() is None
    assert the_job().state is JobState.FAILED
    assert done == ["its worker died 2 times"]


@both_engines
def test_a_schedule_repeats_after_its_interval_and_survives_failures(
    ctx: Flask, done: list[Any]
) -> None:
    @job("t.tick", max_attempts=1)
    def tick(payload: dict[str, Any]) -> None:
        done.append(clock.now())
        if len(done) == 2:
            raise ConnectionError

    register_schedule("t.tick", 60)
    ensure_schedules()
    ensure_schedules()
    assert drain() == 1
    clock.move(59)
    assert drain() == 0
    clock.move(2)
    assert drain() == 1  # fails
    assert the_job().state is JobState.READY
    clock.move(61)
    assert drain() == 1
    assert the_job().error == ""
    assert len(done) == 3


@both_engines
def test_schedules_follow_what_is_registered(ctx: Flask, done: list[Any]) -> None:
    register_schedule("t.tick", 60)
    register_schedule("t.never", 60, when=lambda config: config.is_production)
    ensure_schedules()
    register_schedule("t.tick", 3600)
    ensure_schedules()
    assert [(j.name, j.repeat_seconds) for j in db.session.scalars(select(Job))] == [
        ("t.tick", 3600)
    ]
    registry._schedules.clear()
    put("t.stays", "a")
    ensure_schedules()
    assert [j.name for j in db.session.scalars(select(Job))] == ["t.stays"]


def test_two_handlers_for_one_name_are_refused(ctx: Flask, done: list[Any]) -> None:
    job("t.append")(test_waits_until_its_time)
    with pytest.raises(ValueError, match="two handlers"):
        job("t.append")(test_schedules_follow_what_is_registered)


def test_says_how_the_jobs_stand(ctx: Flask, done: list[Any]) -> None:
    assert job_health(clock.now()).lag is None
    put("t.append", "a")
    mark_worker_seen()
    later = clock.now() + timedelta(seconds=200)
    health = job_health(later)
    assert (health.due, health.failed, health.is_late) == (1, 0, True)
    assert health.worker_age is not None
    assert 199 < health.worker_age < 202


@both_engines
def test_a_worker_is_noted_at_most_every_quarter_of_a_minute(ctx: Flask) -> None:
    def seen() -> Any:
        db.session.rollback()
        return db.session.scalar(select(ShopState.worker_seen_at))

    mark_worker_seen()
    first = seen()
    clock.move(10)
    mark_worker_seen()
    assert seen() == first
    clock.move(10)
    mark_worker_seen()
    assert seen() > first


@pytest.mark.no_audit("counts payments as a row to write to", "L2")
def test_the_caller_sees_what_the_jobs_did(ctx: Flask, done: list[Any]) -> None:
    @job("t.count")
    def count(payload: dict[str, Any]) -> None:
        with transaction():
            changed(update(ShopState).values(paid_count=41))

    put("t.count", "a")
    assert db.session.scalars(select(ShopState.paid_count)).one() == 0
    drain()
    assert db.session.scalars(select(ShopState.paid_count)).one() == 41


def test_jobs_do_not_run_inside_a_transaction(ctx: Flask) -> None:
    with pytest.raises(RuntimeError, match="after the commit"), transaction():
        drain()


def test_drain_works_without_an_application_context(
    make_app: Callable[..., Flask], done: list[Any]
) -> None:
    app = make_app()
    job("t.append")(lambda payload: done.append(1))
    with app.app_context():
        put("t.append", "a")
    assert drain(app) == 1
    assert done == [1]


@both_engines
def test_a_job_that_cannot_even_be_given_up_keeps_no_other_waiting(
    ctx: Flask, done: list[Any]
) -> None:
    """Its handler's last word fails in the database, its own error is no text for it."""

    def gave_up(_payload: dict[str, Any], _error: str) -> None:
        changed(update(ShopState).values(list_stamp=None))

    @job("t.poison", max_attempts=1, gave_up=gave_up)
    def poison(_payload: dict[str, Any]) -> None:
        raise ValueError("a\0b")

    job("t.append")(lambda payload: done.append(payload["n"]))
    put("t.poison", "a")
    put("t.append", "b", n=1)
    drain()
    assert done == [1]
    [failed] = list_failed()
    assert "ValueError: ab" in failed.error
    assert "NotNull" in failed.error or "NOT NULL" in failed.error


def test_a_schedule_that_did_not_get_through_is_shown_until_it_does(
    ctx: Flask, done: list[Any]
) -> None:
    problems = [ValueError("2 of 3")]

    @job("t.tick")
    def tick(_payload: dict[str, Any]) -> None:
        if problems:
            raise problems.pop()

    register_schedule("t.tick", 60)
    ensure_schedules()
    drain()
    assert dict(job_health(clock.now()).troubled) == {"t.tick": "ValueError: 2 of 3"}
    clock.move(61)
    drain()
    assert not job_health(clock.now()).troubled
