"""Paid, but the pieces are gone: what is refunded by itself, and what is left to staff."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.models import (
    Attention,
    Job,
    Order,
    OrderItem,
    PaymentStatus,
    Provider,
    Refund,
    RefundItem,
)
from shop.orders.payment.end import end_dead_attempt
from shop.orders.services import Outcome, fulfil, ship_order
from shop.settings.services import set_settings
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

DAY = 24


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    choose(DAY)
    return ctx


def choose(hours: int, policy: str = "refund") -> None:
    values = {"attention_policy": policy, "attention_refund_hours": str(hours)}
    set_settings(values, user_id=None)


def later(app: Flask, hours: float) -> None:
    db.session.close()
    clock.move(hours * 3600)
    kit.sandbox_of(app).advance(hours * 3600)
    drain()


def buy_what_is_gone() -> tuple[Order, Sequence[int]]:
    """Pay late for two pieces that were sold meanwhile, and one that is here; return the items."""
    gone, here = make_product("Gone", stock=2, price=1000), make_product("Here", price=2000)
    bag = kit.fill_cart_with([gone.variants[0].id], quantity=2, token="late")
    kit.fill_cart_with([here.variants[0].id], token="late")
    order, ref = kit.to_payment(bag)
    kit.pay(ref, deliver=False)
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    _, other = kit.to_payment(kit.fill_cart(gone, quantity=2), email="marc@example.org")
    kit.pay(other)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    assert kit.order(order.id).attention is Attention.STOCK_SHORT
    of_order = select(OrderItem.id).where(OrderItem.order_id == order.id)
    items = db.session.scalars(of_order.order_by(OrderItem.position)).all()
    return kit.order(order.id), items


def refunds(order_id: int) -> list[tuple[int, int]]:
    """Return what was refunded of the order: amounts, and the part that is delivery."""
    db.session.close()
    rows = db.session.scalars(select(Refund).where(Refund.order_id == order_id))
    return [(row.amount, row.amount_shipping) for row in rows]


def test_what_cannot_be_sent_is_refunded_by_itself_once(shop: Flask) -> None:
    order, _ = buy_what_is_gone()
    later(shop, DAY - 1)
    assert refunds(order.id) == []
    later(shop, 2)
    later(shop, DAY)
    assert refunds(order.id) == [(4600, 600)]
    assert kit.order(order.id).payment_status is PaymentStatus.REFUNDED


@both_engines
def test_what_was_sent_is_left_to_staff(shop: Flask) -> None:
    order, (gone, here) = buy_what_is_gone()
    ship_order(order.id, {here: 1}, carrier="", tracking_number="")
    later(shop, DAY + 1)
    assert refunds(order.id) == [(2000, 0)]
    pieces = db.session.execute(select(RefundItem.order_item_id, RefundItem.quantity)).all()
    assert [tuple(row) for row in pieces] == [(gone, 2)]
    found = kit.order(order.id)
    assert found.payment_status is PaymentStatus.PARTIALLY_REFUNDED
    assert found.attention is Attention.STOCK_SHORT


def test_what_was_sent_in_full_is_not_refunded(shop: Flask) -> None:
    """Staff found the pieces after all."""
    order, (gone, here) = buy_what_is_gone()
    ship_order(order.id, {gone: 2, here: 1}, carrier="", tracking_number="")
    later(shop, DAY + 1)
    assert refunds(order.id) == []


def test_the_policy_of_the_moment_counts(shop: Flask) -> None:
    order, _ = buy_what_is_gone()
    choose(DAY, "ask")
    later(shop, DAY + 1)
    assert refunds(order.id) == []


def test_a_longer_wait_is_waited_for(shop: Flask) -> None:
    order, _ = buy_what_is_gone()
    choose(3 * DAY)
    later(shop, DAY + 1)
    assert refunds(order.id) == []
    later(shop, 2 * DAY)
    assert refunds(order.id) == [(4600, 600)]


@both_engines
def test_what_staff_have_settled_is_not_refunded(shop: Flask) -> None:
    order, _ = buy_what_is_gone()
    with transaction() as session:
        session.get_one(Order, order.id).attention = Attention.NONE
    later(shop, DAY + 1)
    assert refunds(order.id) == []
    waiting = select(Job.id).where(Job.name == "orders.refund_attention", Job.state == "queued")
    assert db.session.scalars(waiting).all() == []
