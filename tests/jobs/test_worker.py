"""The worker as a real process: killed, stopped, hanging, without a database, in company."""

import signal
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db, transaction
from shop.jobs import enqueue
from shop.models import Job, JobState
from tests.conftest import both_engines, migrate, settings_for
from tests.processes import PATIENCE, environment, eventually, forked, running

WORKER = ("flask", "--app", "tests/jobs/shop_with_test_jobs", "worker")


@pytest.fixture
def env(database_url: str, tmp_path: Path) -> dict[str, str]:
    return environment(settings_for(tmp_path, DATABASE_URL=database_url, JOBS="process"))


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def put(app: Flask, name: str, folder: Path, count: int = 1) -> Path:
    """Enqueue `count` jobs that write to the returned file."""
    log = folder / "log"
    with app.app_context(), transaction():
        for n in range(count):
            payload = {"log": str(log), "gate": str(folder / "gate"), "line": f"{n}"}
            enqueue(name, payload, f"{name}:{n}")
    return log


def states(app: Flask) -> Counter[str]:
    with app.app_context():
        return Counter(db.session.scalars(select(Job.state).where(Job.repeat_seconds.is_(None))))


@both_engines
def test_a_job_whose_worker_is_killed_runs_again(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    log = put(app, "test.wait", tmp_path)
    with forked(*WORKER, env=env, log=tmp_path / "out") as first:
        eventually(lambda: lines(log) == ["begun"])
        first.kill()
        first.wait()
    (tmp_path / "gate").touch()
    assert states(app) == {JobState.READY: 1}
    later = {**env, "CLOCK_AHEAD": "60"}  # the lease of the dead has ended
    with forked(*WORKER, env=later, log=tmp_path / "out"):
        eventually(lambda: states(app) == {JobState.DONE: 1})
    assert lines(log) == ["begun", "begun", "done"]
    with app.app_context():
        assert db.session.scalars(select(Job.attempts).where(Job.name == "test.wait")).one() == 2


@both_engines
def test_a_job_killed_between_its_work_and_its_record_runs_again(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    log = put(app, "test.note", tmp_path)
    armed = {**env, "CRASH_POINTS": "job-ran=kill"}
    with forked(*WORKER, env=armed, log=tmp_path / "out") as first:
        assert first.wait(timeout=PATIENCE) == -signal.SIGKILL
    assert lines(log) == ["0"]
    later = {**env, "CLOCK_AHEAD": "60"}
    with forked(*WORKER, env=later, log=tmp_path / "out"):
        eventually(lambda: states(app) == {JobState.DONE: 1})
    assert lines(log) == ["0", "0"]


@both_engines
def test_sigterm_lets_the_running_job_finish_and_begins_no_other(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    log = put(app, "test.wait", tmp_path, count=2)
    with forked(*WORKER, env=env, log=tmp_path / "out") as worker:
        eventually(lambda: lines(log) == ["begun"])
        worker.send_signal(signal.SIGTERM)
        (tmp_path / "gate").touch()
        assert worker.wait(timeout=PATIENCE) == 0
    assert lines(log) == ["begun", "done"]
    assert states(app) == {JobState.DONE: 1, JobState.READY: 1}


def test_a_worker_that_hangs_in_a_job_ends_itself(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    log = put(app, "test.hang", tmp_path)
    with forked(*WORKER, env=env, log=tmp_path / "out") as worker:
        assert worker.wait(timeout=PATIENCE) == 1
    assert lines(log) == ["begun"]
    assert "Timeout" in (tmp_path / "out").read_text()
    assert states(app) == {JobState.READY: 1}


def test_waits_for_a_database_that_is_not_there_yet(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, JOBS="process")
    with forked(*WORKER, env=environment(settings), log=tmp_path / "out"):
        eventually(lambda: "has no tables yet" in (tmp_path / "out").read_text())
        assert "Traceback" not in (tmp_path / "out").read_text()
        migrate(settings)
        app_url = settings["DATABASE_URL"]
        from shop import create_app

        app = create_app(settings)
        log = put(app, "test.note", tmp_path)
        eventually(lambda: lines(log) == ["0"], what=f"the job on {app_url}")
        with app.app_context():
            db.engine.dispose()


def test_stops_when_the_process_that_started_it_is_gone(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    """gunicorn killed with -9 must not leave its worker behind."""
    parent = (
        "import os, subprocess, sys, pathlib, time;"
        f"command = [sys.executable, '-m', *{list(WORKER)!r}, '--parent', str(os.getpid())];"
        "child = subprocess.Popen(command);"
        "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); time.sleep(60)"
    )
    pid_file = tmp_path / "pid"
    with running("-c", parent, str(pid_file), env=env, log=tmp_path / "out") as starter:
        eventually(lambda: "worker started" in (tmp_path / "out").read_text())
        child = Path(f"/proc/{pid_file.read_text()}")
        assert child.exists()
        starter.kill()
        starter.wait()
        eventually(lambda: "worker stopped" in (tmp_path / "out").read_text())


@both_engines
def test_workers_side_by_side_run_each_job_once(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    log = put(app, "test.note", tmp_path, count=90)
    with (
        forked(*WORKER, env=env, log=tmp_path / "out"),
        forked(*WORKER, env=env, log=tmp_path / "out"),
        forked(*WORKER, env=env, log=tmp_path / "out"),
    ):
        eventually(lambda: states(app) == {JobState.DONE: 90})
    assert Counter(lines(log)) == {str(n): 1 for n in range(90)}


def test_runs_what_is_due_once_and_says_how_many(
    app: Flask, env: dict[str, str], tmp_path: Path
) -> None:
    log = put(app, "test.note", tmp_path, count=3)
    with forked(*WORKER, "--once", env=env, log=tmp_path / "out") as worker:
        assert worker.wait(timeout=PATIENCE) == 0
    assert lines(log) == ["0", "1", "2"]
    assert "jobs run" in (tmp_path / "out").read_text()
    assert clock.now().tzinfo is not None
