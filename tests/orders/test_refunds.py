"""Money going back: once, never too much, whoever asks for it."""

import secrets
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from shop.admin.orders.forms import REASONS
from shop.core import clock
from shop.core.db import db
from shop.core.errors import BadInput, InvalidTransition, NotFound, RefundTooLarge, StaleForm
from shop.jobs import drain
from shop.models import (
    Attention,
    FulfilmentStatus,
    Job,
    MovementKind,
    Order,
    OrderItem,
    Payment,
    PaymentState,
    PaymentStatus,
    Provider,
    Refund,
    RefundState,
)
from shop.orders.payment.end import end_dead_attempt
from shop.orders.payment.refund_sync import record_refund
from shop.orders.payment.refundable import get_remainder
from shop.orders.queries import order_page
from shop.orders.remainder import RefundChoice, part_of
from shop.orders.services import (
    RefundLine,
    deliver_order,
    fulfil,
    refund_order,
    send_refund,
    ship_order,
)
from shop.orders.timeline import history
from shop.payments.current import gateway
from shop.stock.services import adjust_stock
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import in_app, together


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def paid(product=None, instrument: str = "visa", quantity: int = 2) -> int:
    order, ref = kit.to_payment(kit.fill_cart(product or make_product(), quantity=quantity))
    kit.pay(ref, instrument)
    return order.id


def refund(order_id: int, amount: int, **options) -> Refund:
    token = options.pop("form_token", secrets.token_hex(8))
    row = refund_order(order_id, amount, form_token=token, **options)
    db.session.close()
    send_refund(row.id)
    db.session.close()
    return db.session.get_one(Refund, row.id)


def items(order_id: int) -> list[OrderItem]:
    return list(db.session.scalars(select(OrderItem).where(OrderItem.order_id == order_id)))


def everything(order_id: int) -> tuple[int, list[RefundLine]]:
    (item,) = items(order_id)
    line = RefundLine(item.id, item.quantity, item.amount_total, is_restocked=True)
    return item.quantity, [line]


def fail_refunds(app: Flask) -> None:
    db.session.close()
    kit.sandbox_of(app).advance(600)
    kit.sandbox_of(app).deliver_due()


def test_a_full_refund(shop: Flask) -> None:
    order_id = paid()
    total = kit.order(order_id).amount_total
    assert refund(order_id, total).state is RefundState.SUCCEEDED
    order = kit.order(order_id)
    assert (order.payment_status, order.amount_refunded) == (PaymentStatus.REFUNDED, total)
    assert [r["amount"] for r in kit.sandbox_of(shop).objects("refund")] == [total]


def test_the_customer_reads_what_was_refunded_in_part(shop: Flask) -> None:
    whole, part = paid(), paid()
    refund(whole, kit.order(whole).amount_total)
    refund(part, 500)
    told = [history(order_page(order_id))[0][0] for order_id in (whole, part)]
    assert told == ["Refunded", "Refunded in part"]


@pytest.mark.parametrize("reason", REASONS)
def test_any_reason_of_staff_refunds_the_order_and_tells_the_customer(reason: str) -> None:
    order_id = paid()
    order = db.session.get_one(Order, order_id)
    made = refund(order_id, order.amount_paid, reason=reason)
    order = db.session.get_one(Order, order_id)
    assert made.state is RefundState.SUCCEEDED
    assert order.payment_status is PaymentStatus.REFUNDED
    assert order.amount_refunded == order.amount_paid
    told = select(Job).where(Job.name == "mail.order_refunded")
    assert db.session.scalars(told).one().payload == {"refund_id": made.id}


def test_news_that_were_overtaken_change_nothing() -> None:
    order_id = paid()
    made = refund(order_id, 500)
    told = gateway("sandbox").get_refund(made.provider_ref or "")
    older = replace(told, status=RefundState.PENDING)
    assert record_refund(made.provider, older) is RefundState.SUCCEEDED
    db.session.close()
    assert db.session.get_one(Order, order_id).amount_refunded == 500


def test_partial_refunds_add_up_and_never_exceed_what_was_paid() -> None:
    order_id = paid()
    total = kit.order(order_id).amount_total
    refund(order_id, total - 1000)
    assert kit.order(order_id).payment_status is PaymentStatus.PARTIALLY_REFUNDED
    with pytest.raises(RefundTooLarge):
        refund(order_id, 1001)
    refund(order_id, 1000)
    assert kit.order(order_id).payment_status is PaymentStatus.REFUNDED


