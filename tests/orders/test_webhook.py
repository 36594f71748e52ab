"""The door for the provider: only what proves its origin gets in, and it is handled once."""

import json
import threading
import time

import pytest
import stripe
from flask import Flask
from sqlalchemy import func, select

from shop.core.db import db, transaction
from shop.models import Attention, Job, OrderEvent, PaymentStatus, WebhookEvent
from shop.orders.payment.webhook import HANDLERS
from shop.payments.gateway import EventKind
from shop.payments.stripe.events import HANDLED
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

URL = "/stripe/webhook"


@pytest.fixture
def paid(app: Flask) -> tuple[int, str, str]:
    """An order whose page was paid while no event got through: order id, session, event body."""
    with app.app_context():
        kit.open_shop()
        order, ref = kit.to_payment(kit.fill_cart(make_product()))
        kit.pay(ref, deliver=False)
        events = kit.sandbox_of(app).objects("event")
        completed = next(e for e in events if e["type"] == "checkout.session.completed")
        return order.id, ref, json.dumps(completed)


def secret(app: Flask) -> str:
    return kit.sandbox_of(app).config.webhook_secret


def signed(app: Flask, body: str, at: int | None = None, key: str = "") -> dict[str, str]:
    stamp = at or int(time.time())
    header = stripe.WebhookSignature.generate_signature_header(body, key or secret(app), stamp)
    return {"Stripe-Signature": header}


def status(app: Flask, order_id: int) -> PaymentStatus:
    with app.app_context():
        return kit.order(order_id).payment_status


def test_a_signed_event_pays_the_order(app: Flask, paid: tuple[int, str, str]) -> None:
    order_id, _, body = paid
    answer = app.test_client().post(URL, data=body, headers=signed(app, body))
    assert (answer.status_code, answer.text) == (200, "ok")
    assert status(app, order_id) is PaymentStatus.PAID
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("news", ["charge.dispute.created", "charge.refunded", "refund.created"])
def test_news_about_a_payment_may_overtake_the_news_of_it(
    app: Flask, paid: tuple[int, str, str], news: str
) -> None:
    order_id, ref, _ = paid
    sandbox = kit.sandbox_of(app)
    intent = sandbox.get("checkout.session", ref)["payment_intent"]
    charge = sandbox.get("payment_intent", intent)["latest_charge"]
    if "dispute" in news:
        sandbox.dispute(charge)
    else:
        sandbox.refund(charge, 100)
    body = json.dumps(next(e for e in sandbox.objects("event") if e["type"] == news))
    assert app.test_client().post(URL, data=body, headers=signed(app, body)).status_code == 200
    with app.app_context():
        order = kit.order(order_id)
        assert order.paid_at is not None
        assert (order.is_disputed, order.amount_refunded) == (
            ("dispute" in news), 0 if "dispute" in news else 100,
        )  # fmt: skip


def fraud_warning(app: Flask, ref: str, **changes: object) -> str:
    """The body of an early fraud warning about the payment of a page, as Stripe documents it."""
    intent = kit.sandbox_of(app).get("checkout.session", ref)["payment_intent"]
    warning = {
        "id": "issfr_1", "object": "radar.early_fraud_warning", "actionable": True,
        "charge": kit.sandbox_of(app).get("payment_intent", intent)["latest_charge"],
        "payment_intent": intent, "created": 1, "fraud_type": "made_with_stolen_card",
        "livemode": False, **changes,
    }  # fmt: skip
    event = {
        "id": f"evt_{len(changes)}", "object": "event", "created": 1, "livemode": False,
        "type": "radar.early_fraud_warning.created", "data": {"object": warning},
    }  # fmt: skip
    return json.dumps(event)


@both_engines
@pytest.mark.parametrize("before", [Attention.NONE, Attention.STOCK_SHORT])
def test_a_fraud_warning_reaches_staff_and_moves_nothing(
    app: Flask, paid: tuple[int, str, str], before: Attention
) -> None:
    order_id, ref, completed = paid
    client = app.test_client()
    client.post(URL, data=completed, headers=signed(app, completed))
    with app.app_context(), transaction():
        kit.order(order_id).attention = before
    body = fraud_warning(app, ref)
    for _ in range(2):
        assert client.post(URL, data=body, headers=signed(app, body)).status_code == 200
    with app.app_context():
        order = kit.order(order_id)
        assert order.payment_status is PaymentStatus.PAID
        assert order.attention == (before or Attention.FRAUD_WARNING)
        [event] = db.session.scalars(select(OrderEvent).where(OrderEvent.kind == "attention"))
        assert event.data == {"reason": "fraud_warning", "because": "made_with_stolen_card"}
        [job] = db.session.scalars(select(Job).where(Job.name == "mail.staff_attention"))
        assert job.payload == {"order_id": order_id, "reason": "fraud_warning"}


def test_a_fraud_warning_may_overtake_the_news_of_the_payment(
    app: Flask, paid: tuple[int, str, str]
) -> None:
    body = fraud_warning(app, paid[1])
    assert app.test_client().post(URL, data=body, headers=signed(app, body)).status_code == 200
    assert status(app, paid[0]) is PaymentStatus.PAID
    with app.app_context():
        assert kit.order(paid[0]).attention is Attention.FRAUD_WARNING


