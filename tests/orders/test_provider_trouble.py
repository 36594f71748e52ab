"""The provider slow, silent, broken or refusing while a page is opened: never two open pages."""

import pytest
from flask import Flask

from shop.core import clock
from shop.core.config import ConfigError
from shop.core.db import db, transaction
from shop.core.errors import CartError
from shop.models import AttemptState, DeliveryMethod, PaymentStatus
from shop.orders.services import start_payment, sweep
from shop.payments.errors import PaymentUnavailable
from shop.shared.page_versions import bump_settings
from tests.factories import make_product
from tests.orders import kit

CREATE = "POST /v1/checkout/sessions$"


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> Flask:
    kit.open_shop()
    return ctx


def open_pages(app: Flask) -> int:
    return sum(p["status"] == "open" for p in kit.sandbox_of(app).objects("checkout.session"))


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("drop_after", True),
        ("hang_s", 20),
        ("fail", 500),
        ("fail_after", 500),
        ("fail", 503),
        ("fail", 429),
        ("fail", 409),
        ("bad_json", True),
        ("reset_connection", True),
    ],
)
def test_whatever_goes_wrong_there_is_one_open_page_in_the_end(
    shop: Flask, fault: str, value: object
) -> None:
    sandbox = kit.sandbox_of(shop)
    sandbox.fault(fault, value, route=CREATE)
    placed = kit.place(kit.fill_cart(make_product(stock=1)))
    with pytest.raises(PaymentUnavailable):
        start_payment(placed.order.id, placed.attempt)
    assert open_pages(shop) <= 1
    sandbox.clear_faults()
    url = None
    for _ in range(3):
        try:
            url = start_payment(placed.order.id)
        except PaymentUnavailable:
            continue
        break
    assert url
    assert open_pages(shop) == 1
    attempt = kit.newest_attempt(placed.order.id)
    assert attempt.state is AttemptState.OPEN
    kit.pay(attempt.provider_ref or "")
    assert kit.order(placed.order.id).payment_status is PaymentStatus.PAID


def test_an_attempt_that_waited_too_long_makes_the_next_one(shop: Flask) -> None:
    """The provider refuses an end that is too near: there is no page, so the next may be made."""
    placed = kit.place(kit.fill_cart(make_product()))
    db.session.close()
    clock.move(31 * 60)
    kit.sandbox_of(shop).advance(31 * 60)
    assert start_payment(placed.order.id, placed.attempt)
    assert kit.newest_attempt(placed.order.id).n == 2
    assert open_pages(shop) == 1


def test_a_page_is_offered_again_until_its_time_is_over(shop: Flask) -> None:
    order, _ = kit.to_payment(kit.fill_cart(make_product()))
    url = kit.newest_attempt(order.id).session_url
    assert start_payment(order.id) == url
    db.session.close()
    clock.move(32 * 60)
    kit.sandbox_of(shop).advance(32 * 60)
    sweep()
    assert open_pages(shop) == 0


@pytest.mark.parametrize("price", [1, 49])
def test_a_total_too_small_for_a_card_is_stopped_in_the_bag(price: int) -> None:
    from sqlalchemy import update

    from shop.core.db import changed

    with transaction():
        changed(update(DeliveryMethod).values(unit_amount=0))
        bump_settings()
    cart_id = kit.fill_cart(make_product(price=price))
    with pytest.raises(CartError, match="too small"):
        kit.place(cart_id)


def test_yen_have_no_decimals(make_app) -> None:
    app = make_app(CURRENCY="JPY")
    with app.app_context():
        product = make_product(price=14800)
        order, ref = kit.to_payment(kit.fill_cart(product))
        db.session.close()
        state = app.extensions["payments"]["sandbox"].get_session(ref)
        assert (state.amount, state.currency) == (15400, "JPY")
        sandbox = kit.sandbox_of(app)
        sandbox.pay(ref, deliver=False)
        from shop.orders.services import fulfil

        assert fulfil("sandbox", ref) == "paid"
        assert kit.order(order.id).amount_paid == 15400


@pytest.mark.parametrize("currency", ["KWD", "BHD", "ISK", "XXX"])
def test_currencies_without_tests_are_refused_at_start(make_app, currency: str) -> None:
    with pytest.raises(ConfigError, match="not supported"):
        make_app(CURRENCY=currency)


@pytest.mark.parametrize(
    "settings",
    [
        {"STRIPE_SECRET_KEY": "sk_live_x", "SANDBOX_CONTROL": "1"},
        {"STRIPE_SECRET_KEY": "sk_live_x", "SANDBOX_CONTROL": "", "SANDBOX_DEMO": "1"},
        {
            "STRIPE_SECRET_KEY": "sk_live_x",
            "SANDBOX_CONTROL": "",
            "STRIPE_API_BASE": "http://127.0.0.1:1",
        },
        {"STRIPE_SECRET_KEY": "sk_test_sandboxabc", "SANDBOX_CONTROL": ""},
        {"SHOP_ENV": "production", "SANDBOX_CONTROL": "", "TRUSTED_HOSTS": "localhost"},
    ],
)
def test_a_real_key_and_the_sandbox_never_run_together(make_app, settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        make_app(**settings)