@pytest.mark.parametrize("split", [(1, 1, 1), (2, 1), (1, 2), (3,)])
def test_pieces_refunded_one_by_one_give_back_what_was_paid(split: tuple[int, ...]) -> None:
    """3 × 33.33 less 10 % are 89.99: the last piece gets what is left."""
    coupon("TEN")
    bag = kit.fill_cart(make_product(price=3333), quantity=3)
    assert apply(bag, "TEN") == "TEN"
    order, ref = kit.to_payment(bag)
    kit.pay(ref)
    (item,) = items(order.id)
    assert item.amount_total == 8999
    for pieces in split:
        part = part_of(
            get_remainder(order.id), RefundChoice({item.id: pieces}, with_shipping=False)
        )
        line = RefundLine(item.id, *part.lines[item.id])
        refund(order.id, part.amount, lines=[line])
    left = get_remainder(order.id)
    assert (left.amount, left.amount_shipping) == (600, 600)
    assert kit.order(order.id).amount_refunded == 8999


@both_engines
def test_a_form_sent_twice_is_one_refund(shop: Flask) -> None:
    order_id = paid()
    first = refund(order_id, 500, form_token="same")
    second = refund(order_id, 500, form_token="same")
    assert first.id == second.id
    assert len(kit.sandbox_of(shop).objects("refund")) == 1
    other = refund(paid(), 500, form_token="same")
    assert other.id != first.id, "a form is of one order"


def test_a_refund_whose_answer_was_lost_is_sent_again_under_its_key(shop: Flask) -> None:
    order_id = paid()
    row = refund_order(order_id, 700, form_token="t")
    db.session.close()
    kit.sandbox_of(shop).fault("drop_after", times=9, route="POST /v1/refunds")
    drain()
    assert db.session.get_one(Refund, row.id).state is RefundState.PENDING
    db.session.close()
    kit.sandbox_of(shop).clear_faults()
    clock.move(3600)
    drain()
    assert db.session.get_one(Refund, row.id).state is RefundState.SUCCEEDED
    assert len(kit.sandbox_of(shop).objects("refund")) == 1


def test_pieces_go_back_to_stock_when_staff_say_so() -> None:
    product = make_product(stock=5)
    order_id = paid(product)
    item = items(order_id)[0]
    line = RefundLine(item.id, 1, item.unit_amount, is_restocked=True)
    refund(order_id, item.unit_amount, lines=[line])
    assert kit.stock(product.variants[0].id) == (4, 0)
    with pytest.raises(RefundTooLarge):
        refund(order_id, 100, lines=[RefundLine(item.id, 2, 100)])


@both_engines
def test_a_refund_made_in_the_dashboard_appears_here(shop: Flask) -> None:
    order_id = paid()
    payment = kit.payments(order_id)[0]
    db.session.close()
    kit.sandbox_of(shop).refund(payment.charge, 900)
    kit.sandbox_of(shop).deliver_due()
    order = kit.order(order_id)
    assert (order.payment_status, order.amount_refunded) == (
        PaymentStatus.PARTIALLY_REFUNDED,
        900,
    )
    assert db.session.scalars(select(Refund.is_external)).all() == [True]


@both_engines
@pytest.mark.parametrize("share", [1, 20])
def test_news_of_one_refund_that_come_at_once_are_one_refund(shop: Flask, share: int) -> None:
    """Stripe tells of a dashboard's refund by several events in the same moment."""
    order_id = paid()
    [payment] = kit.payments(order_id)
    amount = payment.amount // share
    db.session.close()
    kit.sandbox_of(shop).refund(payment.charge, amount)
    [told] = gateway("sandbox").list_refunds(payment.payment_intent)
    found = together([in_app(shop, record_refund, payment.provider, told)] * 8)
    assert set(found) == {RefundState.SUCCEEDED}, found
    assert [row.amount for row in db.session.scalars(select(Refund))] == [amount]
    assert kit.order(order_id).amount_refunded == amount


@both_engines
def test_a_refund_that_fails_later_can_be_made_again_and_staff_know(shop: Flask) -> None:
    order_id = paid(instrument="refund_fails")
    refund(order_id, 1500)
    db.session.close()
    kit.sandbox_of(shop).advance(600)
    kit.sandbox_of(shop).deliver_due()
    order = kit.order(order_id)
    assert order.attention is Attention.REFUND_FAILED
    assert order.amount_refunded == 0
    assert db.session.scalars(select(Payment.amount_refunded)).all() == [0]


