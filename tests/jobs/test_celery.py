"""The same jobs through Celery, on Redis and on RabbitMQ: real brokers, workers, kill -9."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.config import config
from shop.core.db import db, transaction
from shop.jobs import broker, enqueue
from shop.models import Job, JobState
from tests.conftest import IN_CI, settings_for
from tests.processes import environment, eventually, forked

BROKERS = {
    "redis": os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "amqp": os.environ.get("TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}
CELERY = ("celery", "--app", "tests.jobs.celery_with_test_jobs", "worker", "--beat")
on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
POOLS = ("--concurrency", "2", "--loglevel", "INFO")


def _is_there(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname or "127.0.0.1", parts.port or 0)) == 0


@pytest.fixture(params=list(BROKERS))
def broker_url(request: pytest.FixtureRequest) -> str:
    url = BROKERS[request.param]
    if not _is_there(url) and not IN_CI:
        pytest.skip(f"no broker at {url}")
    return url


@pytest.fixture(autouse=True)
def _fresh_silence() -> Iterator[None]:
    broker._silent_until = 0.0
    yield
    broker._silent_until = 0.0


@pytest.fixture
def settings(broker_url: str, database_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A shop on Celery; its queue goes when the test is over."""
    from shop import create_app

    chosen = settings_for(tmp_path, DATABASE_URL=database_url, JOBS="celery", BROKER_URL=broker_url)
    yield chosen
    with create_app(chosen).app_context():
        app = broker.celery_app(config())
        with app.connection_for_write() as connection:
            channel = connection.default_channel
            channel.queue_delete(app.conf.task_default_queue)
            with suppress(AttributeError):  # RabbitMQ keeps no keys
                prefix = app.conf.task_default_queue
                for key in channel.client.scan_iter(f"*{prefix}*"):
                    channel.client.delete(key)
        app.close()
        db.engine.dispose()


@pytest.fixture
def shop_app(settings: dict[str, str], make_app: Callable[..., Flask]) -> Flask:
    return make_app(JOBS="celery", BROKER_URL=settings["BROKER_URL"])


def put(app: Flask, name: str, key: str, folder: Path) -> Path:
    log = folder / "log"
    payload = {"log": str(log), "gate": str(folder / "gate"), "line": key}
    with app.app_context(), transaction():
        enqueue(name, payload, key)
    return log


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@on_postgresql
def test_a_message_makes_a_worker_run_the_job(
    shop_app: Flask, settings: dict[str, str], tmp_path: Path
) -> None:
    """Nothing else does: this worker has no beat, which looks for work that nobody announced."""
    out = tmp_path / "out"
    with forked(*CELERY[:-1], *POOLS, env=environment(settings), log=out):
        eventually(lambda: "ready." in out.read_text())
        log = put(shop_app, "test.note", "a", tmp_path)
        eventually(lambda: lines(log) == ["a"])


@on_postgresql
def test_kill_9_of_the_worker_in_mid_job_loses_nothing(
    shop_app: Flask, settings: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with forked(*CELERY, *POOLS, env=environment(settings), log=out):
        eventually(lambda: "ready." in out.read_text())
        log = put(shop_app, "test.wait", "a", tmp_path)
        eventually(lambda: lines(log) == ["begun"])
    (tmp_path / "gate").touch()  # `forked` has killed the worker, its pool and beat with -9
    later = environment(settings, CLOCK_AHEAD="60")
    with forked(*CELERY, *POOLS, env=later, log=tmp_path / "later"):
        eventually(lambda: lines(log) == ["begun", "begun", "done"])
        with shop_app.app_context():
            job = select(Job.state).where(Job.name == "test.wait")

            def is_done() -> bool:
                db.session.rollback()
                return db.session.scalars(job).one() is JobState.DONE

            eventually(is_done)


def test_two_shops_share_a_machine_and_a_broker(settings: dict[str, str], tmp_path: Path) -> None:
    other = {**settings, "DATABASE_URL": f"sqlite:///{tmp_path / 'other.sqlite3'}"}
    one, two = tmp_path / "one", tmp_path / "two"
    worker = (*CELERY[:-1], *POOLS)  # without beat: the other shop has no tables
    with (
        forked(*worker, env=environment(settings), log=one),
        forked(*worker, env=environment(other), log=two),
    ):
        eventually(lambda: "ready." in one.read_text() and "ready." in two.read_text())


@on_postgresql
def test_a_lost_message_costs_only_the_time_to_the_next_beat(
    shop_app: Flask, settings: dict[str, str], make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    """The job is written by an application that sends no message at all."""
    out = tmp_path / "out"
    with forked(*CELERY, *POOLS, env=environment(settings), log=out):
        eventually(lambda: "ready." in out.read_text())
        log = put(make_app(JOBS="thread"), "test.note", "a", tmp_path)
        eventually(lambda: lines(log) == ["a"])


class Deaf:
    """A port that hangs up on whoever calls, and counts them."""

    def __init__(self) -> None:
        self.calls = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._hang_up, daemon=True).start()

    def _hang_up(self) -> None:
        with suppress(OSError):  # the test has closed it
            while True:
                caller, _ = self.listener.accept()
                self.calls += 1
                caller.close()


@pytest.mark.parametrize("scheme", ["redis://127.0.0.1:{}/0", "amqp://127.0.0.1:{}//"])
def test_a_broker_that_is_away_delays_no_visitor_twice(
    make_app: Callable[..., Flask], scheme: str, caplog: pytest.LogCaptureFixture
) -> None:
    deaf = Deaf()
    app = make_app(JOBS="celery", BROKER_URL=scheme.format(deaf.port))
    calls = []
    with closing(deaf.listener), app.app_context():
        for n in range(5):
            with transaction():
                assert enqueue("test.note", {}, f"{n}")
            calls.append(deaf.calls)
    assert 0 < calls[0] <= 4, "the first tries a few times"
    assert set(calls) == {calls[0]}, "and the others do not"
    assert [r.message for r in caplog.records].count("broker away") == 1


class Relay:
    """A port in front of the broker whose connections can be cut, as a network would."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname, parts.port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = target.replace(f":{parts.port}", f":{self.listener.getsockname()[1]}")
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self.open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Break every connection made so far."""
        for connection in self.open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.open.clear()


def received(celery: Any, *, wait: float) -> bool:
    """Take one message off the queue, if it comes in time."""
    with celery.connection_for_read() as connection:
        queue = connection.SimpleQueue(celery.conf.task_default_queue)
        try:
            queue.get(timeout=wait).ack()
        except queue.Empty:
            return False
        return True


def test_a_connection_that_died_since_the_last_message_is_made_anew(
    settings: dict[str, str], make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    """The first message after the cut may be lost: the network took it. The next one arrives."""
    relay = Relay(settings["BROKER_URL"])
    app = make_app(JOBS="celery", BROKER_URL=relay.url)
    with app.app_context():
        celery = broker.celery_app(config())
        broker.ping()
        assert received(celery, wait=5)
        relay.cut()
        broker.ping()
        broker.ping()
        assert received(celery, wait=5)
        celery.close()
    relay.listener.close()
    assert "broker away" not in caplog.text


def test_jobs_of_one_transaction_are_one_message(
    settings: dict[str, str], make_app: Callable[..., Flask]
) -> None:
    app = make_app(JOBS="celery", BROKER_URL=settings["BROKER_URL"])
    with app.app_context():
        with transaction():
            for n in range(5):
                enqueue("test.note", {}, f"{n}")
        celery = broker.celery_app(config())
        assert received(celery, wait=5)
        assert not received(celery, wait=0.3)