@both_engines
@pytest.mark.parametrize("intent", [None, "pi_somebody_elses", {"id": "pi_x"}, 7])
def test_a_fraud_warning_about_something_else_is_taken_and_forgotten(
    app: Flask, paid: tuple[int, str, str], intent: object
) -> None:
    body = fraud_warning(app, paid[1], payment_intent=intent)
    assert app.test_client().post(URL, data=body, headers=signed(app, body)).status_code == 200
    with app.app_context():
        assert kit.order(paid[0]).attention is Attention.NONE


def test_all_that_is_subscribed_to_is_acted_upon(app: Flask) -> None:
    assert set(HANDLED.values()) == set(HANDLERS) == set(EventKind)


@pytest.mark.parametrize("case", ["unsigned", "wrong key", "old", "future", "re-serialised"])
def test_what_proves_nothing_changes_nothing(
    app: Flask, paid: tuple[int, str, str], case: str
) -> None:
    order_id, _, body = paid
    headers = {
        "unsigned": {},
        "wrong key": signed(app, body, key="whsec_other"),
        "old": signed(app, body, int(time.time()) - 301),
        "future": signed(app, body, int(time.time()) + 3_600),
        "re-serialised": signed(app, json.dumps(json.loads(body), indent=1)),
    }[case]
    answer = app.test_client().post(URL, data=body, headers=headers)
    assert answer.status_code == 400
    assert status(app, order_id) is PaymentStatus.PENDING
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(WebhookEvent)) == 0


@both_engines
@pytest.mark.parametrize("body", ["", "[]", "null", "{", "\udcff", '"x"'])
def test_bodies_that_are_no_event(app: Flask, body: str) -> None:
    raw = body.encode("utf-8", "surrogateescape")
    header = stripe.WebhookSignature.generate_signature_header(
        raw.decode("latin-1"), secret(app), int(time.time())
    )
    answer = app.test_client().post(URL, data=raw, headers={"Stripe-Signature": header})
    assert answer.status_code == 400


def test_only_post_and_only_small(app: Flask) -> None:
    client = app.test_client()
    assert client.get(URL).status_code == 405
    assert client.post(URL, data=b"x" * (256 * 1024 + 1)).status_code == 413


def test_unknown_types_and_sessions_are_taken_and_forgotten(
    app: Flask, paid: tuple[int, str, str]
) -> None:
    for change in ({"type": "invoice.paid"}, {"id": "evt_other"}):
        event = {**json.loads(paid[2]), **change}
        if "id" in change:
            event["data"]["object"]["id"] = "cs_test_somebody_elses"
        body = json.dumps(event)
        assert app.test_client().post(URL, data=body, headers=signed(app, body)).status_code == 200
    assert status(app, paid[0]) is PaymentStatus.PENDING


def test_events_of_the_other_mode_are_refused(app: Flask, paid: tuple[int, str, str]) -> None:
    body = json.dumps({**json.loads(paid[2]), "livemode": True})
    assert app.test_client().post(URL, data=body, headers=signed(app, body)).status_code == 400
    assert status(app, paid[0]) is PaymentStatus.PENDING


@both_engines
def test_fifty_copies_at_once_are_one_fulfilment(app: Flask, paid: tuple[int, str, str]) -> None:
    order_id, ref, body = paid
    answers: list[int] = []

    def deliver(copy: int) -> None:
        event = json.loads(body)
        event["id"] = f"evt_copy{copy % 5}"  # the same payment under several event ids
        text = json.dumps(event)
        client = app.test_client()
        answers.append(client.post(URL, data=text, headers=signed(app, text)).status_code)

    def land() -> None:
        answer = app.test_client().get(f"/checkout/success?session_id={ref}")
        answers.append(answer.status_code)

    threads = [threading.Thread(target=deliver, args=(i,)) for i in range(50)]
    threads += [threading.Thread(target=land) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 500, 503}
    with app.app_context():
        assert kit.order(order_id).payment_status is PaymentStatus.PAID
        assert len(kit.payments(order_id)) == 1
        mails = select(func.count()).select_from(Job).where(Job.name == "mail.order_paid")
        assert db.session.scalar(mails) == 1


@both_engines
def test_a_failure_while_handling_is_sent_again_and_then_handled(
    app: Flask, paid: tuple[int, str, str]
) -> None:
    order_id, _, body = paid
    kit.sandbox_of(app).fault("fail", 500, route="GET /v1/checkout/sessions")
    client = app.test_client()
    assert client.post(URL, data=body, headers=signed(app, body)).status_code == 500
    assert status(app, order_id) is PaymentStatus.PENDING
    kit.sandbox_of(app).clear_faults()
    assert client.post(URL, data=body, headers=signed(app, body)).status_code == 200
    assert status(app, order_id) is PaymentStatus.PAID


def test_real_keys_without_a_secret_answer_503(make_app) -> None:
    app = make_app(STRIPE_SECRET_KEY="sk_test_abc", SANDBOX_CONTROL="")
    answer = app.test_client().post(URL, data="{}", headers={"Stripe-Signature": "t=1,v1=x"})
    assert answer.status_code == 503


@pytest.mark.parametrize("twist", ["duplicate", "new_id_duplicate", "reverse", "delay_s"])
def test_events_in_any_order_and_number(app: Flask, twist: str) -> None:
    with app.app_context():
        kit.open_shop()
        sandbox = kit.sandbox_of(app)
        sandbox.fault(twist, 2 if twist == "delay_s" else True)
        order, ref = kit.to_payment(kit.fill_cart(make_product()))
        kit.pay(ref)
        sandbox.advance(5)
        sandbox.deliver_due()
        assert kit.order(order.id).payment_status is PaymentStatus.PAID
        assert len(kit.payments(order.id)) == 1
