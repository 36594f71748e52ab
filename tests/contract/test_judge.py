from urllib.parse import urlencode

import pytest
from stripe._encode import _api_encode

from shop.payments.page_request import Line, Shipping
from shop.payments.stripe.params import session_params
from tests.contract.contract_checker import Judge
from tests.contract.examples import MOMENT, example
from tests.contract.forms import BadForm, decode_form
from tests.contract.session_rules import session_faults

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture(scope="module")
def judge():
    return Judge()


def test_forms_nest_as_stripe_reads_them():
    assert decode_form("a[b][0][c]=1&a[b][1][c]=2&d[]=x&d[]=y&e=%C3%A9&f=") == {
        "a": {"b": [{"c": "1"}, {"c": "2"}]},
        "d": ["x", "y"],
        "e": "é",
        "f": "",
    }


@pytest.mark.parametrize("text", ["a=1&a[b]=2", "a" + "[b]" * 20 + "=1"])
def test_forms_that_contradict_themselves_are_refused(text):
    with pytest.raises(BadForm):
        decode_form(text)


# -- requests --


def test_a_valid_request_becomes_typed_values(judge):
    body = "payment_intent=pi_1&amount=500&metadata[refund_uuid]=u&reason=duplicate"
    assert judge.request("POST", "/v1/refunds", body) == (
        {
            "payment_intent": "pi_1",
            "amount": 500,
            "metadata": {"refund_uuid": "u"},
            "reason": "duplicate",
        },
        [],
    )


def test_queries_are_judged_like_bodies(judge):
    address = f"{SESSIONS}?created[gte]=5&limit=100&status=complete&expand[]=data.payment_intent"
    params, faults = judge.request("GET", address)
    assert faults == []
    assert params["created"] == {"gte": 5}
    assert judge.request("GET", f"{SESSIONS}?client_reference_id=7")[1] == [
        "client_reference_id: unknown parameter"
    ]


@pytest.mark.parametrize(
    ("verb", "path", "body", "fault"),
    [
        ("POST", "/v1/nonsense", "", "no such operation: POST /v1/nonsense"),
        ("DELETE", "/v1/refunds/re_1", "", "no such operation: DELETE /v1/refunds/re_1"),
        ("POST", "/v1/refunds", "amount=12.5", "amount: '12.5' is no integer"),
        ("POST", "/v1/refunds", "amount=١٢", "amount: '١٢' is no integer"),
        ("POST", "/v1/refunds", "amount=", "amount: empty, and cannot be unset"),
        ("POST", "/v1/refunds", "amount[x]=1", "amount: not a plain value"),
        ("POST", "/v1/refunds", "metadata=x", "metadata: not a hash"),
        ("POST", "/v1/refunds", "reason=bored", "reason: 'bored' is none of"),
        ("POST", "/v1/products", "active=yes&name=x", "active: 'yes' is no boolean"),
        ("POST", "/v1/products", "active=true", "name: missing"),
        ("POST", "/v1/products", "name=x&images=y", "images: not a list"),
        (
            "POST",
            SESSIONS,
            "payment_method_types[]=card",
            "payment_method_types: unknown parameter",
        ),
        ("POST", SESSIONS, "ui_mode=hosted", "ui_mode: 'hosted' is none of"),
        (
            "POST",
            SESSIONS,
            "line_items[0][price_data][unit_amount]=1",
            "line_items[0][price_data][currency]: missing",
        ),
        ("POST", SESSIONS, "mode=payment&mode[x]=1", "a value and a hash at once: mode[x]"),
    ],
)
def test_an_invalid_request_is_told_why(judge, verb, path, body, fault):
    [found] = judge.request(verb, path, body)[1]
    assert found.startswith(fault)


# -- answers --


def test_a_whole_object_passes(judge):
    assert judge.answer(example("checkout.session"), strict=True) == []


def test_an_absent_nullable_property_passes_only_the_lenient(judge):
    session = example("checkout.session")
    del session["shipping_cost"]
    assert judge.answer(session) == []
    assert judge.answer(session, strict=True) == ["checkout.session.shipping_cost: missing"]


def test_an_absent_property_is_found_at_any_depth(judge):
    session = example("checkout.session", total_details={"amount_discount": 0, "amount_tax": 0})
    assert judge.answer(session, strict=True) == [
        "checkout.session.total_details.amount_shipping: missing",
        "checkout.session.total_details.breakdown: missing",
    ]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"id": None}, "id: null, and may not be"),
        ({"id": 7}, "id: int instead of string"),
        ({"amount_total": "7"}, "amount_total: str instead of integer"),
        ({"amount_total": True}, "amount_total: bool instead of integer"),
        ({"livemode": 0}, "livemode: int instead of boolean"),
        ({"created": 7}, "created: 7 is no time of this century"),
        ({"payment_method_types": "card"}, "payment_method_types: str instead of array"),
        ({"total_details": []}, "total_details: list instead of object"),
        ({"object": "session"}, "no schema for 'session'"),
    ],
)
def test_a_wrong_value_is_found(judge, changes, fault):
    session = {**example("checkout.session"), **changes}
    [found] = judge.answer(session, strict=True)
    assert found.endswith(fault)


