"""Random shopping, on both engines, and the proof that the machine would see what goes wrong."""

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from shop.core import clock
from tests.conftest import both_engines
from tests.machine.mutants import GREMLINS, Gremlin
from tests.machine.scripts import SCRIPTS, Script, paid_late, play, refunded, two_draw
from tests.machine.shopping import Shopping
from tests.machine.world import Stopped, World
from tests.races.race_kit import FULL
from tests.races.unguarded import (
    book_twice,
    close_holds_again,
    give_prizes_away,
    move_uses_again,
)

EXAMPLES, STEPS = (5000, 100) if FULL else (24, 50)
PARTS = 10 if FULL else 1  # so that a fault in one leaves the others, and processes share them
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
# What random shopping has to bring about to prove anything: each a dozen times in a short run.
OFTEN = (
    "ordered",
    "paid",
    "expired",
    "shipped",
    "coupon committed",
    "handed over",
    "event again",
)
# Whatever can happen: certain in the scripts.
DEEDS = (
    *OFTEN,
    "paid free",
    "paid late",
    "processing",
    "put back",
    "canceled",
    "partially_refunded",
    "refunded",
    "partially_shipped",
    "delivered",
    "came back",
    "to send again",
    "restocked",
    "restocked later",
    "short",
    "prize won",
    "prize used",
    "prize redeemed",
    "prize refused",
    "prize granted again",
    "merged",
    "same order again",
    "crashed",
)


def missing(reached: Counter[str], *deeds: str) -> list[str]:
    return [deed for deed in deeds if not reached[deed]]


@pytest.fixture
def world(app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "datetime", Stopped)
    return World(app, database_url)


def run(world: World, examples: int, *, start: int | None) -> Counter[str]:
    """Run the machine; `start`: the seed, None for another run each time."""
    reached: Counter[str] = Counter()

    def factory() -> RuleBasedStateMachine:
        reached["examples"] += 1
        return Shopping(world, reached)

    run_state_machine_as_test(
        factory if start is None else seed(start)(factory),
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            phases=PHASES,
        ),
    )
    return reached


@both_engines
def test_the_scripts_bring_about_every_deed(world: World) -> None:
    reached: Counter[str] = Counter()
    for script in SCRIPTS:
        play(script, world, reached).teardown()
    assert missing(reached, *DEEDS) == []


@pytest.mark.timeout(12 * 3600 if FULL else 900)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_the_books_are_right(world: World, part: int) -> None:
    reached = run(world, EXAMPLES // PARTS, start=None if FULL else part)
    assert missing(reached, *OFTEN) == [], sorted(reached.items())


@pytest.mark.timeout(3 * 3600 if FULL else 900)
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_the_other_engine_too(world: World) -> None:
    reached = run(world, 500 if FULL else 3, start=None if FULL else 99)
    assert missing(reached, *(OFTEN if FULL else ["ordered"])) == []


@pytest.mark.no_audit("a control: a guard is off, so the books are wrong")
@pytest.mark.parametrize(
    ("take_off", "script", "complaint"),
    [
        (move_uses_again, paid_late, "C"),
        (close_holds_again, paid_late, "I|.*ck_product_variant_reserved"),
        (give_prizes_away, two_draw, "L1"),
        (book_twice, refunded, "F"),
    ],
)
def test_control_without_a_guard_the_machine_complains(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    take_off: Callable[[pytest.MonkeyPatch], None],
    script: Script,
    complaint: str,
) -> None:
    take_off(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError), match=f"^({complaint})"):
        play(script, world)


@pytest.mark.no_audit("a control: the books are changed behind the shop's back")
def test_control_the_machine_sees_what_each_gremlin_does(world: World) -> None:
    """Without them the scripts end well: see `test_the_scripts_bring_about_every_deed`."""
    said = {name: complaint_about(gremlin, world) for name, gremlin in GREMLINS.items()}
    meant = {name: gremlin.complaint for name, gremlin in GREMLINS.items()}
    assert {name: said[name][: len(meant[name])] for name in meant} == meant, said


def complaint_about(gremlin: Gremlin, world: World) -> str:
    machine = play(gremlin.script, world)
    with world.app.app_context():
        gremlin.act(world)
    try:
        (machine.teardown if gremlin.at_rest else machine.everything_holds)()
    except AssertionError as complaint:
        return str(complaint)
    return ""
