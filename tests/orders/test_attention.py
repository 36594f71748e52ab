"""What staff are told to look at: one reason hides no other, and none is looked at unseen."""

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db, transaction
from shop.core.errors import InvalidTransition
from shop.jobs import drain
from shop.models import (
    AttemptState,
    Attention,
    CheckoutAttempt,
    Order,
    PaymentState,
    PaymentStatus,
    Refund,
    RefundState,
)
from shop.orders.events import raise_attention
from shop.orders.payment.attempt import write_next
from shop.orders.payment.moves import end_attempt
from shop.orders.payment.outcome import Outcome
from shop.orders.services import (
    complete_payment,
    receive_payment,
    send_payment_back,
    start_payment,
)
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together

on_postgresql = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)


def look(order_id: int, reason: Attention) -> None:
    with transaction() as session:
        raise_attention(session.get_one(Order, order_id), reason)


@both_engines
@pytest.mark.no_audit("nothing came that differs", "F5")
def test_a_reason_takes_no_place_of_money_to_decide_about(ctx: Flask) -> None:
    kit.open_shop()
    order, _ = kit.to_payment(kit.fill_cart(make_product()))
    for reason in (Attention.DISPUTED, Attention.MISMATCH, Attention.DISPUTED):
        look(order.id, reason)
    found = kit.order(order.id)
    assert (found.attention, found.version) == (Attention.MISMATCH, 4)


@on_postgresql
def test_nor_if_it_was_read_before_the_money_came(app: Flask) -> None:
    """SQLite lets nobody write between the two."""
    with app.app_context():
        kit.open_shop()
        order, _ = kit.to_payment(kit.fill_cart(make_product()))
        with transaction() as session:
            read_before = session.get_one(Order, order.id)
            assert not read_before.attention
            together([in_app(app, look, order.id, Attention.MISMATCH)])
            raise_attention(read_before, Attention.DISPUTED)
        assert kit.order(order.id).attention is Attention.MISMATCH


def awaited_twice(first_ref: str, order_id: int) -> str:
    """Let an order have a second page that can be paid, as a fault or a slow bank may."""
    with transaction() as session:
        first = session.scalars(
            select(CheckoutAttempt).where(CheckoutAttempt.provider_ref == first_ref)
        ).one()
        end_attempt(first.id, AttemptState.FAILED)
    start_payment(order_id, write_next(order_id))
    return kit.newest_attempt(order_id).provider_ref or ""


@both_engines
def test_a_second_payment_that_could_not_be_sent_back_is_decided_about(ctx: Flask) -> None:
    kit.open_shop()
    order, first = kit.to_payment(kit.fill_cart(make_product()))
    second = awaited_twice(first, order.id)
    for ref in (first, second):
        kit.pay(ref, "refund_fails")
    drain()
    kit.sandbox_of(ctx).advance(600)
    kit.sandbox_of(ctx).deliver_due()
    found = kit.order(order.id)
    assert (found.attention, found.payment_status) == (Attention.MISMATCH, PaymentStatus.PAID)
    [left] = [p for p in kit.payments(order.id) if p.state is PaymentState.MISMATCH]
    assert left.amount_refunded == 0
    send_payment_back(order.id, left.id)
    drain()
    assert not kit.order(order.id).attention
    states = select(Refund.state).order_by(Refund.created_at)
    assert sorted(db.session.scalars(states)) == [RefundState.FAILED, RefundState.SUCCEEDED]


@both_engines
def test_a_receipt_is_noted_for_the_attempt_that_its_form_showed(ctx: Flask) -> None:
    """Two tabs of staff: meanwhile it was noted, sent back, and the customer asked anew."""
    kit.open_shop()
    kit.offer_transfer()
    placed = kit.place(kit.fill_cart(make_product()), provider="manual")
    start_payment(placed.order.id, placed.attempt)
    order_id, today = placed.order.id, clock.today("Europe/Paris")
    shown = kit.newest_attempt(order_id).id
    assert receive_payment(order_id, 100, today, attempt_id=shown) is Outcome.MISMATCH
    complete_payment(order_id, kit.payments(order_id)[0].id)
    db.session.rollback()
    start_payment(order_id)
    with pytest.raises(InvalidTransition, match="Another payment"):
        receive_payment(order_id, 100, today, attempt_id=shown)
    assert len(kit.payments(order_id)) == 1
    anew = kit.newest_attempt(order_id).id
    total = kit.order(order_id).amount_total
    assert receive_payment(order_id, total, today, attempt_id=anew) is Outcome.PAID
