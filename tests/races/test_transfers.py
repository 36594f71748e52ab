"""Two members of staff note the same money at once; or money is noted while its time runs out."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core import clock
from shop.core.db import changed, db
from shop.models import BankTransfer, PaymentStatus
from shop.orders.payment import by_hand
from shop.orders.services import receive_payment, reconcile, start_payment
from shop.payments.gateway import SessionState
from shop.payments.manual import gateway
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import attempted, count, in_app, together

pytestmark = both_engines


def await_transfer() -> tuple[int, int, int]:
    """Return the id of an order that waits for its transfer, its total and its variant."""
    product = make_product(stock=1)
    placed = kit.place(kit.fill_cart(product), provider="manual")
    start_payment(placed.order.id, placed.attempt)
    db.session.rollback()
    order = kit.order(placed.order.id)
    return order.id, order.amount_total, product.variants[0].id


def note(app: Flask, order_id: int, amount: int) -> Callable[[], Any]:
    day = clock.today("Europe/Paris")
    return in_app(app, partial(attempted, receive_payment, order_id, amount, day))


@pytest.fixture(autouse=True)
def offered(app: Flask) -> None:
    with app.app_context():
        kit.offer_transfer()


def test_money_noted_by_many_at_once_is_one_payment(app: Flask) -> None:
    for _ in range(count(40)):
        with app.app_context():
            order_id, total, variant_id = await_transfer()
        results = together([note(app, order_id, total) for _ in range(4)])
        with app.app_context():
            assert results.count("paid") == 1, results
            assert len(kit.payments(order_id)) == 1
            assert kit.stock(variant_id) == (0, 0)


def test_money_noted_as_its_time_runs_out_pays_the_order(app: Flask) -> None:
    for turn in range(count(40)):
        with app.app_context():
            order_id, total, variant_id = await_transfer()
            clock.move(9 * 24 * 3600)
        tasks = [note(app, order_id, total), in_app(app, reconcile)]
        together(tasks[:: -1 if turn % 2 else 1])
        with app.app_context():
            reconcile()
            assert kit.order(order_id).payment_status is PaymentStatus.PAID
            assert len(kit.payments(order_id)) == 1
            assert kit.stock(variant_id) == (0, 0)


def test_control_without_its_guards_money_is_noted_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What keeps it single: the transfer moves once, and an attempt with a payment awaits none."""

    def receive(self: gateway.TransferGateway, ref: str, amount: int, on: date) -> SessionState:
        came = {"state": "received", "received_amount": amount, "received_on": on}
        changed(update(BankTransfer).where(BankTransfer.ref == ref).values(came))
        return self.get_session(ref)

    monkeypatch.setattr(gateway.TransferGateway, "receive", receive)
    monkeypatch.setattr(by_hand, "find_awaited", kit.newest_attempt)
    with app.app_context():
        order_id, total, _ = await_transfer()
    assert [str(note(app, order_id, amount)()) for amount in (total, 1)] == ["paid", "already"]
    with app.app_context():
        assert db.session.scalars(select(BankTransfer.received_amount)).one() == 1
        assert kit.payments(order_id)[0].amount == total
