"""Money that came is never denied: no second payment, people look at it, and decide once."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.audit.provider import audit_provider
from shop.core import clock
from shop.core.db import db
from shop.core.errors import InvalidTransition, ShopError
from shop.jobs import drain
from shop.models import (
    AttemptState,
    Attention,
    AuditEntry,
    CartItem,
    CheckoutAttempt,
    MailMessage,
    Payment,
    PaymentState,
    PaymentStatus,
    Refund,
)
from shop.orders.services import (
    accept_payment,
    cancel_order,
    complete_payment,
    reconcile,
    send_payment_back,
    start_payment,
    sweep,
)
from tests.admin.kit import fill_in, sign_in
from tests.checkout.test_pages import FORM, fields
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.orders.test_refunds import fail_refunds
from tests.races.race_kit import together

TOTAL = 15400
DENIALS = ("Nothing was charged", "Pay now", "Continue payment", "Your bag is as you left it")


def buy(
    app: Flask, client: ShopClient, instrument: str = "visa", **faults: object
) -> tuple[str, str]:
    """Buy a piece with a browser while the provider charges otherwise: number, session."""
    with app.app_context():
        kit.open_shop()
        product = make_product(stock=3)
        variant = product.variants[0].id
    client.submit("/cart/items", {"variant_id": variant}, page="/cart")
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text), "csrf_token": client.token("/cart")}
    ref = client.post("/checkout", data=form).location.rsplit("/", 1)[1]
    for name, value in faults.items():
        kit.sandbox_of(app).fault(name, value)
    kit.sandbox_of(app).pay(ref, instrument, deliver=False)
    client.get(f"/checkout/success?session_id={ref}")
    with app.app_context():
        [payment] = db.session.scalars(select(Payment))
        assert payment.state is PaymentState.MISMATCH
        attempt = db.session.scalars(select(CheckoutAttempt)).one()
        return kit.order(attempt.order_id).number, ref


@both_engines
@pytest.mark.parametrize(
    "faults", [{"charge_other_amount": -440}, {"charge_other_amount": 440},
               {"charge_other_currency": "usd"}, {"charge_other_reference": "MF-OTHER"}],
    ids=str,
)  # fmt: skip
def test_every_page_says_that_it_came_and_none_takes_it_again(
    app: Flask, client: ShopClient, faults: dict[str, object]
) -> None:
    number, ref = buy(app, client, **faults)
    with app.app_context():
        link = kit.order(1).access_token
        attempts = db.session.scalar(select(func.count(CheckoutAttempt.id)))
        assert db.session.scalar(select(func.count(CartItem.id))) == 0
    for url in (
        f"/checkout/success?session_id={ref}", f"/checkout/cancel?order={number}",
        f"/orders/{number}", f"/o/{link}", f"/checkout/status/{number}", "/cart",
    ):  # fmt: skip
        page = client.get(url, follow_redirects=True)
        assert page.status_code == 200, url
        assert not [words for words in DENIALS if words in page.text], url
        assert url == "/cart" or "payment has come" in page.text.lower(), url
    token = client.token("/cart")
    for what in ("payment", "cancellation"):
        client.post(f"/orders/{number}/{what}", data={"csrf_token": token})
    assert client.get("/checkout").location == "/cart"
    clock.move(40 * 60)
    kit.sandbox_of(app).advance(40 * 60)
    with app.app_context():
        sweep()
        reconcile()
        drain()
        assert db.session.scalar(select(func.count(CheckoutAttempt.id))) == attempts
        order = kit.order(1)
        assert order.payment_status is PaymentStatus.PROCESSING
        assert order.attention is Attention.MISMATCH
        told = set(db.session.scalars(select(MailMessage.kind)))
        assert "payment_review" in told
        assert kit.stock(1) == (3, 1)
        assert list(audit_provider(30)) == []


def decide(app: Flask, staff: ShopClient, number: str, decision: str) -> int:
    url = f"/admin/orders/{number}"
    form = {**fill_in(staff, url, f"{url}/review"), "decision": decision}
    answers = [staff.post(f"{url}/review", data=form) for _ in range(2)]
    assert answers[0].status_code == answers[1].status_code, "the same form twice is once"
    with app.app_context():
        drain()
    return answers[0].status_code


@both_engines
@pytest.mark.parametrize(
    ("delta", "decision", "status", "paid", "back"),
    [
        (-440, "accept", PaymentStatus.PAID, TOTAL - 440, 0),
        (440, "accept", PaymentStatus.PAID, TOTAL + 440, 0),
        (440, "complete", PaymentStatus.PARTIALLY_REFUNDED, TOTAL + 440, 440),
        (-440, "complete", PaymentStatus.PENDING, 0, TOTAL - 440),
        (-440, "return", PaymentStatus.CANCELED, 0, TOTAL - 440),
        (440, "return", PaymentStatus.CANCELED, 0, TOTAL + 440),
    ],
)
def test_staff_decide_in_two_clicks_and_once(
    app: Flask, client: ShopClient, delta: int, decision: str,
    status: PaymentStatus, paid: int, back: int,
) -> None:  # fmt: skip
    number, _ = buy(app, client, charge_other_amount=delta)
    staff = sign_in(app, ["orders.view", "orders.ship", "orders.refund"])
    assert decide(app, staff, number, decision) == 303
    with app.app_context():
        order = kit.order(1)
        assert (order.payment_status, order.amount_paid) == (status, paid)
        assert order.attention is Attention.NONE
        refunds = list(db.session.scalars(select(Refund.amount)))
        assert refunds == ([back] if back else [])
        there = kit.sandbox_of(app).objects("refund")
        assert [refund["amount"] for refund in there] == refunds
        entries = list(db.session.scalars(select(AuditEntry.action)))
        assert entries == [f"orders.payment_{decision}"]
        assert list(audit_provider(30)) == []
        assert kit.stock(1) == ((2, 0) if paid else (3, 1) if decision == "complete" else (3, 0))
        mails = set(db.session.scalars(select(MailMessage.kind)))
        wanted = {"accept": "order_paid", "return": "order_canceled"}.get(decision)
        wanted = wanted or ("order_paid" if delta > 0 else "payment_asked_again")
        assert wanted in mails
        assert ("order_refunded" in mails) == bool(back)
        bodies = db.session.scalars(select(MailMessage.text_body))
        assert not [body for body in bodies if "Nothing was charged" in (body or "")]
    page = client.get(f"/orders/{number}").text
    assert "Nothing was charged" not in page
    assert ("Pay now" in page) == (status is PaymentStatus.PENDING)
    if status is PaymentStatus.PENDING:
        with app.app_context():
            kit.sandbox_of(app).clear_faults()
            assert start_payment(1)
            kit.pay(kit.newest_attempt(1).provider_ref or "")
            assert kit.order(1).payment_status is PaymentStatus.PAID


def test_other_money_cannot_stand_for_an_order_and_looking_is_no_decision(
    app: Flask, client: ShopClient
) -> None:
    number, _ = buy(app, client, charge_other_currency="usd")
    staff = sign_in(app, ["orders.view", "orders.ship", "orders.refund"])
    assert decide(app, staff, number, "accept") == 409
    assert decide(app, staff, number, "nonsense") == 422
    url = f"/admin/orders/{number}"
    form = fill_in(staff, url, f"{url}/review")
    assert staff.post(f"{url}/attention", data=form).status_code == 409
    few = sign_in(app, ["orders.view", "orders.ship"])
    assert "/review" not in few.get(url).text
    assert few.post(f"{url}/review", data={"csrf_token": few.token(url)}).status_code == 403
    with app.app_context():
        with pytest.raises(InvalidTransition):
            cancel_order(1)
        assert kit.order(1).attention is Attention.MISMATCH
    assert decide(app, staff, number, "complete") == 303
    with app.app_context():
        assert kit.order(1).payment_status is PaymentStatus.PENDING


@both_engines
@pytest.mark.parametrize(
    ("decision", "status", "went"),
    [
        ("accept", PaymentStatus.PAID, 0),
        ("complete", PaymentStatus.PENDING, TOTAL - 440),
        ("return", PaymentStatus.CANCELED, TOTAL - 440),
    ],
)
def test_money_that_could_not_be_sent_back_is_to_be_decided_again(
    app: Flask, client: ShopClient, decision: str, status: PaymentStatus, went: int
) -> None:
    """The order waits for its payment by then: nobody pays it while the first money is here."""
    number, _ = buy(app, client, "refund_fails", charge_other_amount=-440)
    staff = sign_in(app, ["orders.view", "orders.ship", "orders.refund"])
    assert decide(app, staff, number, "complete") == 303
    with app.app_context():
        assert start_payment(1)
        page = kit.newest_attempt(1)
        fail_refunds(app)
        order = kit.order(1)
        assert order.payment_status is PaymentStatus.PROCESSING
        assert order.attention is Attention.MISMATCH
        assert start_payment(1) is None
        drain()
        assert kit.newest_attempt(1).state is AttemptState.EXPIRED
        [dead] = [
            session for session in kit.sandbox_of(app).objects("checkout.session")
            if session["id"] == page.provider_ref
        ]  # fmt: skip
        assert dead["status"] == "expired"
        assert db.session.scalar(select(func.count(CheckoutAttempt.id))) == 2
        assert kit.stock(1) == (3, 1)
    page = client.get(f"/orders/{number}").text
    assert not [words for words in DENIALS if words in page]
    assert "payment has come" in page.lower()
    assert number in staff.get("/admin/orders?view=attention").text
    assert decide(app, staff, number, decision) == 303
    with app.app_context():
        order = kit.order(1)
        assert (order.payment_status, order.attention) == (status, Attention.NONE)
        gone = select(func.sum(Payment.amount_refunded))
        assert db.session.scalar(gone) == went


def test_a_decision_ends_the_page_on_which_the_order_can_still_be_paid(
    app: Flask, client: ShopClient
) -> None:
    """The money that was sent back came back, and no worker has ended the customer's page yet."""
    number, _ = buy(app, client, "refund_fails", charge_other_amount=-440)
    staff = sign_in(app, ["orders.view", "orders.ship", "orders.refund"])
    assert decide(app, staff, number, "complete") == 303
    with app.app_context():
        assert start_payment(1)
        fail_refunds(app)
        [payment] = kit.payments(1)
        with pytest.raises(InvalidTransition):
            accept_payment(1, payment.id)
        assert kit.newest_attempt(1).state is AttemptState.OPEN
    assert decide(app, staff, number, "accept") == 303
    with app.app_context():
        assert kit.newest_attempt(1).state is AttemptState.EXPIRED
        assert kit.order(1).payment_status is PaymentStatus.PAID


