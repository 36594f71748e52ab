"""Refusals the shop reads: status, code and words, on both sides of the conformance tests."""

from uuid import uuid4

import pytest
import stripe

from shop.core import clock
from tests.contract.operations_walk import line, session
from tests.contract.sides import open_page, priced, read_page


def without(name):
    return {key: value for key, value in session().items() if key != name}


def create(**changes):
    return lambda c: c.v1.checkout.sessions.create(session(**changes))


def post(path, **params):
    return lambda c: c.raw_request("post", path, **params)


def with_product(**product):
    items = [line(**product)]
    return create(line_items=items)


def soon(seconds):
    return lambda c: c.v1.checkout.sessions.create(session(expires_at=clock.epoch() + seconds))


REFUSALS = {
    "unknown page": (
        lambda c: c.v1.checkout.sessions.retrieve("cs_test_nowhere"),
        (404, "resource_missing"),
        "No such checkout.session: 'cs_test_nowhere'",
    ),
    "unknown payment": (
        lambda c: c.v1.payment_intents.retrieve("pi_nowhere"),
        (404, "resource_missing"),
        "No such payment_intent: 'pi_nowhere'",
    ),
    "unknown product in a line": (
        with_product(product="prod_nowhere"),
        (400, "resource_missing"),
        "No such product: 'prod_nowhere'",
    ),
    "unknown coupon": (
        create(discounts=[{"coupon": "nothing"}]),
        (400, "resource_missing"),
        "No such coupon: 'nothing'",
    ),
    "parameter of another age": (
        post("/v1/checkout/sessions", **session(payment_method_types=["card"])),
        (400, "parameter_unknown"),
        "Received unknown parameter: payment_method_types",
    ),
    "empty text": (
        create(client_reference_id=""),
        (400, "parameter_invalid_empty"),
        "You passed an empty string for 'client_reference_id'",
    ),
    "no integer": (
        post("/v1/refunds", payment_intent="pi_1", amount="12.5"),
        (400, "parameter_invalid_integer"),
        "Invalid integer: 12.5",
    ),
    "nothing to sell": (
        lambda c: c.v1.checkout.sessions.create(without("line_items")),
        (400, "parameter_missing"),
        "line_items",
    ),
    "nowhere to go back to": (
        lambda c: c.v1.checkout.sessions.create(without("success_url")),
        (400, "parameter_missing"),
        "success_url",
    ),
    "two kinds of discount": (
        create(discounts=[{"coupon": "x"}], allow_promotion_codes=True),
        (400, None),
        "You may only specify one of these parameters: allow_promotion_codes, discounts.",
    ),
    "two kinds of buyer": (
        create(customer="cus_x", customer_email="a@b.example"),
        (400, None),
        "You may only specify one of these parameters: customer, customer_email.",
    ),
    "two currencies": (
        create(line_items=priced(1000) + priced(1000, currency="usd")),
        (400, None),
        "currenc",
    ),
    "101 lines": (create(line_items=priced(*[1000] * 101)), (400, None), "100"),
    "too soon": (
        soon(600),
        (400, None),
        "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
    ),
    "too late": (
        soon(25 * 3600),
        (400, None),
        "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
    ),
    "a page too long": (
        lambda c: c.v1.checkout.sessions.list({"limit": 101}),
        (400, "parameter_invalid_integer"),
        "100",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals(side, name):
    call, (status, code), words = REFUSALS[name]
    error = side.error(call)
    assert isinstance(error, stripe.InvalidRequestError)
    assert error.http_status == status
    assert code in (error.code, None)
    assert words in str(error.user_message)
    assert error.request_id


def test_closing_a_page_that_is_no_longer_open(side):
    paid = open_page(side)
    side.pay(paid, "visa")
    closed = open_page(side)
    side.client.v1.checkout.sessions.expire(closed.id)
    for page, status in ((paid, "complete"), (closed, "expired")):
        error = side.error(lambda c, ref=page.id: c.v1.checkout.sessions.expire(ref))
        assert error.http_status == 400
        assert error.user_message == (
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{status}`."
        )


def test_what_exists_already(side):
    for service in ("products", "coupons"):
        params = {"id": f"vitrine_{uuid4().hex}"}
        params |= {"name": "x"} if service == "products" else {"percent_off": 10}
        getattr(side.client.v1, service).create(params)
        error = side.error(lambda c, s=service, p=params: getattr(c.v1, s).create(p))
        assert (error.http_status, error.code) == (400, "resource_already_exists")


def test_more_than_was_paid_does_not_go_back(side):
    page = open_page(side)
    side.pay(page, "visa")
    intent = read_page(side, page.id).payment_intent.id
    refunds = side.client.v1.refunds
    error = side.error(lambda c: refunds.create({"payment_intent": intent, "amount": 14901}))
    assert error.http_status == 400
    refunds.create({"payment_intent": intent})
    error = side.error(lambda c: refunds.create({"payment_intent": intent}))
    assert (error.http_status, error.code) == (400, "charge_already_refunded")


def test_a_wrong_key_is_401(side):
    options = {"api_key": "sk_test_sandboxwrong"}
    error = side.error(lambda c: c.v1.balance.retrieve(None, options))
    assert isinstance(error, stripe.AuthenticationError)
    assert error.http_status == 401
