"""Events against the answer that says what they are about: whichever comes first, it is paid."""

from collections.abc import Callable

import pytest
from flask import Flask

from shop.core import clock
from shop.core.clock import monotonic, pause
from shop.core.db import arm_crash_points, db
from shop.jobs import drain
from shop.models import Order, PaymentStatus
from shop.orders.services import start_payment
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.races.race_kit import count, together

pytestmark = both_engines


def overtake(app: Flask) -> bool:
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
                return
            pause(0.005)

    together([open_page, buy])
    clock.move(11)
    with app.app_context():
        drain()
        db.session.rollback()
        return db.session.get_one(Order, placed.order.id).payment_status is PaymentStatus.PAID


@pytest.mark.parametrize("window", ["", "after-session=0.2"])
def test_an_event_that_overtakes_the_answer_is_not_forgotten(app: Flask, window: str) -> None:
    arm_crash_points(window)
    try:
        assert all(overtake(app) for _ in range(count(40)))
    finally:
        arm_crash_points("")


@pytest.mark.no_audit("the control forgets a payment")
def test_control_without_the_inbox_it_is(app: Flask, unguard: Callable[..., None]) -> None:
    unguard("webhook.keep", "webhook.wake")
    arm_crash_points("after-session=0.5")
    try:
        assert not all(overtake(app) for _ in range(5))
    finally:
        arm_crash_points("")
