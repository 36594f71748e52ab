"""Random shopping, on both engines, and the proof that the machine would see what goes wrong."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from hypothesis import Phase, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from sqlalchemy.exc import IntegrityError

from shop.core import clock
from shop.core.db import remove_guards
from tests.machine.mutants import GREMLINS, SENDING, haunted
from tests.machine.shopping import Shopping
from tests.machine.world import Stopped, World
from tests.races.race_kit import FULL
from tests.races.unguarded import book_twice

EXAMPLES, STEPS = (5000, 100) if FULL else (60, 50)
# The long run in two processes; the short one again, with other seeds, while a deed is missing:
# codes are random, so no run is quite like another.
PARTS, ROUNDS = (2, 1) if FULL else (1, 4)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
# What a run has to bring about to prove anything.
DEEDS = (
    "ordered",
    "paid",
    "paid free",
    "processing",
    "expired",
    "canceled",
    "refunded",
    "shipped",
    "delivered",
    "coupon committed",
    "prize won",
    "prize used",
    "prize redeemed",
    "merged",
    "handed over",
    "same order again",
    "event again",
    "crashed",
)
# Too rare to wait for in a short run.
RARE = (
    "paid late",
    "partially_refunded",
    "partially_shipped",
    "came back",
    "to send again",
    "restocked",
    "restocked later",
    "short",
    "prize granted again",
    "prize refused",
    "put back",
)

Machine = Callable[[World, Counter[str]], RuleBasedStateMachine]


@pytest.fixture
def world(app: Flask, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(clock, "datetime", Stopped)
    return World(app, database_url)


def run(
    world: World,
    examples: int,
    *,
    start: int | None,
    steps: int = STEPS,
    machine: Machine = Shopping,
    phases: tuple[Phase, ...] = PHASES,
) -> Counter[str]:
    """Run the machine; `start`: the seed, None for another run each time."""
    reached: Counter[str] = Counter()

    def factory() -> RuleBasedStateMachine:
        reached["examples"] += 1
        return machine(world, reached)

    run_state_machine_as_test(
        factory if start is None else seed(start)(factory),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            phases=phases,
        ),
    )
    return reached


@pytest.mark.timeout(12 * 3600 if FULL else 900)
@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_happens_the_books_are_right(world: World, part: int) -> None:
    reached: Counter[str] = Counter()
    missing = [*DEEDS, *(RARE if FULL else ())]
    for start in range(part, part + ROUNDS):
        reached += run(world, EXAMPLES // PARTS, start=None if FULL else start)
        missing = [deed for deed in missing if not reached[deed]]
        if not missing:
            break
    assert not missing, f"{missing} never happened: {sorted(reached.items())}"


@pytest.mark.timeout(3 * 3600 if FULL else 300)
@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_the_other_engine_too(world: World) -> None:
    reached = run(world, 500 if FULL else 10, start=None if FULL else 99)
    assert reached["paid"]
    assert reached["crashed"]


def money_comes_late(machine: Shopping) -> None:
    """The shop gives a page up that is paid all the same."""
    buyer = machine.shoppers[0]
    machine.add(0, "cuir", 1)
    machine.everything_holds()
    machine.enter_code(0, "TEN")
    machine.check_out(0, 0, is_double_click=False)
    machine.everything_holds()
    machine.the_shop_gives_up(0)
    machine.everything_holds()
    assert buyer.owner in machine.facts.bags
    machine.pay(0, "visa")
    machine.come_back(0)
    machine.everything_holds()


def two_draw(machine: Shopping) -> None:
    """Every order wins, and two bags draw for the next."""
    machine.staff(("odds", None, 1))
    for number in range(2):
        machine.add(number, "cuir", 1)
        machine.everything_holds()
        machine.try_luck(number, is_slow=False)
        machine.everything_holds()


def news_after_a_refund(machine: Shopping) -> None:
    """The browser comes back once more when the money has gone back already."""
    machine.buy_and_come_back(0, "cuir", "", "visa", is_stranger=False)
    machine.everything_holds()
    machine.refund(0, "all", restock=True)
    machine.run("work")
    machine.everything_holds()
    machine.come_back(0)
    machine.everything_holds()


def without(*guards: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Return what takes guards off by name."""
    return lambda monkeypatch: remove_guards(*guards)


@pytest.mark.no_audit("a control: a guard is off, so the books are wrong")
@pytest.mark.parametrize(
    ("take_off", "script", "complaint"),
    [
        (without("coupon.once"), money_comes_late, "C"),
        (without("stock.once"), money_comes_late, "I|.*ck_product_variant_reserved"),
        (without("luck.slot", "luck.free"), two_draw, "L1"),
        (book_twice, news_after_a_refund, "F"),
    ],
)
def test_control_without_a_guard_the_machine_complains(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    take_off: Callable[[pytest.MonkeyPatch], None],
    script: Callable[[Shopping], None],
    complaint: str,
) -> None:
    script(Shopping(world, Counter()))
    take_off(monkeypatch)
    with pytest.raises((AssertionError, IntegrityError), match=f"^({complaint})"):
        script(Shopping(world, Counter()))


@pytest.mark.no_audit("a control: the books are changed behind the shop's back")
@pytest.mark.parametrize("name", GREMLINS)
def test_control_the_machine_sees_what_a_gremlin_does(world: World, name: str) -> None:
    with pytest.raises(AssertionError) as complaint:
        run(world, 40, start=1, machine=partial(haunted, name), phases=(Phase.generate,))
    assert str(complaint.value).startswith(GREMLINS[name][1])


@pytest.mark.no_audit("a control: the books are changed behind the shop's back")
@pytest.mark.parametrize("name", SENDING)
def test_control_the_machine_sees_a_fault_of_sending(world: World, name: str) -> None:
    """Of two pieces one is sent, comes back and is refunded; then the other is sent, too."""
    act, moment, complaint = SENDING[name]
    machine = Shopping(world, Counter())
    machine.add(0, "cuir", 1)
    machine.everything_holds()
    machine.buy_and_come_back(0, "cuir", "", "visa", is_stranger=False)
    machine.everything_holds()
    machine.send(0, is_part=True)
    machine.everything_holds()
    machine.refund(0, "came back", restock=True)
    machine.everything_holds()
    if moment == "all":
        machine.send(0, is_part=False)
        machine.everything_holds()
    assert machine.reached["came back"]
    assert machine.reached["shipped"] == (moment == "all")
    with world.app.app_context():
        act(world)
    with pytest.raises(AssertionError, match=f"^{complaint}"):
        machine.everything_holds()
