"""Money that differs, a second time, half gone, or without a way back: what can be decided then."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import (
    AttemptState,
    Attention,
    CartItem,
    MailMessage,
    Payment,
    PaymentStatus,
    Provider,
    Refund,
    RefundState,
)
from shop.models.payment import UNDER_WAY
from shop.operations.retention import anonymise_orders
from shop.orders.payment.end import end_dead_attempt
from shop.orders.payment.refund_sync import apply_refund, record_refund
from shop.orders.services import send_payment_back, start_payment, sweep
from shop.payments.current import gateway
from shop.payments.gateway import RefundReason
from tests.admin.kit import fill_in, sign_in
from tests.checkout.test_pages import FORM, fields
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.orders.test_refunds import fail_refunds
from tests.orders.test_review import TOTAL, buy, decide

RIGHTS = ["orders.view", "orders.ship", "orders.refund"]


def offered(staff: ShopClient, number: str) -> list[str]:
    page = staff.get(f"/admin/orders/{number}").text
    return re.findall(r'name="decision" value="(\w+)"', page)


def pay_anew(app: Flask, client: ShopClient, number: str, differs: int) -> None:
    form = {"csrf_token": client.token("/cart")}
    ref = client.post(f"/orders/{number}/payment", data=form).location.rsplit("/", 1)[1]
    kit.sandbox_of(app).clear_faults()
    kit.sandbox_of(app).fault("charge_other_amount", differs)
    kit.sandbox_of(app).pay(ref)
    with app.app_context():
        drain()


def fail_first_refund(app: Flask) -> None:
    """The bank sends a refund back to the shop."""
    ref = kit.sandbox_of(app).objects("refund")[0]["id"]
    kit.sandbox_of(app).fail_refund(ref)
    record_refund(Provider.SANDBOX, gateway("sandbox").get_refund(ref))
    drain()


@pytest.mark.parametrize(
    ("decision", "status", "back"),
    [
        ("accept", PaymentStatus.PAID, []),
        ("complete", PaymentStatus.PENDING, [TOTAL - 100]),
        ("return", PaymentStatus.CANCELED, [TOTAL - 100]),
    ],
)
def test_the_payment_that_is_still_here_is_decided_about(
    app: Flask, client: ShopClient, decision: str, status: PaymentStatus, back: list[int]
) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    assert decide(app, staff, number, "complete") == 303
    pay_anew(app, client, number, -100)
    shown = staff.get(f"/admin/orders/{number}").text
    assert "€153.00 came for an order of €154.00" in shown
    assert offered(staff, number) == ["accept", "complete", "return"]
    assert decide(app, staff, number, decision) == 303
    with app.app_context():
        order = kit.order(1)
        assert (order.payment_status, order.attention) == (status, Attention.NONE)
        there = sorted(r["amount"] for r in kit.sandbox_of(app).objects("refund"))
        assert there == sorted([TOTAL - 440, *back])
        assert order.amount_paid == (TOTAL - 100 if decision == "accept" else 0)


@pytest.mark.parametrize(
    ("gone", "can", "decision", "status"),
    [
        (440, ["accept", "return"], "accept", PaymentStatus.PARTIALLY_REFUNDED),
        (100, ["accept", "complete", "return"], "complete", PaymentStatus.PARTIALLY_REFUNDED),
        (1000, ["accept", "complete", "return"], "complete", PaymentStatus.PENDING),
        (TOTAL + 440, ["complete", "return"], "return", PaymentStatus.CANCELED),
    ],
)
def test_what_went_back_elsewhere_counts(
    app: Flask, client: ShopClient, gone: int, can: list[str], decision: str, status: PaymentStatus
) -> None:
    number, _ = buy(app, client, charge_other_amount=440)
    with app.app_context():
        payment = db.session.scalars(select(Payment)).one()
        provider, intent = payment.provider, payment.payment_intent or ""
        db.session.rollback()
        told = gateway("sandbox").create_refund(
            payment_intent=intent, amount=gone, key="elsewhere",
            reason=RefundReason.REQUESTED_BY_CUSTOMER, metadata={},
        )  # fmt: skip
        record_refund(provider, told)
        drain()
    staff = sign_in(app, RIGHTS)
    assert offered(staff, number) == can
    assert decide(app, staff, number, decision) == 303
    with app.app_context():
        order = kit.order(1)
        assert (order.payment_status, order.attention) == (status, Attention.NONE)
        payment = db.session.scalars(select(Payment)).one()
        kept = TOTAL if order.paid_at else 0
        assert payment.amount - payment.amount_refunded == kept
        assert order.amount_paid - order.amount_refunded == kept


@both_engines
@pytest.mark.no_audit("a payment without a reference is told nowhere at the provider")
def test_money_without_a_way_back_is_not_promised(app: Flask, client: ShopClient) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    with app.app_context(), transaction() as session:
        session.scalars(select(Payment)).one().payment_intent = None
    staff = sign_in(app, RIGHTS)
    assert offered(staff, number) == ["accept"]
    for decision in ("return", "complete"):
        assert decide(app, staff, number, decision) == 409
    with app.app_context():
        order = kit.order(1)
        assert order.payment_status is PaymentStatus.PROCESSING
        assert order.attention is Attention.MISMATCH
        assert db.session.scalars(select(Refund)).all() == []
    assert decide(app, staff, number, "accept") == 303


@both_engines
def test_two_at_once_are_decided_one_after_the_other(app: Flask, client: ShopClient) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    assert decide(app, staff, number, "complete") == 303
    pay_anew(app, client, number, -100)
    with app.app_context():
        fail_first_refund(app)
        first, second = db.session.scalars(select(Payment).order_by(Payment.id))
        assert (first.amount_refunded, second.amount_refunded) == (0, 0)
    assert offered(staff, number) == ["accept", "return"]
    assert decide(app, staff, number, "return") == 303
    with app.app_context():
        order = kit.order(1)
        assert order.payment_status is PaymentStatus.PROCESSING
        assert order.attention is Attention.MISMATCH
    assert decide(app, staff, number, "accept") == 303
    with app.app_context():
        order = kit.order(1)
        assert (order.payment_status, order.amount_paid) == (PaymentStatus.PAID, TOTAL - 100)
        assert order.attention is Attention.NONE


def test_pieces_stay_held_for_three_days_and_then_come_back(app: Flask, client: ShopClient) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    assert decide(app, staff, number, "complete") == 303
    form = {"csrf_token": client.token("/cart")}
    with app.app_context():
        kit.sandbox_of(app).clear_faults()
        promised = kit.order(1).hold_until
    pages = []
    for _ in range(2):  # before the page's time is over, and after
        pages.append(client.post(f"/orders/{number}/payment", data=form).location)
        with app.app_context():
            assert kit.order(1).hold_until == promised
        clock.move(40 * 60)
        kit.sandbox_of(app).advance(40 * 60)
        with app.app_context():
            sweep()
            assert kit.order(1).payment_status is PaymentStatus.PENDING
    assert len(set(pages)) == 2
    with app.app_context():
        end_dead_attempt(kit.newest_attempt(1).id, "expired")
        assert kit.order(1).payment_status is PaymentStatus.PENDING
    clock.move(3 * 86400)
    kit.sandbox_of(app).advance(3 * 86400)
    with app.app_context():
        sweep()
        assert kit.order(1).payment_status is PaymentStatus.EXPIRED
        assert db.session.scalars(select(CartItem.quantity)).all() == [1]
        assert kit.stock(1) == (3, 0)


@both_engines
def test_nobody_is_forgotten_while_their_money_is_here(app: Flask, client: ShopClient) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    assert decide(app, sign_in(app, RIGHTS), number, "return") == 303
    with app.app_context():
        fail_first_refund(app)
        clock.move(400 * 86400)
        assert anonymise_orders(clock.now()) == 0
        assert kit.order(1).email
        send_payment_back(1, kit.payments(1)[0].id)
        drain()
        assert anonymise_orders(clock.now()) == 1


@both_engines
@pytest.mark.parametrize("state", sorted(UNDER_WAY))
def test_nobody_is_forgotten_while_their_money_is_on_its_way_back(
    app: Flask, client: ShopClient, state: RefundState
) -> None:
    """It may fail; and what arrived may be returned by the bank some days later."""
    number, _ = buy(app, client, charge_other_amount=-440)
    assert decide(app, sign_in(app, RIGHTS), number, "return") == 303
    with app.app_context():
        [refund_id] = db.session.scalars(select(Refund.id))
        clock.move(400 * 86400)
        with transaction():
            changed(update(Refund).values(state=state))
        clock.move(100 * 86400)
        assert anonymise_orders(clock.now()) == 0
        apply_refund(refund_id, None, RefundState.SUCCEEDED, "")
        clock.move(89 * 86400)
        assert anonymise_orders(clock.now() - timedelta(days=90)) == 0
        assert kit.order(1).email
        clock.move(2 * 86400)
        assert anonymise_orders(clock.now() - timedelta(days=90)) == 1


def mails_of(kind: str) -> list[str]:
    db.session.close()
    return list(db.session.scalars(select(MailMessage.subject).where(MailMessage.kind == kind)))


def test_whoever_pays_otherwise_twice_is_written_to_twice(app: Flask, client: ShopClient) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    for times in (1, 2):
        with app.app_context():
            drain()
            assert len(mails_of("payment_review")) == times
        assert decide(app, staff, number, "complete") == 303
        with app.app_context():
            asked = [f"Order {number}: please pay once more"] * times
            assert mails_of("payment_asked_again") == asked
        if times == 1:
            pay_anew(app, client, number, -100)


@both_engines
def test_whoever_is_asked_again_after_a_refund_failed_is_written_to_again(
    app: Flask, client: ShopClient
) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    for times in (1, 2):
        assert decide(app, staff, number, "complete") == 303
        with app.app_context():
            assert len(mails_of("payment_asked_again")) == times
            if times == 1:
                fail_first_refund(app)


def test_staff_are_written_to_about_each_refund_that_fails(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(STAFF_EMAIL="desk@example.org")
    client = app.test_client()
    assert isinstance(client, ShopClient)
    number, _ = buy(app, client, "refund_fails", charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    for times in (1, 2):
        assert decide(app, staff, number, "complete") == 303
        with app.app_context():
            fail_refunds(app)
            drain()
            mismatch, *failures = mails_of("staff_attention")
            assert failures == [mismatch] * times


def test_a_form_decides_about_the_payment_that_it_showed(app: Flask, client: ShopClient) -> None:
    """Two tabs of staff: the first one sends the money back, then other money comes."""
    number, _ = buy(app, client, charge_other_amount=-440)
    staff = sign_in(app, RIGHTS)
    url = f"/admin/orders/{number}"
    other_tab = fill_in(staff, url, f"{url}/review")
    assert decide(app, staff, number, "complete") == 303
    pay_anew(app, client, number, -100)
    for decision in ("accept", "complete", "return"):
        form = {**other_tab, "decision": decision}
        answer = staff.post(f"{url}/review", data=form)
        assert answer.status_code == 409
        assert "Another payment is to be decided about" in answer.text
        assert "€153.00 came for an order of €154.00" in answer.text
    for payment in ("", "0", "x", "9" * 30):
        form = {**other_tab, "decision": "accept", "payment": payment}
        assert staff.post(f"{url}/review", data=form).status_code == 422
    with app.app_context():
        order = kit.order(1)
        assert order.payment_status is PaymentStatus.PROCESSING
        assert len(kit.sandbox_of(app).objects("refund")) == 1
    assert decide(app, staff, number, "accept") == 303


def test_another_order_does_not_end_one_that_was_asked_for_again(
    app: Flask, client: ShopClient
) -> None:
    """Its customer may be about to pay it, and its first money may come back."""
    number, _ = buy(app, client, charge_other_amount=-440)
    assert decide(app, sign_in(app, RIGHTS), number, "complete") == 303
    with app.app_context():
        kit.sandbox_of(app).clear_faults()
        promised = kit.order(1).hold_until
        assert start_payment(1)
        first = kit.newest_attempt(1)
        other = make_product("Lotus", stock=3).variants[0].id
    client.submit("/cart/items", {"variant_id": other}, page="/cart")
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text), "csrf_token": client.token("/cart")}
    answer = client.post("/checkout", data=form)
    assert answer.status_code == 303
    with app.app_context():
        order = kit.order(1)
        assert (order.payment_status, order.hold_until) == (PaymentStatus.PENDING, promised)
        assert kit.newest_attempt(1).state is AttemptState.OPEN
        assert kit.order(2).payment_status is PaymentStatus.PENDING
        assert kit.order(2).replaces_order_id is None
        assert (kit.stock(1), kit.stock(other)) == ((3, 1), (3, 1))
        kit.pay(first.provider_ref or "")
        kit.pay(answer.location.rsplit("/", 1)[1])
        assert kit.order(1).payment_status is PaymentStatus.PAID
        assert kit.order(2).payment_status is PaymentStatus.PAID
        assert db.session.scalars(select(CartItem.id)).all() == []


@pytest.mark.parametrize("instrument", ["visa", "sepa_later"])
def test_what_was_put_into_the_bag_since_stays_there(
    app: Flask, client: ShopClient, instrument: str
) -> None:
    """The pieces of an order left the bag with its first money; one like them came in since."""
    number, _ = buy(app, client, charge_other_amount=-440)
    assert decide(app, sign_in(app, RIGHTS), number, "complete") == 303
    kit.sandbox_of(app).clear_faults()
    client.submit("/cart/items", {"variant_id": 1}, page="/cart")
    form = {"csrf_token": client.token("/cart")}
    ref = client.post(f"/orders/{number}/payment", data=form).location.rsplit("/", 1)[1]
    with app.app_context():
        kit.pay(ref, instrument)
        assert kit.order(1).payment_status is not PaymentStatus.PENDING
        assert db.session.scalars(select(CartItem.quantity)).all() == [1]
        kit.sandbox_of(app).advance(10 * 86400)
        kit.sandbox_of(app).deliver_due()
        assert kit.order(1).payment_status is PaymentStatus.PAID
        assert db.session.scalars(select(CartItem.quantity)).all() == [1]


@both_engines
def test_a_like_piece_in_the_bag_is_another_order(app: Flask, client: ShopClient) -> None:
    number, _ = buy(app, client, charge_other_amount=-440)
    assert decide(app, sign_in(app, RIGHTS), number, "complete") == 303
    kit.sandbox_of(app).clear_faults()
    client.submit("/cart/items", {"variant_id": 1}, page="/cart")
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text), "csrf_token": client.token("/cart")}
    refs = {client.post("/checkout", data=form).location.rsplit("/", 1)[1] for _ in range(2)}
    with app.app_context():
        assert kit.order(1).payment_status is PaymentStatus.PENDING
        assert kit.stock(1) == (3, 2)
        kit.pay(refs.pop())
        assert refs == set()
        assert kit.order(1).payment_status is PaymentStatus.PENDING
        assert kit.order(2).payment_status is PaymentStatus.PAID
        assert db.session.scalars(select(CartItem.quantity)).all() == []
