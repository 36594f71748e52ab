"""Events against the answer that says what they are about: whichever comes first, it is paid."""

import threading

import pytest
from flask import Flask

from shop.core import clock
from shop.core.clock import monotonic, pause
from shop.core.db import db
from shop.jobs import drain
from shop.models import CheckoutAttempt, Order, PaymentStatus
from shop.orders.payment import page
from shop.orders.services import start_payment
from shop.payments.gateway import SessionState
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import count, together
from tests.races.unguarded import forget_what_is_unknown

pytestmark = both_engines


def overtake(app: Flask, has_paid: threading.Event) -> bool:
    """Pay a page while its answer is on its way to the shop; return whether the order is paid."""
    sandbox = kit.sandbox_of(app)
    with app.app_context():
        placed = kit.place(kit.fill_cart(make_product()))
    before = {page["id"] for page in sandbox.objects("checkout.session")}

    def open_page() -> None:
        with app.app_context():
            start_payment(placed.order.id)

    def buy() -> None:
        until = monotonic() + 30
        while monotonic() < until:
            new = [p["id"] for p in sandbox.objects("checkout.session") if p["id"] not in before]
            if new:
                sandbox.pay(new[0], "visa")
                has_paid.set()
                return
            pause(0.005)

    together([open_page, buy])
    with clock.restored(), app.app_context():  # the provider's stays: each round begins with both
        clock.move(11)
        drain()
        db.session.rollback()
        return db.session.get_one(Order, placed.order.id).payment_status is PaymentStatus.PAID


@pytest.fixture
def has_paid(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let the answer be written down only when the buyer has paid, however long that takes."""
    event, really = threading.Event(), page.store_page

    def store(attempt: CheckoutAttempt, state: SessionState) -> bool:
        assert event.wait(60)
        return really(attempt, state)

    monkeypatch.setattr(page, "store_page", store)
    return event


def test_whichever_comes_first_it_is_paid(app: Flask) -> None:
    assert all(overtake(app, threading.Event()) for _ in range(count(40)))


def test_an_event_that_overtakes_the_answer_is_not_forgotten(
    app: Flask, has_paid: threading.Event
) -> None:
    assert overtake(app, has_paid)


@pytest.mark.no_audit("the control forgets a payment")
def test_control_without_the_inbox_it_is(
    app: Flask, has_paid: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_what_is_unknown(monkeypatch)
    assert not overtake(app, has_paid)