def test_pieces_whose_refund_failed_can_be_refunded_again(shop: Flask) -> None:
    order_id = paid(instrument="refund_fails")
    (item,) = items(order_id)
    whole = [RefundLine(item.id, item.quantity, item.amount_total)]
    refund(order_id, item.amount_total, lines=whole)
    with pytest.raises(RefundTooLarge):
        refund(order_id, item.amount_total, lines=whole)
    db.session.close()
    kit.sandbox_of(shop).advance(600)
    kit.sandbox_of(shop).deliver_due()
    assert items(order_id)[0].quantity_refunded == 0
    refund(order_id, item.amount_total, lines=whole)
    assert items(order_id)[0].quantity_refunded == item.quantity


def test_a_refund_that_fails_later_undoes_all_it_did(shop: Flask) -> None:
    product = make_product(stock=5)
    order_id = paid(product, instrument="refund_fails")
    quantity, whole = everything(order_id)
    refund(order_id, kit.order(order_id).amount_paid, lines=whole)
    assert kit.order(order_id).payment_status is PaymentStatus.REFUNDED
    assert kit.stock(product.variants[0].id) == (5, 0)
    fail_refunds(shop)
    assert kit.order(order_id).payment_status is PaymentStatus.PAID
    assert kit.stock(product.variants[0].id) == (5 - quantity, 0)


def test_pieces_sold_before_the_refund_failed_are_owed(shop: Flask) -> None:
    product = make_product(stock=2)
    order_id = paid(product, instrument="refund_fails")
    quantity, whole = everything(order_id)
    refund(order_id, kit.order(order_id).amount_paid, lines=whole)
    paid(product)
    on_hand, _ = kit.stock(product.variants[0].id)
    fail_refunds(shop)
    owed = quantity - on_hand
    assert owed > 0
    assert kit.stock(product.variants[0].id) == (0, owed)
    refund(order_id, kit.order(order_id).amount_paid, lines=whole)
    assert kit.stock(product.variants[0].id) == (on_hand, 0)


def test_the_books_are_right_while_pieces_of_a_failed_refund_are_owed(shop: Flask) -> None:
    product = make_product(stock=2)
    order_id = paid(product, instrument="refund_fails")
    _, whole = everything(order_id)
    refund(order_id, kit.order(order_id).amount_paid, lines=whole)
    on_hand, _ = kit.stock(product.variants[0].id)
    adjust_stock(product.variants[0].id, -on_hand, MovementKind.CORRECTION, "broken", None)
    fail_refunds(shop)
    assert kit.stock(product.variants[0].id) == (0, on_hand)


def test_pieces_that_were_sent_and_came_back_are_never_owed(shop: Flask) -> None:
    product = make_product(stock=2)
    order_id = paid(product, instrument="refund_fails")
    quantity, whole = everything(order_id)
    ship_order(order_id, {whole[0].order_item_id: quantity}, carrier="", tracking_number="")
    refund(order_id, whole[0].amount, lines=whole)
    paid(product)
    on_hand, _ = kit.stock(product.variants[0].id)
    fail_refunds(shop)
    assert kit.order(order_id).payment_status is PaymentStatus.PAID
    assert kit.stock(product.variants[0].id) == (0, 0)
    assert on_hand < quantity


def test_one_of_two_refunds_fails(shop: Flask) -> None:
    order_id = paid(instrument="refund_fails")
    total = kit.order(order_id).amount_paid
    first = refund(order_id, 500)
    refund(order_id, total - 500)
    assert kit.order(order_id).payment_status is PaymentStatus.REFUNDED
    told = gateway("sandbox").get_refund(first.provider_ref or "")
    record_refund(first.provider, replace(told, status=RefundState.FAILED))
    db.session.close()
    order = kit.order(order_id)
    assert order.payment_status is PaymentStatus.PARTIALLY_REFUNDED
    assert order.amount_refunded == total - 500


def test_what_a_refunded_order_was_owed_is_free_for_the_next(shop: Flask) -> None:
    product = make_product(stock=1)
    order, ref = kit.to_payment(kit.fill_cart(product))
    kit.pay(ref, deliver=False)
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    kit.pay(kit.to_payment(kit.fill_cart(product), email="faster@example.org")[1])
    fulfil(Provider.SANDBOX, ref)
    assert kit.order(order.id).attention is Attention.STOCK_SHORT
    assert kit.stock(product.variants[0].id) == (0, 1)
    refund(order.id, kit.order(order.id).amount_total)
    assert kit.stock(product.variants[0].id) == (0, 0)


def test_a_refund_that_waits_is_counted_when_it_has_gone(shop: Flask) -> None:
    order_id = paid(instrument="refund_pending")
    assert refund(order_id, 1500).state is RefundState.PENDING
    assert kit.order(order_id).amount_refunded == 0
    kit.sandbox_of(shop).advance(3600)
    kit.sandbox_of(shop).deliver_due()
    assert kit.order(order_id).amount_refunded == 1500


