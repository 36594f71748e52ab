"""Sales and refunds of one moment: each is in the sums of its day, once."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import Dimension, Order, Provider, RefundState, SalesSum
from shop.orders.payment.refund_sync import apply_refund
from shop.orders.services import fulfil, refund_order
from shop.sales import booking
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together
from tests.sales.brute_force import counted_by_hand, kept

BUYERS = 6


def total() -> SalesSum:
    db.session.rollback()
    rows = select(SalesSum).where(SalesSum.dimension == Dimension.TOTAL)
    return db.session.scalars(rows.execution_options(populate_existing=True)).one()


@both_engines
def test_what_is_paid_and_refunded_at_once_is_summed_once(app: Flask) -> None:
    with app.app_context():
        products = [make_product(stock=50, price=20000) for _ in range(2)]
        refs = []
        for number in range(BUYERS):
            bag = kit.fill_cart(*(products if number % 2 else reversed(products)))
            refs.append(kit.to_payment(bag, email=f"buyer{number}@example.org")[1])
            kit.pay(refs[-1], deliver=False)
    together([in_app(app, fulfil, Provider.SANDBOX, ref) for ref in refs * 2])
    with app.app_context():
        assert (total().orders, total().pieces) == (BUYERS, 2 * BUYERS)
        ids = db.session.scalars(select(Order.id)).all()
        refunds = [refund_order(order_id, 1000, form_token="once").id for order_id in ids]
        db.session.remove()
    news = [in_app(app, apply_refund, one, None, RefundState.SUCCEEDED, "") for one in refunds]
    together(news * 2)
    with app.app_context():
        assert (total().refunds, total().amount_refunded) == (BUYERS, BUYERS * 1000)
        gone = [in_app(app, apply_refund, one, None, RefundState.FAILED, "x") for one in refunds]
        db.session.remove()
    together(gone * 2)
    with app.app_context():
        assert (total().refunds, total().amount_refunded) == (0, 0)
        drain()
        assert kept() == counted_by_hand("Europe/Paris", {})


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.no_audit("sales are lost on purpose", "S1")
def test_control_sums_that_are_read_before_they_are_written_lose_sales(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL alone: a file of SQLite has one writer, whatever a transaction says in it."""
    with app.app_context():
        order, ref = kit.to_payment(kit.fill_cart(make_product(price=20000)))
        kit.pay(ref)
        drain()
    everybody = threading.Barrier(BUYERS)

    def add(_kind: str, _ids: object) -> None:
        rows = SalesSum.dimension == Dimension.TOTAL
        seen = db.session.scalars(select(SalesSum.orders).where(rows)).one()
        everybody.wait()
        changed(update(SalesSum).where(rows).values(orders=seen + 1))

    monkeypatch.setattr(booking, "_add", add)
    together([in_app(app, book_again, order.id)] * BUYERS)
    with app.app_context():
        assert total().orders == 2, "of seven"


def book_again(order_id: int) -> None:
    with transaction():
        booking.book_sale(order_id)