@both_engines
def test_many_hands_decide_once(app: Flask, client: ShopClient) -> None:
    buy(app, client, charge_other_amount=440)

    def by(use_case: Callable[[int, int], None]) -> Callable[[], str]:
        def run() -> str:
            with app.app_context():
                try:
                    use_case(1, 1)
                except ShopError:
                    return "refused"
                return "done"

        return run

    hands = [accept_payment, complete_payment, send_payment_back] * 2
    answers = together([by(hand) for hand in hands])
    assert sorted(answers) == ["done"] + ["refused"] * 5


def test_money_for_an_order_that_has_ended_is_said_and_decided(
    app: Flask, client: ShopClient
) -> None:
    """The page ended here, the provider charged a little less all the same."""
    with app.app_context():
        kit.open_shop()
        order, ref = kit.to_payment(kit.fill_cart(make_product(stock=3)))
        kit.sandbox_of(app).fault("charge_other_amount", -10)
        kit.pay(ref, deliver=False)
        from shop.orders.payment.end import end_dead_attempt

        end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
        reconcile()
        kept = kit.order(order.id)
        assert kept.payment_status is PaymentStatus.EXPIRED
        assert kept.attention is Attention.MISMATCH
        link, number = kept.access_token, kept.number
    page = client.get(f"/o/{link}").text
    assert "Your payment has come" in page
    assert "Nothing was charged" not in page
    staff = sign_in(app, ["orders.view", "orders.refund"])
    shown = staff.get(f"/admin/orders/{number}").text
    assert re.findall(r'name="decision" value="(\w+)"', shown) == ["accept", "return"]
    assert decide(app, staff, number, "accept") == 303
    with app.app_context():
        assert kit.order(order.id).payment_status is PaymentStatus.PAID
