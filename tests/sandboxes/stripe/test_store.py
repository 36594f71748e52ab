"""One file for several threads and processes."""

import json
import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import stripe

from sandboxes.stripe import Sandbox, schema
from sandboxes.stripe.objects import IncompleteObject, build
from sandboxes.stripe.store import Store
from tests.sandboxes.stripe.kit import World, config


def test_a_file_outlives_the_process_that_made_it(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    session = make_world(tmp_path / "s.sqlite3").paid()

    again = make_world(tmp_path / "s.sqlite3")

    assert again.reload(session).payment_status == "paid"


def test_rows_of_another_version_are_thrown_away(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    first = make_world(tmp_path / "s.sqlite3")
    first.session()
    first.sandbox.store.close()
    with sqlite3.connect(tmp_path / "s.sqlite3") as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()

    assert make_world(tmp_path / "s.sqlite3").sandbox.objects("checkout.session") == []


def test_nothing_is_opened_before_the_first_use(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    make_world(tmp_path / "folder" / "s.sqlite3")

    assert list(tmp_path.iterdir()) == []


def test_a_transaction_inside_a_transaction_is_a_mistake() -> None:
    store = Store(":memory:", lambda: 0.0)

    with store.write(), pytest.raises(RuntimeError, match="already open"), store.read():
        pass
    with store.read() as tx:
        assert tx.now == 0
    store.close()


def test_an_error_undoes_everything() -> None:
    store = Store(":memory:", lambda: 0.0)

    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.set_setting("name", "value")
        tx.set_setting("other", str(1 / 0))
    with store.read() as tx:
        assert tx.setting("name") == ""
    store.close()


def test_an_object_without_what_it_needs_is_a_mistake() -> None:
    with pytest.raises(IncompleteObject, match=r"charge\.amount needs a value"):
        build("charge", id="ch_1")
    with pytest.raises(IncompleteObject, match="not in the contract"):
        build("coupon", id="c", duration="once", times_redeemed=0, valid=True, created=1, nose=2)


@pytest.mark.parametrize("place", ["memory", "file"])
def test_threads_sell_a_coupon_once(
    make_world: Callable[..., World], tmp_path: Path, place: str
) -> None:
    world = make_world(":memory:" if place == "memory" else tmp_path / "s.sqlite3")
    world.stripe.v1.coupons.create({"id": "C", "percent_off": 10})
    sessions = [world.session(discounts=[{"coupon": "C"}]).id for _ in range(12)]

    threads = [threading.Thread(target=world.sandbox.pay, args=(one,)) for one in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert world.stripe.v1.coupons.retrieve("C").times_redeemed == 12
    assert len(world.letterbox.letters) == 12


def pay_in_a_child(database: str, sessions: list[str], answers: str) -> None:
    """What a second process does: pays the same sessions, in the same order."""
    letters: list[str] = []

    def deliver(_url: str, body: bytes, _headers: dict[str, str]) -> tuple[int, bytes]:
        letters.append(json.loads(body)["data"]["object"]["id"])
        return 200, b""

    sandbox = Sandbox(config(database), deliver)
    won = []
    for session in sessions:
        try:
            sandbox.pay(session)
        except Exception:
            continue
        won.append(session)
    sandbox.store.close()
    Path(answers).write_text(json.dumps({"won": won, "letters": letters}))


def test_two_processes_on_one_file_pay_each_session_once(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    world = make_world(tmp_path / "s.sqlite3")
    sessions = [world.session().id for _ in range(20)]
    context = multiprocessing.get_context("spawn")
    files = [tmp_path / f"{n}.json" for n in range(2)]
    children = [
        context.Process(
            target=pay_in_a_child, args=(str(tmp_path / "s.sqlite3"), sessions, str(file))
        )
        for file in files
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]

    results = [json.loads(file.read_text()) for file in files]
    assert sorted(results[0]["won"] + results[1]["won"]) == sorted(sessions)
    assert sorted(results[0]["letters"] + results[1]["letters"]) == sorted(sessions)


def test_a_connection_does_not_cross_a_fork(tmp_path: Path) -> None:
    sandbox = Sandbox(config(tmp_path / "s.sqlite3"))
    sandbox.advance(5)

    child = os.fork()
    if child == 0:
        sandbox.advance(7)
        os._exit(0)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    with sandbox.store.read() as tx:
        assert tx.setting("clock_offset") == "12.0"
    sandbox.store.close()


def test_a_locked_file_is_busy_not_broken(
    make_world: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandboxes.stripe.store.BUSY_SECONDS", 0.05)
    world = make_world(tmp_path / "s.sqlite3")
    session = world.session()
    other = sqlite3.connect(tmp_path / "s.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(stripe.RateLimitError) as caught:
        world.stripe.v1.checkout.sessions.expire(session.id)
    page = world.browser.pay(session)
    other.execute("ROLLBACK")
    other.close()

    assert caught.value.error.code == "lock_timeout"
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert world.browser.pay(session).status_code == 303
