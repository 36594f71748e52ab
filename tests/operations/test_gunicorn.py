"""gunicorn with the real settings file: pages, one job worker beside it, started again, stopped."""

import json
import os
import secrets
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.jobs import enqueue
from shop.models import Job, JobState
from tests.conftest import settings_for
from tests.processes import PATIENCE, environment, eventually, forked, free_port, running


@dataclass
class Server:
    """A running gunicorn."""

    port: int
    pid: int
    out: Path

    def status(self, path: str) -> int:
        """Return what a request for `path` is answered with; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as got:
                return int(got.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def children(self) -> dict[str, list[int]]:
        """Return the pids of the job workers and of the web processes."""
        found: dict[str, list[int]] = {"job": [], "web": []}
        tasks = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        for pid in tasks.read_text().split() if tasks.exists() else ():
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue  # gone meanwhile
            found["job" if " worker " in command else "web"].append(int(pid))
        return found


@contextmanager
def serving(settings: dict[str, str], folder: Path, **env: str) -> Iterator[Server]:
    port, out = free_port(), folder / "gunicorn.log"
    variables = environment(settings, PORT=str(port), **env)
    with forked("gunicorn", env=variables, log=out) as process:
        server = Server(port, process.pid, out)
        eventually(lambda: server.status("/healthz") == 200, what="an answer")
        yield server
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=PATIENCE)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> dict[str, str]:
    return settings_for(tmp_path, DATABASE_URL=database_url, JOBS="process", SITE_URL="")


def test_one_worker_runs_jobs_beside_the_pages_and_stops_with_them(
    app: Flask, settings: dict[str, str], tmp_path: Path
) -> None:
    with app.app_context(), transaction():
        enqueue("mail.staff_attention", {"order_id": 0, "reason": ""}, "x")
    with serving(settings, tmp_path) as server:
        assert len(server.children()["web"]) == 2
        (worker,) = server.children()["job"]
        eventually(lambda: tried(app), what="the worker's try")
    assert is_gone(worker)
    assert server.status("/healthz") == 0


def tried(app: Flask) -> bool:
    """Return whether a worker has picked up the test's job."""
    with app.app_context():
        job = db.session.scalars(select(Job).where(Job.dedupe_key == "x")).one()
        return job.attempts > 0 or job.state is not JobState.READY


def test_a_killed_worker_is_started_again(settings: dict[str, str], tmp_path: Path) -> None:
    with serving(settings, tmp_path) as server:
        (first,) = server.children()["job"]
        os.kill(first, signal.SIGKILL)
        eventually(lambda: set(server.children()["job"]) - {first}, what="another worker")
        assert "the job worker has ended" in server.out.read_text()
        assert server.status("/healthz") == 200


