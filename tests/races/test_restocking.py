"""Refunded pieces go back on the shelf once, however many of the staff put them there at once."""

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.core.errors import InvalidTransition
from shop.models import OrderItem, Refund
from shop.orders.services import RefundLine, refund_order, restock_refund
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import attempted, count, in_app, together
from tests.races.unguarded import mark_nothing, restock_blindly

pytestmark = both_engines

STAFF = 2


def refunded(app: Flask) -> tuple[int, str, int]:
    """Sell all three pieces there are, refund one; return the order, the refund and the variant."""
    with app.app_context():
        product = make_product(stock=3)
        order, ref = kit.to_payment(kit.fill_cart(product, quantity=3))
        kit.pay(ref)
        item = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order.id)).one()
        line = RefundLine(item.id, 1, item.unit_amount)
        refund_order(order.id, item.unit_amount, form_token=order.number, lines=[line])
        refund_id = db.session.scalars(select(Refund.id).where(Refund.order_id == order.id)).one()
        return order.id, refund_id, product.variants[0].id


def restock_at_once(app: Flask) -> tuple[int, list[object]]:
    """Have the piece put back by all; return how many are on hand, and what each was told."""
    order_id, refund_id, variant_id = refunded(app)
    told = together([in_app(app, attempted, restock_refund, order_id, refund_id)] * STAFF)
    with app.app_context():
        return kit.stock(variant_id)[0], told


def test_pieces_come_back_once(app: Flask) -> None:
    for _ in range(count(50)):
        on_hand, told = restock_at_once(app)
        assert on_hand == 1
        assert told.count(1) == 1
        assert [type(answer) for answer in told if answer != 1] == [InvalidTransition]


@pytest.mark.no_audit("the guards are off")
def test_control_without_guards_they_come_back_twice(
    app: Flask, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite one comes after the other, whatever a transaction says: there it is the mark."""
    if engine_name == "postgresql":
        restock_blindly(monkeypatch, STAFF)
    else:
        mark_nothing(monkeypatch)
    assert restock_at_once(app) == (2, [1, 1]), "the control put the piece back once"
