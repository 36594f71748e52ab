"""The witness itself: it must see what is wrong, or every other test here proves nothing."""

import json
from functools import partial

import stripe

from sandboxes.transport import call
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.connection import make_client
from tests.contract.examples import example
from tests.contract.operations_walk import session
from tests.contract.recording_proxy import Witness

REFUND = example("refund", id="re_1")


def ask(answer, question, status="200 OK"):
    """Let the library ask a server that always gives `answer`; return the witness."""

    def app(environ, start_response):
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(answer).encode()]

    witness = Witness(app)
    client = make_client(
        GatewayConfig(secret_key="sk_test_x", in_process=partial(call, witness), pause_scale=0)
    )
    try:
        question(client)
    except stripe.StripeError:
        assert not status.startswith("200")
    return witness


def refund(client):
    client.v1.refunds.create({"payment_intent": "pi_1"})


def test_what_is_right_passes():
    witness = ask(REFUND, refund)
    assert (witness.faults, witness.request_faults) == ([], [])
    [seen] = witness.asked("POST", "/v1/refunds")
    assert (seen.params, seen.status) == ({"payment_intent": "pi_1"}, 200)
    assert seen.answer == REFUND


def test_a_missing_property_is_seen():
    answer = {name: value for name, value in REFUND.items() if name != "charge"}
    assert ask(answer, refund).faults == ["POST /v1/refunds → refund.charge: missing"]


def test_an_invalid_request_that_is_accepted_is_the_fault_of_both():
    witness = ask(REFUND, lambda c: c.v1.refunds.create({"reason": "bored"}))
    assert len(witness.request_faults) == len(witness.faults) == 1


def test_an_invalid_request_that_is_refused_is_the_clients_fault_alone():
    error = {"error": {"type": "invalid_request_error", "message": "No"}}
    witness = ask(error, lambda c: c.v1.refunds.create({"reason": "bored"}), "400 Bad Request")
    assert witness.faults == []
    assert len(witness.request_faults) == 1


def test_the_rules_of_a_page_are_judged_too():
    page = example("checkout.session")
    witness = ask(page, lambda c: c.v1.checkout.sessions.create(session(expires_at=1)))
    assert witness.request_faults == [
        "POST /v1/checkout/sessions: expires_at: sooner than 30 minutes"
    ]


def test_a_status_that_contradicts_its_answer_is_seen():
    witness = ask({"error": {"type": "api_error"}}, lambda c: c.v1.balance.retrieve())
    assert "GET /v1/balance: status 200 does not fit the answer" in witness.faults


def test_pages_beside_the_api_are_let_through():
    def app(environ, start_response):
        start_response("200 OK", [])
        return [environ["PATH_INFO"].encode()]

    witness = Witness(app)
    assert witness({"PATH_INFO": "/c/pay/cs_1"}, lambda *_: None) == [b"/c/pay/cs_1"]
    assert witness.exchanges == []
