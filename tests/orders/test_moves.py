"""The tables of moves: every pair of states, as the database sees it."""

import pytest
from flask import Flask
from sqlalchemy import update

from shop.core.db import changed, db, transaction
from shop.models import AttemptState, CheckoutAttempt, Order, PaymentStatus
from shop.models.order import CAPTURED, DEAD, OPEN, PAYMENT_MOVES
from shop.models.payment import ATTEMPT_MOVES, LIVE_ATTEMPT
from shop.orders.payment.moves import move_attempt, move_payment
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

by_hand = pytest.mark.no_audit("states are set by hand")


@pytest.fixture
def order_id(ctx: Flask) -> int:
    kit.open_shop()
    order, _ = kit.to_payment(kit.fill_cart(make_product()))
    return order.id


@by_hand
@both_engines
def test_every_pair_of_payment_statuses_follows_the_table(order_id: int) -> None:
    for source in PaymentStatus:
        for target in PaymentStatus:
            with transaction():
                changed(update(Order).values(payment_status=source, phone=""))
            with transaction():
                is_moved = move_payment(order_id, target, phone="moved")
            found = kit.order(order_id)
            assert is_moved is (target in PAYMENT_MOVES[source]), (source, target)
            now = (target, "moved") if is_moved else (source, "")
            assert (found.payment_status, found.phone) == now, (source, target)


@by_hand
@both_engines
def test_a_move_is_made_from_the_named_sources_alone(order_id: int) -> None:
    with transaction():
        assert not move_payment(order_id, PaymentStatus.PAID, among=DEAD)
        assert move_payment(order_id, PaymentStatus.PAID, among=OPEN)
        assert not move_payment(order_id, PaymentStatus.PAID, among=CAPTURED), "no move at all"


@by_hand
@both_engines
def test_a_move_is_of_one_order_alone(order_id: int) -> None:
    other, _ = kit.to_payment(kit.fill_cart(make_product()))
    with transaction():
        assert move_payment(order_id, PaymentStatus.CANCELED)
        assert not move_payment(0, PaymentStatus.CANCELED)
    assert kit.order(other.id).payment_status is PaymentStatus.PENDING


@by_hand
@both_engines
def test_every_pair_of_states_of_an_attempt_follows_the_table(order_id: int) -> None:
    attempt_id = kit.newest_attempt(order_id).id
    for source in AttemptState:
        for target in AttemptState:
            db.session.close()
            with transaction():
                changed(update(CheckoutAttempt).values(state=source, failures=0))
            with transaction():
                moved = move_attempt(attempt_id, target, CheckoutAttempt.failures, failures=3)
            found = kit.newest_attempt(order_id)
            assert (moved is not None) is (target in ATTEMPT_MOVES[source]), (source, target)
            assert moved is None or moved.failures == 3
            now = (source, 0) if moved is None else (target, 3)
            assert (found.state, found.failures) == now, (source, target)


def test_the_tables_know_all_states_and_money_that_came_stays() -> None:
    assert set(PAYMENT_MOVES) == set(PaymentStatus)
    assert set(ATTEMPT_MOVES) == set(AttemptState)
    assert all(PAYMENT_MOVES[status] <= CAPTURED for status in CAPTURED)
    assert all(AttemptState.COMPLETE in ATTEMPT_MOVES[state] for state in LIVE_ATTEMPT)
    assert ATTEMPT_MOVES[AttemptState.COMPLETE] == frozenset()
