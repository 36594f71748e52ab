"""What the shop relies on and what nobody wrote down, held against the sandbox; and against Stripe
itself where STRIPE_CONTRACT_KEY is a test key and the internet is there. A difference fails."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import stripe

from shop import clock
from tests.contract.bench import working_bench
from tests.contract.sides import SIDES, Side, faults_of, sandbox_side, stripe_side
from tests.contract.tour import line, session

EXPAND = {"expand": ["payment_intent.latest_charge", "line_items"]}


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    if request.param == "stripe":
        yield stripe_side()
        return
    with working_bench(tmp_path) as bench:
        yield sandbox_side(bench)
        assert bench.witness.faults == []


def open_page(side, **changes):
    return side.client.v1.checkout.sessions.create(session(**changes))


def read_page(side, ref):
    found = side.client.v1.checkout.sessions.retrieve(ref, EXPAND)
    assert faults_of(found) == []
    return found


def make_coupon(side, **terms):
    given = {"duration": "once", **terms}
    if "amount_off" in terms:
        given["currency"] = "eur"
    return side.client.v1.coupons.create(given).id


def priced(*amounts, currency="eur"):
    return [
        {
            "quantity": 1,
            "price_data": {
                "currency": currency,
                "unit_amount": amount,
                "product_data": {"name": "Scarf"},
            },
        }
        for amount in amounts
    ]


def courier(amount):
    rate = {
        "display_name": "Courier",
        "type": "fixed_amount",
        "fixed_amount": {"amount": amount, "currency": "eur"},
    }
    return [{"shipping_rate_data": rate}]


# -- a page's life --


def test_before_the_first_attempt_there_is_no_payment(side):
    page = open_page(side)
    assert (page.status, page.payment_status, page.payment_intent) == ("open", "unpaid", None)
    assert faults_of(page) == []


def test_a_declined_attempt_leaves_a_payment_on_an_open_page(side):
    page = open_page(side)
    side.pay(page, "declined")
    page = read_page(side, page.id)
    assert (page.status, page.payment_status) == ("open", "unpaid")
    assert page.payment_intent.status == "requires_payment_method"
    assert page.payment_intent.last_payment_error.code == "card_declined"


def test_a_paid_page(side):
    page = open_page(side)
    side.pay(page, "visa")
    page = read_page(side, page.id)
    assert (page.status, page.payment_status, page.url) == ("complete", "paid", None)
    assert page.payment_intent.status == "succeeded"
    assert page.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert page.payment_intent.amount_received == page.amount_total == 14900


def test_a_page_can_be_closed_while_the_bank_asks(side):
    page = open_page(side)
    side.pay(page, "3ds")
    assert read_page(side, page.id).payment_intent.status == "requires_action"
    assert side.client.v1.checkout.sessions.expire(page.id).status == "expired"
    assert read_page(side, page.id).payment_intent.status == "canceled"


def test_the_lines_of_an_open_page_cannot_be_changed(side):
    page = open_page(side)
    error = side.error(
        lambda c: c.v1.checkout.sessions.update(page.id, {"line_items": [{"quantity": 2}]})
    )
    assert error.http_status == 400


def test_a_page_offers_delivery_without_asking_for_an_address(side):
    page = open_page(side, shipping_options=courier(900))
    assert page.amount_total == 14900 + 900
    assert page.shipping_cost.amount_total == 900


# -- totals --


def test_a_page_for_nothing_is_unpaid_until_it_is_complete(side):
    coupon = make_coupon(side, percent_off=100)
    page = open_page(side, discounts=[{"coupon": coupon}])
    assert (page.amount_total, page.status) == (0, "open")
    assert page.payment_status == "unpaid"


def test_a_percentage_is_rounded_half_up_over_the_whole(side):
    coupon = make_coupon(side, percent_off=15)
    page = open_page(side, line_items=priced(333, 333, 337), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 150  # of 150.45
    page = open_page(side, line_items=priced(333, 333, 334), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 150
    page = open_page(side, line_items=priced(335, 335, 340), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 152  # of 151.5


def test_an_amount_off_comes_off_to_the_unit(side):
    coupon = make_coupon(side, amount_off=100)
    page = open_page(side, line_items=priced(333, 333, 334), discounts=[{"coupon": coupon}])
    assert page.total_details.amount_discount == 100
    assert page.amount_total == 900


def test_a_coupon_does_not_touch_the_delivery(side):
    coupon = make_coupon(side, amount_off=5000)
    page = open_page(
        side,
        line_items=priced(2000),
        discounts=[{"coupon": coupon}],
        shipping_options=courier(900),
    )
    assert (page.total_details.amount_discount, page.amount_total) == (2000, 900)


def test_a_coupon_for_one_use_opens_two_pages_and_is_used_up_by_the_first_payment(side):
    coupon = make_coupon(side, amount_off=500, max_redemptions=1)
    first = open_page(side, discounts=[{"coupon": coupon}])
    assert open_page(side, discounts=[{"coupon": coupon}]).status == "open"
    side.pay(first, "visa")
    error = side.error(
        lambda c: c.v1.checkout.sessions.create(session(discounts=[{"coupon": coupon}]))
    )
    assert error.http_status == 400


@pytest.mark.parametrize(
    ("currency", "amount", "works"),
    [
        ("eur", 49, False),
        ("eur", 50, True),
        ("usd", 49, False),
        ("gbp", 30, True),
        ("thb", 999, False),
        ("thb", 1000, True),
        ("jpy", 49, False),
        ("jpy", 50, True),
        ("huf", 17499, False),
        ("isk", 10_000, True),
        ("ugx", 500_000, True),
        ("kwd", 5_000, True),
    ],
)
def test_the_least_that_can_be_paid(side, currency, amount, works):
    items = priced(amount, currency=currency)
    if works:
        assert open_page(side, line_items=items).amount_total == amount
        return
    error = side.error(lambda c: c.v1.checkout.sessions.create(session(line_items=items)))
    assert (error.http_status, error.code) == (400, "amount_too_small")
    assert "must add up to at least" in str(error.user_message)


def test_isk_is_sent_with_two_empty_decimals_and_kwd_with_a_last_zero(side):
    for currency, amount in (("isk", 10_050), ("kwd", 5_001)):
        items = priced(amount, currency=currency)
        error = side.error(lambda c, i=items: c.v1.checkout.sessions.create(session(line_items=i)))
        assert error.http_status == 400


# -- refusals: status, code, parameter, words --


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


# -- idempotency --


def test_a_key_brings_back_the_first_answer(side):
    params, key = session(), {"idempotency_key": str(uuid4())}
    sessions = side.client.v1.checkout.sessions
    first, second = sessions.create(params, key), sessions.create(params, key)
    assert first.id == second.id
    assert "idempotent-replayed" not in first.last_response.headers
    assert second.last_response.headers["idempotent-replayed"] == "true"


def test_a_key_belongs_to_its_parameters_and_its_operation(side):
    params, key = session(), {"idempotency_key": str(uuid4())}
    side.client.v1.checkout.sessions.create(params, key)
    others = [
        lambda c: c.v1.checkout.sessions.create({**params, "client_reference_id": "2"}, key),
        lambda c: c.v1.products.create({"name": "Scarf"}, key),
    ]
    for call in others:
        error = side.error(call)
        assert isinstance(error, stripe.IdempotencyError)
        assert error.http_status == 400


def test_a_key_is_not_spent_on_a_request_that_was_not_valid(side):
    key = {"idempotency_key": str(uuid4())}
    side.error(lambda c: c.v1.checkout.sessions.create(without("line_items"), key))
    assert side.client.v1.checkout.sessions.create(session(), key).status == "open"


# -- lists and expansion --


def test_lists_go_backwards_and_their_cursors_both_ways(side):
    made = [
        side.client.v1.coupons.create({"percent_off": n, "duration": "once"}).id for n in (1, 2, 3)
    ]
    coupons = side.client.v1.coupons
    newest = coupons.list({"limit": 3})
    assert [one.id for one in newest.data] == made[::-1]
    assert [one.id for one in coupons.list({"limit": 1, "starting_after": made[2]}).data] == [
        made[1]
    ]
    assert [one.id for one in coupons.list({"limit": 1, "ending_before": made[0]}).data] == [
        made[1]
    ]


def test_the_lines_of_a_page_come_when_asked_for(side):
    page = open_page(side, line_items=priced(*range(100, 112)))
    found = read_page(side, page.id)
    assert len(found.line_items.data) == 10
    assert found.line_items.has_more is True
    lines = side.client.v1.checkout.sessions.line_items.list(page.id, {"limit": 100})
    assert sorted(item.amount_total for item in lines.data) == list(range(100, 112))
    plain = side.client.v1.checkout.sessions.retrieve(page.id)
    assert getattr(plain, "line_items", None) is None


def test_pages_are_filtered_by_time_and_state_and_by_nothing_of_ours(side):
    page = open_page(side, client_reference_id="MF-1001")
    window = {"gte": page.created, "lte": page.created}
    found = side.client.v1.checkout.sessions.list({"created": window, "status": "open"})
    assert page.id in [one.id for one in found.data]
    error = side.error(
        lambda c: c.raw_request("get", "/v1/checkout/sessions?client_reference_id=MF-1001")
    )
    assert error.http_status == 400


# -- webhooks --


def test_only_the_making_of_an_endpoint_tells_its_secret(side):
    endpoints = side.client.v1.webhook_endpoints
    made = endpoints.create(
        {
            "url": f"https://shop.example/{uuid4().hex}",
            "enabled_events": ["checkout.session.completed"],
            "api_version": stripe.api_version,
        }
    )
    try:
        assert made.secret.startswith("whsec_")
        assert made.api_version == stripe.api_version
        assert getattr(endpoints.retrieve(made.id), "secret", None) is None
    finally:
        endpoints.delete(made.id)