def ignores_ctrl_c(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(status.split("SigIgn:")[1].split()[0], 16)
    return bool(mask & (1 << (signal.SIGINT - 1)))


def test_ctrl_c_stops_at_once(settings: dict[str, str], tmp_path: Path) -> None:
    """A terminal sends it to every process of the window; the master tells the others."""
    with serving({**settings, "JOBS": "thread"}, tmp_path) as server:
        before = server.children()["web"]
        eventually(lambda: all(map(ignores_ctrl_c, before)))
        for web in before:
            os.kill(web, signal.SIGINT)
        os.kill(server.pid, signal.SIGTTIN)  # one process more: until it is up, all have heard
        eventually(lambda: sum(map(ignores_ctrl_c, server.children()["web"])) == 3)
        assert set(before) < set(server.children()["web"])
        os.killpg(server.pid, signal.SIGINT)
        eventually(lambda: "Shutting down: Master" in server.out.read_text())


FORK = """
import runpy, signal
conf = runpy.run_path("gunicorn.conf.py")
stops = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGALRM)
for number in stops:
    signal.signal(number, print)
conf["post_fork"](None, None)
assert {signal.getsignal(number) for number in stops} == {signal.SIG_DFL}
"""


def test_a_worker_can_be_stopped_before_it_has_started(
    settings: dict[str, str], tmp_path: Path
) -> None:
    """It is forked with the master's handlers, which would swallow what stops it."""
    with running("-c", FORK, env=environment(settings), log=tmp_path / "log") as process:
        assert process.wait(timeout=PATIENCE) == 0, (tmp_path / "log").read_text()


def test_a_reload_replaces_the_worker_too_and_leaves_none_behind(
    settings: dict[str, str], tmp_path: Path
) -> None:
    with serving(settings, tmp_path) as server:
        before = server.children()
        os.kill(server.pid, signal.SIGHUP)
        eventually(lambda: all(is_gone(pid) for pid in (*before["web"], *before["job"])))
        eventually(lambda: len(server.children()["job"]) == 1)
        eventually(lambda: server.status("/healthz") == 200)
        (worker,) = server.children()["job"]
    assert is_gone(worker)


def test_a_killed_server_takes_the_worker_with_it(settings: dict[str, str], tmp_path: Path) -> None:
    with serving(settings, tmp_path) as server:
        (worker,) = server.children()["job"]
        os.kill(server.pid, signal.SIGKILL)
        eventually(lambda: is_gone(worker))


@pytest.mark.parametrize("jobs", ["thread", "celery"])
def test_no_worker_where_others_run_the_jobs(
    settings: dict[str, str], tmp_path: Path, jobs: str
) -> None:
    chosen = {**settings, "JOBS": jobs, "BROKER_URL": "redis://127.0.0.1:6379/0"}
    with serving(chosen, tmp_path) as server:
        assert server.children()["job"] == []


def test_settings_that_are_not_fit_stop_it_with_a_sentence(
    settings: dict[str, str], tmp_path: Path
) -> None:
    env = environment({**settings, "CURRENCY": "XXX"}, PORT=str(free_port()))
    with forked("gunicorn", env=env, log=tmp_path / "out") as server:
        assert server.wait(timeout=PATIENCE) != 0
    assert "CURRENCY XXX is not supported" in (tmp_path / "out").read_text()


def test_sigterm_lets_a_request_finish(settings: dict[str, str], tmp_path: Path) -> None:
    with forked(
        "gunicorn", "tests.operations.slow_page:app",
        env=environment(settings, PORT=(port := str(free_port())), GATE=str(tmp_path / "gate")),
        log=tmp_path / "out",
    ) as process:  # fmt: skip
        server = Server(int(port), process.pid, tmp_path / "out")
        eventually(lambda: server.status("/healthz") == 200)
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(server.status, "/slow")
            eventually((tmp_path / "gate.begun").exists)
            process.terminate()
            eventually(lambda: "Handling signal: term" in server.out.read_text())
            (tmp_path / "gate").touch()
            assert answer.result(timeout=PATIENCE) == 200
        assert process.wait(timeout=PATIENCE) == 0


def test_in_production_every_line_is_json(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(
        tmp_path, DATABASE_URL=database_url, JOBS="process", SHOP_ENV="production",
        SITE_URL="http://127.0.0.1", TRUSTED_HOSTS="127.0.0.1", SANDBOX_DEMO="1",
        SANDBOX_CONTROL="", SECRET_KEY=secrets.token_urlsafe(48),
    )  # fmt: skip
    with serving(settings, tmp_path) as server:
        eventually(lambda: "worker started" in server.out.read_text())
        (worker,) = server.children()["job"]
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: "the job worker has ended" in server.out.read_text())
    lines = [json.loads(line) for line in server.out.read_text().splitlines()]
    assert {"gunicorn.error", "shop.jobs.worker", "gunicorn"} <= {line["logger"] for line in lines}
    assert all({"level", "message"} <= line.keys() for line in lines)
    assert sum(line["message"].startswith("Booting worker") for line in lines) == 2