def test_an_order_that_was_never_paid_cannot_be_refunded() -> None:
    placed = kit.place(kit.fill_cart(make_product()))
    with pytest.raises(NotFound):
        refund(placed.order.id, 100)
    with pytest.raises(BadInput):
        refund(placed.order.id, 0)


def test_the_pieces_of_a_refund_cannot_cost_more_than_it() -> None:
    order_id = paid()
    _, whole = everything(order_id)
    with pytest.raises(BadInput):
        refund(order_id, whole[0].amount - 1, lines=whole)
    with pytest.raises(BadInput):
        refund(order_id, whole[0].amount, lines=whole, amount_shipping=1)


@both_engines
def test_a_second_payment_is_sent_back_by_itself(shop: Flask) -> None:
    """Two tabs: both pages were paid, the second after the shop had let it go."""
    product = make_product()
    cart_id = kit.fill_cart(product, token="t")
    order, ref = kit.to_payment(cart_id)
    other_ref = _second_page(shop, order.id)
    kit.pay(ref)
    kit.pay(other_ref)
    drain()
    found = kit.payments(order.id)
    assert sorted(str(p.state) for p in found) == ["captured", "duplicate"]
    duplicate = next(p for p in found if p.state is PaymentState.DUPLICATE)
    assert duplicate.amount_refunded == duplicate.amount
    fresh = kit.order(order.id)
    assert (fresh.payment_status, fresh.amount_refunded) == (PaymentStatus.PAID, 0)
    assert fresh.attention is Attention.SECOND_PAYMENT
    assert len(kit.sandbox_of(shop).objects("refund")) == 1


def _second_page(app: Flask, order_id: int) -> str:
    """Open one more page for the order, as only a fault of ours could."""
    from shop.core.db import transaction
    from shop.models import AttemptState, CheckoutAttempt
    from shop.orders.payment.attempt import write_next
    from shop.orders.payment.moves import end_attempt

    first = kit.newest_attempt(order_id)
    with transaction():
        end_attempt(first.id, AttemptState.FAILED)
    attempt = write_next(order_id)
    db.session.close()
    state = app.extensions["payments"]["sandbox"].create_session(attempt.params, attempt.id)
    with transaction() as session:
        row = session.get_one(CheckoutAttempt, attempt.id)
        row.provider_ref, row.state = state.ref, AttemptState.OPEN
    return state.ref


@both_engines
def test_a_dispute_is_a_flag_and_moves_nothing(shop: Flask) -> None:
    order_id = paid(instrument="dispute_fraudulent")
    kit.sandbox_of(shop).deliver_due()
    order = kit.order(order_id)
    assert order.is_disputed
    assert order.payment_status is PaymentStatus.PAID


@both_engines
def test_sending_in_two_parcels_and_delivering() -> None:
    order_id = paid(quantity=3)
    item = items(order_id)[0]
    ship_order(order_id, {item.id: 1}, carrier="Colissimo", tracking_number="6A1")
    assert kit.order(order_id).fulfilment_status is FulfilmentStatus.PARTIALLY_SHIPPED
    with pytest.raises(InvalidTransition):
        ship_order(order_id, {item.id: 3}, carrier="", tracking_number="")
    with pytest.raises(BadInput):
        ship_order(order_id, {item.id: 4}, carrier="", tracking_number="")
    with pytest.raises(StaleForm):
        ship_order(order_id, {item.id: 1}, carrier="", tracking_number="", version=1)
    ship_order(order_id, {item.id: 2}, carrier="Colissimo", tracking_number="6A2", version=2)
    assert kit.order(order_id).fulfilment_status is FulfilmentStatus.SHIPPED
    deliver_order(order_id)
    assert kit.order(order_id).fulfilment_status is FulfilmentStatus.DELIVERED


def test_repeated_news_never_moves_an_order_back(shop: Flask) -> None:
    order_id = paid(quantity=1)
    item = items(order_id)[0]
    ship_order(order_id, {item.id: 1}, carrier="", tracking_number="")
    for event in kit.sandbox_of(shop).objects("event"):
        kit.sandbox_of(shop).resend(event["id"])
    kit.sandbox_of(shop).deliver_due()
    order = kit.order(order_id)
    assert order.payment_status is PaymentStatus.PAID
    assert order.fulfilment_status is FulfilmentStatus.SHIPPED
    payment = kit.payments(order_id)[0]
    assert fulfil(payment.provider, payment.provider_ref) == "already"
