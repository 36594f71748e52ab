"""A provider that hangs: one budget of 12 s for whatever a request asks of it, tries included."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask

from sandboxes.transport import READ_TIMEOUT, call
from shop.core import clock
from shop.payments.errors import PaymentUnavailable
from shop.payments.patience import BUDGET, begin_waiting, end_waiting, time_left
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway
from shop.payments.stripe.transport import network_transport
from tests.checkout.test_pages import FORM, fields
from tests.client import ShopClient
from tests.coupons.kit import coupon
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def waits() -> Iterator[list[float]]:
    """The seconds that each try was given, and waited."""
    with clock.restored():
        yield []
    end_waiting()


def hang(waits: list[float], status: int = 0) -> Callable[..., Any]:
    """Let the provider answer nothing, or a status, for as long as it is given."""

    def hanging(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        given = environ[READ_TIMEOUT]
        waits.append(given)
        clock.elapse(given if not status else 1.0)
        if status:
            start_response(f"{status} Trouble", [("Content-Type", "application/json")])
            return [b'{"error": {"type": "api_error", "message": "later"}}']
        raise TimeoutError("played")

    return hanging


def gateway(waits: list[float], status: int = 0) -> Any:
    return StripeGateway(
        GatewayConfig(
            secret_key="sk_test_sandbox_x",
            in_process=partial(call, hang(waits, status)),
            pause_scale=0,
        )
    )


def test_the_tries_of_one_call_share_the_budget(waits: list[float]) -> None:
    begin_waiting()
    with pytest.raises(PaymentUnavailable) as caught:
        gateway(waits).get_session("cs_test_1")
    assert waits == [8, pytest.approx(4, abs=0.5)]
    assert sum(waits) <= BUDGET
    assert caught.value.is_outcome_unknown


def test_the_calls_of_one_request_share_it_and_none_is_begun_too_late(waits: list[float]) -> None:
    begin_waiting()
    for _ in range(3):
        with pytest.raises(PaymentUnavailable) as caught:
            gateway(waits).get_session("cs_test_1")
    assert sum(waits) <= BUDGET
    assert not caught.value.is_outcome_unknown
    assert time_left() == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_refused_tries_end_with_it_too(waits: list[float], status: int) -> None:
    begin_waiting(2.2)
    with pytest.raises(PaymentUnavailable):
        gateway(waits, status).get_session("cs_test_1")
    assert len(waits) <= 2


def test_who_works_for_nobody_in_particular_is_patient(waits: list[float]) -> None:
    with pytest.raises(PaymentUnavailable):
        gateway(waits).get_session("cs_test_1")
    assert waits == [8, 8, 8]


def test_over_the_network_a_try_has_what_is_left(waits: list[float]) -> None:
    transport: Any = network_transport((3, 8), is_stripe=True)
    assert (transport._timeout.connect_timeout, transport._timeout.total) == (3, None)
    begin_waiting()
    clock.elapse(10)
    bound = transport._timeout
    assert bound.total == pytest.approx(2, abs=0.5)
    assert bound.connect_timeout <= bound.total
    assert not transport._should_retry(None, _lost(), 1, 2)
    end_waiting()
    assert transport._should_retry(None, _lost(), 1, 2)


def _lost() -> Any:
    import stripe

    return stripe.APIConnectionError("lost", should_retry=True)


def test_a_buyer_gets_an_answer_in_time_and_can_go_on(
    app: Flask, client: ShopClient, waits: list[float]
) -> None:
    """With a coupon, the checkout makes two calls; the button on the order's page repeats them."""
    with app.app_context():
        kit.open_shop()
        variant = make_product(stock=3).variants[0].id
        coupon("TEN")
    client.submit("/cart/items", {"variant_id": variant}, page="/cart")
    client.submit("/cart/coupon", {"code": "TEN"}, page="/cart")
    page = client.get("/checkout")
    form = {**FORM, **fields(page.text), "csrf_token": client.token("/cart")}
    well = app.extensions["payments"]["sandbox"]
    sandbox = app.extensions["sandbox"].sandbox
    app.extensions["payments"]["sandbox"] = StripeGateway(
        GatewayConfig(
            secret_key=sandbox.config.secret_key,
            in_process=partial(call, hang(waits)),
            pause_scale=0,
        )
    )
    assert client.post("/checkout", data=form).status_code == 502
    assert 0 < sum(waits) <= BUDGET
    assert time_left() is None
    app.extensions["payments"]["sandbox"] = well
    form["csrf_token"] = client.token("/cart")
    assert client.post("/checkout", data=form).status_code == 303
