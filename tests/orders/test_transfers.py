"""Orders that are paid by bank transfer: awaited, reminded of, received, over, sent back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.audit.provider import audit_provider
from shop.cart.queries import list_lines
from shop.core import clock
from shop.core.db import db
from shop.core.errors import BadInput, InvalidTransition, PaymentChanged
from shop.jobs import drain
from shop.models import (
    AttemptState,
    Attention,
    BankTransfer,
    MailMessage,
    Order,
    OrderNote,
    PaymentState,
    PaymentStatus,
    Provider,
    Refund,
    RefundState,
)
from shop.orders.payment.outcome import Outcome
from shop.orders.queries import order_page
from shop.orders.services import (
    accept_payment,
    cancel_order,
    complete_payment,
    expire_attempt,
    fulfil,
    receive_payment,
    reconcile,
    refund_order,
    send_refund,
    settle_refund,
    start_payment,
)
from shop.payments.current import gateway, offered_providers
from shop.payments.errors import AlreadyKnown, ObjectUnknown, SessionUnknown
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    kit.offer_transfer()
    return ctx


def await_transfer(**changes: Any) -> Order:
    """Place an order that is to be paid by transfer, all mails sent."""
    product = make_product(price=14800, stock=3)
    placed = kit.place(kit.fill_cart(product), provider="manual", **changes)
    assert start_payment(placed.order.id, placed.attempt) is None
    drain()
    order = kit.order(placed.order.id)
    db.session.expunge_all()  # it stays readable as it was, whatever is rolled back
    return order


def move(days: float) -> None:
    db.session.rollback()
    clock.move(int(days * DAY))


def receive(order: Order, amount: int | None = None, **more: Any) -> Outcome:
    came_on = clock.today("Europe/Paris")
    return receive_payment(order.id, amount or order.amount_total, came_on, **more)


def mails() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(MailMessage.kind).order_by(MailMessage.id)))


def newest_mail() -> str:
    db.session.rollback()
    rows = select(MailMessage.text_body).order_by(MailMessage.id.desc()).limit(1)
    return db.session.scalar(rows) or ""


def held(order: Order) -> tuple[int, int]:
    [item] = order_page(order.id).items
    return kit.stock(item.variant_id)


@both_engines
def test_it_is_awaited_at_once_told_by_mail_and_paid_when_staff_say_so() -> None:
    order = await_transfer()
    assert order.payment_status is PaymentStatus.PROCESSING
    assert not order.is_sandbox
    assert order.cart_id
    assert list_lines(order.cart_id) == ()
    assert held(order) == (3, 1)
    assert mails() == ["order_awaiting"]
    told = newest_mail()
    for part in (kit.IBAN, "Maison Flux SARL", f"Reference: {order.number}", "€154.00"):
        assert part in told
    assert "BIC" not in told
    assert receive(order, note="Seen on the statement", user_id=None) is Outcome.PAID
    [payment] = kit.payments(order.id)
    assert (payment.provider, payment.method_label) == (Provider.MANUAL, "Bank transfer")
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert held(order) == (2, 0)
    assert db.session.scalars(select(OrderNote.text)).one() == "Seen on the statement"
    drain()
    assert mails() == ["order_awaiting", "order_paid"]
    assert "Bank transfer" in newest_mail()
    with pytest.raises(InvalidTransition):
        receive(order)
    move(30)
    reconcile()
    drain()
    assert mails() == ["order_awaiting", "order_paid"]
    assert list(audit_provider(60)) == []


def test_who_has_not_paid_is_reminded_once_and_told_when_it_is_over() -> None:
    order = await_transfer()
    move(2.9)
    drain()
    reconcile()
    assert mails() == ["order_awaiting"]
    move(0.2)
    drain()
    assert mails() == ["order_awaiting", "payment_reminder"]
    assert kit.IBAN in newest_mail()
    move(3.5)  # the seventh day is not over
    reconcile()
    drain()
    assert kit.order(order.id).payment_status is PaymentStatus.PROCESSING
    move(1.5)
    assert reconcile().ended == 1
    drain()
    assert kit.order(order.id).payment_status is PaymentStatus.EXPIRED
    assert held(order) == (3, 0)
    assert order.cart_id
    assert [line.quantity for line in list_lines(order.cart_id)] == [1]
    assert mails() == ["order_awaiting", "payment_reminder", "order_expired"]
    assert order_page(order.id).instructions is None


def test_a_reminder_after_the_last_day_is_none() -> None:
    kit.offer_transfer(transfer_days="2", transfer_reminder_days="2")
    await_transfer()
    move(2)
    drain()
    assert mails() == ["order_awaiting"]


def test_late_money_pays_the_order_all_the_same() -> None:
    order = await_transfer()
    move(9)
    reconcile()
    assert kit.order(order.id).payment_status is PaymentStatus.EXPIRED
    assert receive(order) is Outcome.PAID
    assert kit.order(order.id).payment_status is PaymentStatus.PAID
    assert held(order) == (2, 0)


@both_engines
@pytest.mark.parametrize("differs_by", [-100, 100])
def test_another_amount_is_put_before_staff(differs_by: int) -> None:
    order = await_transfer()
    total = order.amount_total
    assert receive(order, total + differs_by) is Outcome.MISMATCH
    seen = kit.order(order.id)
    assert (seen.attention, seen.payment_status) == (Attention.MISMATCH, PaymentStatus.PROCESSING)
    [payment] = kit.payments(order.id)
    assert (payment.state, payment.amount) == (PaymentState.MISMATCH, total + differs_by)
    if differs_by < 0:
        accept_payment(order.id, payment.id)
        assert kit.order(order.id).payment_status is PaymentStatus.PAID
        return
    complete_payment(order.id, payment.id)
    refund = db.session.scalars(select(Refund)).one()
    assert send_refund(refund.id) is RefundState.PENDING
    settle_refund(order.id, refund.id, is_sent=True)
    assert db.session.get_one(Refund, refund.id).state is RefundState.SUCCEEDED


def test_who_is_asked_to_pay_anew_gets_the_account_anew() -> None:
    order = await_transfer()
    receive(order, 100)
    [payment] = kit.payments(order.id)
    complete_payment(order.id, payment.id)
    assert kit.order(order.id).payment_status is PaymentStatus.PENDING
    db.session.rollback()
    assert start_payment(order.id) is None
    assert kit.order(order.id).payment_status is PaymentStatus.PROCESSING
    assert kit.newest_attempt(order.id).n == 2
    assert receive(order) is Outcome.PAID
    drain()
    assert mails()[-1] == "order_paid"


def test_money_goes_back_by_hand() -> None:
    order = await_transfer()
    receive(order)
    refund_id = refund_order(order.id, 100, form_token="once").id
    drain()
    assert db.session.get_one(Refund, refund_id).state is RefundState.PENDING
    move(1)
    assert reconcile().failed == 0
    settle_refund(order.id, refund_id, is_sent=True)
    assert kit.order(order.id).amount_refunded == 100
    for is_sent in (True, False):
        with pytest.raises(AlreadyKnown):
            settle_refund(order.id, refund_id, is_sent=is_sent)
    dropped = refund_order(order.id, 200, form_token="twice").id
    drain()
    settle_refund(order.id, dropped, is_sent=False)
    seen = kit.order(order.id)
    assert (seen.amount_refunded, seen.attention) == (100, Attention.REFUND_FAILED)
    assert kit.payments(order.id)[0].amount_refunded == 100
    assert list(audit_provider(60)) == []


@both_engines
def test_it_is_canceled_by_its_customer_and_late_money_is_noted() -> None:
    order = await_transfer()
    cancel_order(order.id)
    assert kit.order(order.id).payment_status is PaymentStatus.CANCELED
    assert held(order) == (3, 0)
    assert receive(order) is Outcome.PAID
    with pytest.raises(InvalidTransition, match="has been paid"):
        cancel_order(order.id)


def test_what_was_begun_at_one_provider_ends_there() -> None:
    """Whichever is preferred by then, or offered at all."""
    card, ref = kit.to_payment(kit.fill_cart(make_product()), provider="sandbox")
    order = await_transfer(email="other@example.org")
    kit.offer_transfer(transfer_holder="", transfer_iban="")
    assert [way.name for way in offered_providers(100, "EUR")] == ["sandbox"]
    assert kit.IBAN in str(order_page(order.id).instructions)
    assert receive(order) is Outcome.PAID
    kit.pay(ref, deliver=False)
    assert fulfil(Provider.SANDBOX, ref) is Outcome.PAID
    assert kit.order(card.id).payment_status is PaymentStatus.PAID


def test_the_way_to_pay_can_be_changed_while_nothing_is_paid(shop: Flask) -> None:
    cart_id = kit.fill_cart(make_product(stock=1))
    card, _ = kit.to_payment(cart_id, provider="sandbox")
    placed = kit.place(cart_id, provider="manual")
    start_payment(placed.order.id, placed.attempt)
    assert kit.order(card.id).payment_status is PaymentStatus.CANCELED
    assert kit.sandbox_of(shop).objects("checkout.session")[0]["status"] == "expired"
    assert kit.order(placed.order.id).payment_status is PaymentStatus.PROCESSING


def test_the_same_form_sent_again_changes_nothing() -> None:
    cart_id = kit.fill_cart(make_product())
    details = kit.details(cart_id, provider="manual")
    first = kit.place_order(cart_id, details)
    start_payment(first.order.id, first.attempt)
    move(1 / 24)
    again = kit.place_order(cart_id, details)
    assert again.order.id == first.order.id
    assert start_payment(again.order.id, again.attempt) is None
    drain()
    assert kit.order(first.order.id).payment_status is PaymentStatus.PROCESSING
    assert mails() == ["order_awaiting"]


def test_a_process_that_ends_before_it_is_awaited_loses_nothing() -> None:
    placed = kit.place(kit.fill_cart(make_product()), provider="manual")
    attempt = kit.newest_attempt(placed.order.id)
    gateway("manual").create_session(attempt.params, attempt.id)
    clock.move(180)
    db.session.rollback()
    assert start_payment(placed.order.id) is None
    assert kit.order(placed.order.id).payment_status is PaymentStatus.PROCESSING
    assert len(db.session.scalars(select(BankTransfer)).all()) == 1


def test_one_that_nobody_came_back_to_is_ended_by_the_sweeper() -> None:
    placed = kit.place(kit.fill_cart(make_product()), provider="manual")
    clock.move(32 * 60)
    db.session.rollback()
    reconcile()
    assert kit.order(placed.order.id).payment_status is PaymentStatus.EXPIRED
    assert kit.newest_attempt(placed.order.id).state is AttemptState.EXPIRED
    assert expire_attempt(kit.newest_attempt(placed.order.id).id) is Outcome.ALREADY


def test_only_what_is_offered_can_be_chosen() -> None:
    cart_id = kit.fill_cart(make_product())
    kit.offer_transfer(transfer_iban="")
    assert gateway("manual").missing_settings().startswith("flask settings set transfer_iban")
    for provider in ("manual", "nobody"):
        with pytest.raises(PaymentChanged):
            kit.place(cart_id, provider=provider)


def test_a_currency_without_decimals(make_app: Any) -> None:
    app = make_app(CURRENCY="JPY")
    with app.app_context():
        placed = kit.place(kit.fill_cart(make_product(price=14800)), provider="manual")
        start_payment(placed.order.id, placed.attempt)
        drain()
        assert "¥15,400" in newest_mail()
        assert receive(kit.order(placed.order.id)) is Outcome.PAID


def test_nonsense_is_refused() -> None:
    order = await_transfer()
    for amount, note in ((-1, ""), (100, "x" * 201)):
        with pytest.raises(BadInput):
            receive(order, amount, note=note)
    there = gateway("manual")
    with pytest.raises(SessionUnknown):
        there.get_session("bt_nobody")
    for ask in (there.get_refund, there.get_dispute):
        with pytest.raises(ObjectUnknown):
            ask("nobody")
    assert there.session_for_payment("bt_nobody") is None


def test_awaited_transfers_count_as_unpaid_orders() -> None:
    for _ in range(3):
        await_transfer()
    with pytest.raises(Exception, match="unfinished payments"):
        await_transfer()
