"""Revision 0007 tells refunded pieces that had been sent, and mends what came of not knowing."""

import secrets

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from shop.audit.services import audit
from shop.core.db import db
from shop.models import Job, Order, OrderItem, RefundItem, StockPolicy
from shop.orders.services import RefundLine, deliver_order, refund_order, ship_order
from tests.conftest import both_engines
from tests.factories import make_product
from tests.operations.test_migrations import MIGRATIONS
from tests.orders import kit

pytestmark = both_engines

FAULTS = (
    "UPDATE orders SET fulfilment_status = 'delivered' WHERE fulfilment_status <> 'unfulfilled'",
    (
        "UPDATE stock_hold SET state = 'active', closed_at = NULL WHERE quantity = 1 "
        "AND variant_id IN (SELECT id FROM product_variant WHERE stock_policy = 'continue')"
    ),
    "UPDATE product_variant SET stock_reserved = 1 WHERE stock_policy = 'continue'",
    "UPDATE refund_item SET is_restocked = (1 = 0)",
)


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> None:
    kit.open_shop()


def paid(*bought: tuple[object, int]) -> tuple[int, list[int]]:
    """Return the ids of a paid order of (product, pieces) and of its items."""
    token = secrets.token_hex()
    for product, quantity in bought:
        cart_id = kit.fill_cart(product, quantity=quantity, token=token)
    order, ref = kit.to_payment(cart_id)
    kit.pay(ref)
    ids = sa.select(OrderItem.id).where(OrderItem.order_id == order.id)
    return order.id, list(db.session.scalars(ids.order_by(OrderItem.position)))


def refund(order_id: int, item_id: int, quantity: int) -> None:
    lines = [RefundLine(item_id, quantity, 100)]
    refund_order(order_id, 100, form_token=secrets.token_hex(8), lines=lines)


def send(order_id: int, item_id: int, quantity: int = 1) -> None:
    ship_order(order_id, {item_id: quantity}, carrier="", tracking_number="")


def test_rows_of_the_former_rule_are_put_right() -> None:
    """One piece waits behind one that came back; a hold is left of a piece that was refunded."""
    hidden, (first, second) = paid((make_product(), 3), (make_product(), 2))
    send(hidden, first, 2)
    for quantity in (1, 1, 1):  # the one that was not sent, and two that came back
        refund(hidden, first, quantity)
    send(hidden, second)
    product = make_product(variants=[{"stock": 0, "stock_policy": StockPolicy.CONTINUE}])
    owed, (item,) = paid((product, 2))
    send(owed, item)
    refund(owed, item, 1)
    deliver_order(owed)
    assert audit() == []
    db.session.remove()

    downgrade(directory=MIGRATIONS, revision="0006")
    with db.engine.connect().execution_options(shop_write=True) as connection, connection.begin():
        for statement in FAULTS:
            assert connection.exec_driver_sql(statement).rowcount
    upgrade(directory=MIGRATIONS)

    statuses = sa.select(Order.fulfilment_status).order_by(Order.id)
    assert db.session.scalars(statuses).all() == ["partially_shipped", "delivered"]
    lines = sa.select(OrderItem.quantity_returned, OrderItem.left_to_send).order_by(OrderItem.id)
    assert db.session.execute(lines).all() == [(2, 0), (0, 1), (0, 0)]
    of_refunds = sa.select(RefundItem.quantity_returned).order_by(RefundItem.id)
    assert db.session.scalars(of_refunds).all() == [0, 1, 1, 0]
    assert kit.stock(product.variants[0].id) == (0, 0)
    on_the_shelf = sa.select(RefundItem.quantity_restocked).order_by(RefundItem.id)
    assert db.session.scalars(on_the_shelf).all() == [0, 0, 0, 1]  # it never lay there
    told = sa.select(Job.dedupe_key).where(Job.name == "catalog.refresh_listings")
    assert "catalog.refresh_listings:0007" in db.session.scalars(told).all()
    assert audit() == []
    send(hidden, second)
