"""Many try their luck while others pay: one owner a prize, and no more prizes than N allows."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.cart.coupons import _draw
from shop.core.config import config
from shop.core.db import changed, db, transaction
from shop.coupons.luck import Prize, return_expired
from shop.coupons.reading import read_events
from shop.models import LuckKind, LuckySlot, Provider, ShopState, SlotState
from shop.orders.services import cancel_order, fulfil
from shop.settings.services import set_setting
from tests.conftest import both_engines
from tests.coupons.kit import view
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import attempted, count, in_app, together
from tests.races.test_stock import make_carts
from tests.races.unguarded import give_prizes_away

pytestmark = both_engines
CLICKERS = 16


@pytest.fixture(autouse=True)
def every(shop: Flask) -> int:
    """One order in five wins."""
    with shop.app_context():
        set_setting("nth_order", "5", user_id=None)
    return 5


def carts(number: int) -> list[int]:
    product = make_product(stock=number)
    found = make_carts(product, number)
    db.session.close()
    return found


def order_of(
    cart_id: int, email: str = "a@example.org", *, is_paid: bool = True
) -> tuple[int, str]:
    """Place the bag's order at what it shows; return its id and its page."""
    total = view(cart_id).totals.amount_total
    order, ref = kit.to_payment(cart_id, seen_total=total, email=email)
    if is_paid:
        kit.pay(ref, deliver=False)
    db.session.close()
    return order.id, ref


def pay(ref: str) -> object:
    """Hand in the money."""
    return fulfil(Provider.SANDBOX, ref)


def paid() -> int:
    db.session.close()
    return db.session.scalar(select(ShopState.paid_count)) or 0


def slots(*states: SlotState) -> int:
    db.session.close()
    rows = select(func.count()).select_from(LuckySlot)
    return db.session.scalar(rows.where(LuckySlot.state.in_(states))) or 0


def test_a_click_before_each_order_gives_one_prize_in_five(app: Flask, every: int) -> None:
    number = count(200)
    with app.app_context():
        wins = 0
        for cart_id in carts(number):
            wins += _draw(cart_id) is not None
            pay(order_of(cart_id)[1])
        assert paid() == number
        assert wins == number // every == slots(SlotState.REDEEMED)


def test_clickers_and_payers_at_once(app: Flask, every: int) -> None:
    for seed in range(count(50)):
        with app.app_context():
            mine = carts(CLICKERS + 16)
            waiting = [order_of(c, f"b{seed}-{c}@example.org")[1] for c in mine[CLICKERS:]]
            before = slots(SlotState.GRANTED)
        tasks = [in_app(app, _draw, cart_id) for cart_id in mine[:CLICKERS]]
        tasks += [in_app(app, pay, ref) for ref in waiting]
        results = together(tasks)
        failed = [result for result in results if isinstance(result, Exception)]
        assert not failed, (seed, failed)
        won = [prize.slot for prize in results[:CLICKERS] if prize is not None]
        assert len(won) == len(set(won)), (seed, won)
        with app.app_context():
            assert slots(SlotState.GRANTED) == before + len(won)
            for cart_id in mine[:CLICKERS]:  # some of the winners pay, all others too
                pay(order_of(cart_id, f"c{seed}-{cart_id}@example.org")[1])
            assert slots(SlotState.GRANTED) == 0
            assert slots(SlotState.REDEEMED) <= (paid() + 1) // every


def test_a_prize_comes_back_once_however_it_ends(app: Flask) -> None:
    for seed in range(count(50)):
        with app.app_context():
            lucky = carts(1)[0]
            prize = _win(lucky)
            order_id, _ = order_of(lucky, f"d{seed}@example.org", is_paid=False)
            with transaction():
                past = LuckySlot.created_at
                changed(
                    update(LuckySlot).where(LuckySlot.slot == prize.slot).values(expires_at=past)
                )
        hands = [in_app(app, attempted, cancel_order, order_id) for _ in range(4)]
        hands += [in_app(app, attempted, return_expired) for _ in range(4)]
        together(hands)
        with app.app_context():
            kinds = [
                event.kind
                for event in read_events(config().database_url)
                if event.slot == prize.slot
            ]
            assert kinds.count(LuckKind.RETURNED) == kinds.count(LuckKind.GRANTED)
            assert slots(SlotState.RETURNED) == 1


def _win(cart_id: int) -> Prize:
    """Sell until the next order is a lucky one; draw for the bag."""
    for _ in range(6):
        prize = _draw(cart_id)
        if prize is not None:
            return prize
        pay(order_of(carts(1)[0])[1])
    raise AssertionError("nobody won")


@pytest.mark.no_audit("the guards are off")
def test_control_without_its_guard_a_prize_has_two_owners(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_prizes_away(monkeypatch)
    with app.app_context():
        prize = _win(carts(1)[0])
        with transaction():
            changed(
                update(LuckySlot)
                .where(LuckySlot.slot == prize.slot)
                .values(state=SlotState.RETURNED, cart_id=None)
            )
        others = carts(8)
    results = together([in_app(app, _draw, cart_id) for cart_id in others])
    won = [prize.slot for prize in results if isinstance(prize, Prize)]
    assert len(won) > len(set(won)), "no prize had two owners"
