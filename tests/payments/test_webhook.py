import json
from datetime import UTC, datetime

import pytest
from stripe import WebhookSignature

from shop.payments.errors import (
    InvalidEvent,
    InvalidSignature,
    InvalidWebhook,
    WebhookNotConfigured,
)
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.gateway import StripeGateway
from tests.contract.examples import MOMENT, example

SECRET = "whsec_one"
NOW = datetime.fromtimestamp(MOMENT, UTC)


def make_gateway(secret=SECRET):
    return StripeGateway(GatewayConfig(secret_key="sk_test_x", webhook_secret=secret))


def make_body(**changes):
    session = example("checkout.session", id="cs_test_1", payment_intent="pi_1")
    event = example("event", id="evt_1", type="checkout.session.completed", created=MOMENT)
    event["data"] = {"object": session, "previous_attributes": None}
    return json.dumps({**event, **changes}, indent=2)


def signed(body, *, secret=SECRET, at=MOMENT):
    return WebhookSignature.generate_signature_header(body, secret, at)


def parse(body, header, *, gateway=None, now=NOW):
    raw = body if isinstance(body, bytes) else body.encode()
    headers = {} if header is None else {"Stripe-Signature": header}
    return (gateway or make_gateway()).parse_event(raw, headers, now)


def test_a_signed_event_is_read():
    body = make_body()
    event = parse(body, signed(body))
    assert (event.id, event.type) == ("evt_1", "checkout.session.completed")
    assert (event.object_ref, event.object_type) == ("cs_test_1", "checkout.session")
    assert event.payment_intent == "pi_1"
    assert event.livemode is False
    assert event.created == NOW
    assert event.payload == json.loads(body)


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=abc", "nonsense", "t=x,v1=a", ",,="])
def test_without_a_signature_nothing_is_read(header):
    with pytest.raises(InvalidSignature):
        parse(make_body(), header)


def test_another_secret_is_refused():
    body = make_body()
    with pytest.raises(InvalidSignature):
        parse(body, signed(body, secret="whsec_two"))


@pytest.mark.parametrize("signature", ["é", "\udce9", "a" * 64])
def test_a_signature_that_is_no_hex_is_refused(signature):
    with pytest.raises(InvalidSignature):
        parse(make_body(), f"t={MOMENT},v1={signature}")


def test_a_changed_body_is_refused():
    body = make_body()
    with pytest.raises(InvalidSignature):
        parse(body.replace("cs_test_1", "cs_test_2"), signed(body))


def test_a_reserialised_body_is_refused():
    body = make_body()
    with pytest.raises(InvalidSignature):
        parse(json.dumps(json.loads(body)), signed(body))


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_fine(seconds):
    body = make_body()
    assert parse(body, signed(body, at=MOMENT + seconds)).id == "evt_1"


@pytest.mark.parametrize("seconds", [-100_000, -301, 301, 100_000])
def test_older_and_newer_are_refused(seconds):
    body = make_body()
    with pytest.raises(InvalidSignature):
        parse(body, signed(body, at=MOMENT + seconds))


def test_a_second_time_stamp_does_not_make_an_old_event_new():
    body = make_body()
    old = signed(body, at=MOMENT - 1000)
    with pytest.raises(InvalidSignature):
        parse(body, f"{old},t={MOMENT}")


def test_while_the_secret_rotates_one_of_two_signatures_is_enough():
    body = make_body()
    other = signed(body, secret="whsec_two").partition("v1=")[2]
    assert parse(body, f"{signed(body)},v1={other}").id == "evt_1"
    ours = signed(body).partition("v1=")[2]
    assert parse(body, f"t={MOMENT},v1={other},v1={ours}").id == "evt_1"


def test_space_around_the_secret_does_no_harm():
    body = make_body()
    assert parse(body, signed(body), gateway=make_gateway(f" {SECRET}\n")).id == "evt_1"


@pytest.mark.parametrize("secret", ["", "  "])
def test_without_a_secret_nothing_is_trusted(secret):
    body = make_body()
    with pytest.raises(WebhookNotConfigured) as caught:
        parse(body, signed(body, secret="x"), gateway=make_gateway(secret))
    assert caught.value.status == 503


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "null",
        "7",
        "[]",
        '"event"',
        "{}",
        '{"id": "evt_1"}',
        '{"id": "evt_1", "type": "x", "created": 1, "livemode": false, "data": {"object": []}}',
        make_body(data=None),
        make_body(created="soon"),
        make_body(created=10**30),
        make_body(id=None),
        make_body(id=7),
        make_body(type=""),
        "[" * 100_000,
    ],
)
def test_signed_but_no_event_is_refused(body):
    with pytest.raises(InvalidEvent):
        parse(body, signed(body))


def test_a_body_that_is_no_utf8_is_refused():
    with pytest.raises(InvalidSignature):
        parse(b'{"id": "\xff"}', f"t={MOMENT},v1=abc")


def test_refusals_are_the_senders_fault():
    assert InvalidWebhook.status == InvalidSignature.status == InvalidEvent.status == 400


def test_a_live_event_says_so():
    body = make_body(livemode=True)
    assert parse(body, signed(body)).livemode is True


@pytest.mark.parametrize(
    ("subject", "ref", "kind", "intent"),
    [
        (example("refund", id="re_1", payment_intent="pi_1"), "re_1", "refund", "pi_1"),
        (
            example("refund", id="re_1", payment_intent=example("payment_intent", id="pi_1")),
            "re_1",
            "refund",
            "pi_1",
        ),
        (example("payment_intent", id="pi_1"), "pi_1", "payment_intent", "pi_1"),
        (example("product", id="prod_1"), "prod_1", "product", None),
        ({"object": "balance", "available": []}, "", "balance", None),
        ({"object": "checkout_beta_session", "id": "cs_1", "total": 1.5}, "cs_1", None, None),
    ],
)
def test_events_of_any_shape_name_what_they_are_about(subject, ref, kind, intent):
    body = make_body(data={"object": subject}, api_version="2017-08-15")
    event = parse(body, signed(body))
    assert event.object_ref == ref
    assert event.object_type == (kind or "checkout_beta_session")
    assert event.payment_intent == intent
