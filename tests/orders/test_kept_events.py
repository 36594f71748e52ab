"""An event may come before the shop knows what it is about: it is kept and looked at again."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import func, select

from shop.core import clock
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.models import CheckoutAttempt, PaymentStatus, WebhookEvent
from shop.orders.payment.inbox import LOOKS
from shop.orders.payment.page import store_page
from shop.orders.services import reconcile
from shop.payments.current import gateway
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.orders.test_webhook import URL, signed

pytestmark = both_engines


@pytest.fixture
def overtaken(app: Flask) -> tuple[int, str, str]:
    """An order paid at the provider before its page's address was stored: id, attempt, event."""
    with app.app_context():
        kit.open_shop()
        placed = kit.place(kit.fill_cart(make_product()))
        attempt = placed.attempt
        assert attempt is not None
        state = gateway("sandbox").create_session(attempt.params, attempt.id)
        kit.pay(state.ref, deliver=False)
        events = kit.sandbox_of(app).objects("event")
        body = next(e for e in events if e["type"] == "checkout.session.completed")
        return placed.order.id, attempt.id, json.dumps(body)


def deliver(app: Flask, body: str) -> int:
    header = signed(app, body, clock.epoch())
    return app.test_client().post(URL, data=body, headers=header).status_code


def the_event() -> WebhookEvent:
    db.session.rollback()
    return db.session.scalars(select(WebhookEvent)).one()


def store(attempt_id: str, body: str) -> None:
    """Write down the answer that the event has overtaken."""
    ref = json.loads(body)["data"]["object"]["id"]
    state = gateway("sandbox").get_session(ref)
    assert store_page(db.session.get_one(CheckoutAttempt, attempt_id), state)


@pytest.mark.parametrize("healer", ["who stores", "who kept", "the reconciler"])
def test_it_is_looked_at_again_when_it_is_known(
    app: Flask, overtaken: tuple[int, str, str], healer: str
) -> None:
    """Each of the three is enough alone: the others' jobs are taken away."""
    order_id, attempt_id, body = overtaken
    assert deliver(app, body) == 200
    with app.app_context():
        assert the_event().processed_at is None
        assert kit.order(order_id).payment_status is PaymentStatus.PENDING
        store(attempt_id, body)
        jobs = {"who stores": "woken:%", "who kept": "kept:%", "the reconciler": ""}[healer]
        with transaction() as session:
            others = "DELETE FROM job WHERE dedupe_key NOT LIKE :jobs"
            session.connection().execute(sa.text(others), {"jobs": jobs})
        if healer != "who stores":
            clock.move(11)
        if healer == "the reconciler":
            clock.move(61)
            reconcile()
        else:
            drain()
        assert kit.order(order_id).payment_status is PaymentStatus.PAID
        assert the_event().processed_at is not None
        assert the_event().error == ""


def test_a_shop_that_died_before_it_stored_the_answer_finds_it_all_the_same(
    app: Flask, overtaken: tuple[int, str, str]
) -> None:
    order_id, _, body = overtaken
    assert deliver(app, body) == 200
    with app.app_context():
        clock.move(32 * 60)
        kit.sandbox_of(app).advance(32 * 60)
        reconcile()
        drain()
        assert kit.order(order_id).payment_status is PaymentStatus.PAID
        assert the_event().processed_at is not None


def test_pages_of_others_cost_nothing_and_go_in_time(
    app: Flask, overtaken: tuple[int, str, str]
) -> None:
    """Another shop uses the same account: its page is there, but no attempt of ours."""
    _, attempt_id, body = overtaken
    assert deliver(app, body) == 200
    with app.app_context():
        with transaction() as session:
            session.execute(sa.delete(CheckoutAttempt).where(CheckoutAttempt.id == attempt_id))
        for _ in range(2):
            clock.move(60)
            drain()
            assert reconcile().failed == 0
        assert the_event().attempts == 1


def test_news_without_a_page_of_its_own_is_looked_at_a_few_times(
    app: Flask, overtaken: tuple[int, str, str]
) -> None:
    order_id, _, body = overtaken
    intent = json.loads(body)["data"]["object"]["payment_intent"]
    event: dict[str, Any] = {
        "id": "evt_warning", "object": "event", "created": 1, "livemode": False,
        "type": "radar.early_fraud_warning.created",
        "data": {"object": {"id": "issfr_1", "object": "radar.early_fraud_warning",
                            "payment_intent": intent, "fraud_type": "misc"}},
    }  # fmt: skip
    assert deliver(app, json.dumps(event)) == 200
    with app.app_context():
        for _ in range(2 * LOOKS):
            clock.move(61)
            drain()
            reconcile()
        looks = select(WebhookEvent.attempts).where(WebhookEvent.event_id == "evt_warning")
        assert db.session.scalar(looks) == LOOKS
        assert kit.order(order_id).payment_status is PaymentStatus.PENDING


def test_an_event_that_could_not_be_handled_says_why_and_is_handled_again(
    app: Flask, overtaken: tuple[int, str, str]
) -> None:
    order_id, attempt_id, body = overtaken
    with app.app_context():
        store(attempt_id, body)
        kit.make_ill(order_id, "payment_status", "pending")
    try:
        assert deliver(app, body) == 500
        with app.app_context():
            assert "IntegrityError" in the_event().error
            assert "@" not in the_event().error
    finally:
        with app.app_context():
            kit.heal()
    with app.app_context():
        clock.move(61)
        reconcile()
        assert kit.order(order_id).payment_status is PaymentStatus.PAID
        assert db.session.scalar(select(func.count()).select_from(WebhookEvent)) == 1


def test_a_busy_database_is_no_failure_of_ours(app: Flask, overtaken: tuple[int, str, str]) -> None:
    order_id, attempt_id, body = overtaken
    with app.app_context():
        store(attempt_id, body)
        is_sqlite = db.engine.dialect.name == "sqlite"
        short = "PRAGMA busy_timeout = 50" if is_sqlite else "SET lock_timeout = '50ms'"

        @sa.event.listens_for(db.engine, "checkout")
        def impatient(connection: Any, *_: object) -> None:
            connection.cursor().execute(short)

        with db.engine.connect() as other:
            if not is_sqlite:
                other.exec_driver_sql("LOCK TABLE webhook_event")
            else:
                other.exec_driver_sql("COMMIT")
                other.exec_driver_sql("BEGIN IMMEDIATE")
            header = signed(app, body, clock.epoch())
            answer = app.test_client().post(URL, data=body, headers=header)
            other.exec_driver_sql("ROLLBACK")
        sa.event.remove(db.engine, "checkout", impatient)
        db.engine.dispose()  # and with the connections their short patience
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert deliver(app, body) == 200
    with app.app_context():
        assert kit.order(order_id).payment_status is PaymentStatus.PAID