def test_an_unknown_property_is_a_fault_of_the_strict(judge):
    refund = {**example("refund"), "speed": 1}
    assert judge.answer(refund) == []
    assert judge.answer(refund, strict=True) == ["refund.speed: not in the contract"]


def test_open_enums_take_new_values(judge):
    refund = example("refund", status="teleported")
    assert judge.answer(refund, strict=True) == []


def test_an_expanded_object_is_judged_by_its_own_shape(judge):
    intent = example("payment_intent")
    del intent["amount"]
    session = example("checkout.session", payment_intent=intent)
    assert judge.answer(session) == ["checkout.session.payment_intent.amount: missing"]
    assert judge.answer(example("checkout.session", payment_intent="pi_1"), strict=True) == []


def test_lists_and_events_are_judged_inside(judge):
    refund = example("refund")
    del refund["amount"]
    page = {"object": "list", "data": [refund], "has_more": False, "url": "/v1/refunds"}
    assert judge.answer(page) == ["data[0] refund.amount: missing"]
    assert judge.answer({"object": "list", "data": []}) == [
        "list.has_more: missing",
        "list.url: missing",
    ]
    data = {"object": refund, "previous_attributes": None}
    event = example("event", data=data, type="refund.created")
    assert judge.answer(event, strict=True) == ["event refund.amount: missing"]


def test_errors_are_judged(judge):
    error = {"type": "invalid_request_error", "message": "No", "code": "resource_missing"}
    assert judge.answer({"error": error}, strict=True) == []
    assert judge.answer({"error": {"message": "No"}}) == ["error.error.type: missing"]


# -- rules of a session beyond its schema --


def make_session(**changes):
    price = {"currency": "eur", "unit_amount": 100, "product_data": {"name": "Scarf"}}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "success_url": "https://shop.example/ok",
        **changes,
    }


def with_price(**changes):
    session = make_session()
    session["line_items"][0]["price_data"].update(changes)
    return session


def test_a_plain_session_breaks_no_rule():
    assert session_faults(make_session(expires_at=MOMENT + 3600), MOMENT) == []


@pytest.mark.parametrize(
    ("session", "fault"),
    [
        (make_session(mode="setup"), "mode"),
        (make_session(line_items=[]), "line_items: missing"),
        (make_session(line_items=make_session()["line_items"] * 101), "line_items: more"),
        (make_session(success_url=""), "success_url: missing"),
        (make_session(cancel_url="shop"), "cancel_url"),
        (make_session(client_reference_id="x" * 201), "client_reference_id"),
        (make_session(shipping_options=[{}] * 6), "shipping_options"),
        (make_session(line_items=[{"quantity": 1}]), "line_items[0]: exactly"),
        (make_session(line_items=[{"price": "price_1", "quantity": 0}]), "line_items[0][quantity]"),
        (with_price(product="prod_1"), "line_items[0][price_data]: exactly one of product"),
        (with_price(unit_amount_decimal="1"), "line_items[0][price_data]: exactly one of unit"),
        (with_price(unit_amount=-1), "line_items[0][price_data][unit_amount]"),
        (
            with_price(product_data={"name": "Scarf", "images": ["https://a.b/c"] * 9}),
            "line_items[0][price_data][product_data][images]",
        ),
        (
            make_session(
                shipping_options=[{"shipping_rate_data": {"fixed_amount": {"currency": "usd"}}}]
            ),
            "line_items: more than one currency",
        ),
        (make_session(discounts=[{}], allow_promotion_codes=False), "discounts: not"),
        (make_session(discounts=[{}, {}]), "discounts: more"),
        (make_session(customer="cus_1", customer_email="a@b.c"), "customer_email"),
        (make_session(expires_at=MOMENT + 1700), "expires_at: sooner"),
        (make_session(expires_at=MOMENT + 86_500), "expires_at: later"),
        (make_session(metadata={f"k{n}": "" for n in range(51)}), "metadata: more"),
        (make_session(metadata={"k[": "v"}), "metadata[k[]"),
        (
            make_session(payment_intent_data={"metadata": {"k": "v" * 501}}),
            "payment_intent_data[metadata][k]",
        ),
    ],
)
def test_each_rule_catches_its_breach(session, fault):
    [found] = session_faults(session, MOMENT)
    assert found.startswith(fault)


def test_the_shops_own_parameters_are_valid(judge):

    params = session_params(
        reference="MF-1001",
        attempt_id="a1",
        lines=[
            Line("Scarf", 2, 14900, product_ref="shop_x_7"),
            Line(
                "Belt", 1, 900, description="Calf", images=("https://a.b/c",), metadata={"sku": "B"}
            ),
        ],
        currency="EUR",
        total=30700 - 500 + 900,
        expires_at=MOMENT + 3600,
        success_url="https://shop.example/ok",
        cancel_url="https://shop.example/cancel",
        shipping=Shipping("Courier", 900),
        discount_coupon="d-a1",
        discount_amount=500,
        customer_email="a@b.example",
        locale="fr_FR",
        methods=["card", "sepa_debit"],
    )
    typed, faults = judge.request("POST", SESSIONS, urlencode(list(_api_encode(params))))
    assert faults == []
    assert session_faults(typed, MOMENT) == []
    assert typed == params
