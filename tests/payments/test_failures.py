"""What the network and Stripe can do to a call, each through the real library."""

import logging

import pytest

from shop.core.errors import PaymentError
from shop.payments.errors import (
    IdempotencyMismatch,
    KeyRefused,
    ObjectUnknown,
    PaymentRefused,
    PaymentUnavailable,
    SessionUnknown,
)
from shop.payments.gateway import SessionStatus
from tests.contract.examples import example
from tests.payments.canned import KEY, Answer, canned, page, refusal

ADDRESS = "someone@example.com"
SESSION = example("checkout.session", id="cs_1", currency="eur")
OPEN = {**SESSION, "status": "open", "payment_status": "unpaid"}


def create(gateway):
    return gateway.create_session({"mode": "payment"}, "a1")


def test_a_call_that_works():
    gateway, app = canned(OPEN)
    assert create(gateway).ref == "cs_1"
    [request] = app.requests
    assert (request["method"], request["path"]) == ("POST", "/v1/checkout/sessions")
    assert request["body"] == {"mode": ["payment"]}
    assert request["key"] == "a1"


@pytest.mark.parametrize(
    "trouble",
    [
        ConnectionResetError("reset"),
        ConnectionRefusedError("refused"),
        TimeoutError("no answer"),
        refusal(500, type="api_error"),
        refusal(503, type="api_error"),
        refusal(409, type="idempotency_error", code="idempotency_key_in_use"),
    ],
)
def test_passing_trouble_is_retried_with_the_same_key(trouble):
    gateway, app = canned(trouble, trouble, OPEN)
    assert create(gateway).ref == "cs_1"
    assert [request["key"] for request in app.requests] == ["a1"] * 3


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (ConnectionResetError("reset"), None),
        (TimeoutError("no answer"), None),
        (refusal(500, type="api_error"), 500),
        (Answer("<html>502 Bad Gateway</html>", 502), 502),
        (refusal(409, type="idempotency_error", code="idempotency_key_in_use"), 409),
    ],
)
def test_lasting_trouble_leaves_the_outcome_unknown(trouble, status):
    gateway, app = canned(trouble)
    with pytest.raises(PaymentUnavailable) as caught:
        create(gateway)
    assert len(app.requests) == 3
    assert caught.value.is_outcome_unknown
    assert caught.value.http_status == status
    assert caught.value.status == 502


@pytest.mark.parametrize(
    "answer", [Answer('{"id": "cs_'), Answer(""), Answer("<html>", 404), Answer("null", 400)]
)
def test_an_unreadable_answer_leaves_the_outcome_unknown(answer):
    gateway, _ = canned(answer)
    with pytest.raises(PaymentUnavailable) as caught:
        create(gateway)
    assert caught.value.is_outcome_unknown


def test_a_replayed_failure_says_so():
    stored = {"Idempotent-Replayed": "true", "Stripe-Should-Retry": "false"}
    gateway, app = canned(refusal(500, type="api_error", headers=stored))
    with pytest.raises(PaymentUnavailable) as caught:
        create(gateway)
    assert caught.value.is_replayed
    assert len(app.requests) == 1
    gateway, _ = canned(refusal(500, type="api_error"))
    with pytest.raises(PaymentUnavailable) as caught:
        create(gateway)
    assert not caught.value.is_replayed


def test_stripe_can_ask_for_a_retry_of_a_refusal():
    gateway, app = canned(refusal(400, headers={"Stripe-Should-Retry": "true"}), OPEN)
    assert create(gateway).ref == "cs_1"
    assert len(app.requests) == 2


def test_a_rate_limit_is_waited_out_with_the_same_key():
    gateway, app = canned(*[refusal(429, code="rate_limit")] * 3, OPEN)
    assert create(gateway).ref == "cs_1"
    assert [request["key"] for request in app.requests] == ["a1"] * 4


def test_a_lasting_rate_limit_means_nothing_was_done():
    gateway, app = canned(refusal(429, code="rate_limit"))
    with pytest.raises(PaymentUnavailable) as caught:
        create(gateway)
    assert len(app.requests) == 4
    assert not caught.value.is_outcome_unknown
    assert caught.value.http_status == 429


@pytest.mark.parametrize(
    ("answer", "kind", "code", "param"),
    [
        (refusal(400, code="amount_too_small"), PaymentRefused, "amount_too_small", None),
        (refusal(400, param="expires_at"), PaymentRefused, None, "expires_at"),
        (
            refusal(400, code="resource_missing", param="line_items[0][price_data][product]"),
            PaymentRefused,
            "resource_missing",
            "line_items[0][price_data][product]",
        ),
        (
            refusal(402, type="card_error", code="card_declined"),
            PaymentRefused,
            "card_declined",
            None,
        ),
        (
            refusal(404, code="resource_missing", param="id"),
            ObjectUnknown,
            "resource_missing",
            "id",
        ),
        (refusal(405), PaymentRefused, None, None),
    ],
)
def test_a_refusal_keeps_its_code_and_is_not_retried(answer, kind, code, param):
    gateway, app = canned(answer)
    with pytest.raises(PaymentRefused) as caught:
        create(gateway)
    assert type(caught.value) is kind
    assert (caught.value.code, caught.value.param) == (code, param)
    assert caught.value.http_status == answer.status
    assert len(app.requests) == 1


def test_what_the_visitor_reads_is_ours_and_what_staff_read_is_stripes():
    gateway, _ = canned(refusal(400, message="No such product: 'shop_7'"))
    with pytest.raises(PaymentRefused) as caught:
        create(gateway)
    assert "shop_7" not in str(caught.value)
    assert caught.value.reason == "No such product: 'shop_7'"


@pytest.mark.parametrize(
    ("param", "reason", "is_product", "is_expiry"),
    [
        ("line_items[3][price_data][product]", "gone", True, False),
        ("expires_at", "too soon", False, True),
        (None, "The `expires_at` timestamp must be at least 30 minutes from …", False, True),
        ("line_items[3][price_data][product_data][name]", "empty", False, False),
        (None, "no", False, False),
    ],
)
def test_refusals_the_shop_can_do_something_about(param, reason, is_product, is_expiry):
    told = {"message": reason} | ({"param": param} if param else {})
    gateway, _ = canned(refusal(400, **told))
    with pytest.raises(PaymentRefused) as caught:
        create(gateway)
    error = caught.value
    assert (error.is_about_product, error.is_about_expiry) == (is_product, is_expiry)


@pytest.mark.parametrize("call", ["get_session", "expire_session"])
def test_an_unknown_page_is_told_apart(call):
    gateway, _ = canned(refusal(404, code="resource_missing", param="session"))
    with pytest.raises(SessionUnknown):
        getattr(gateway, call)("cs_1")


@pytest.mark.parametrize("status", ["complete", "expired"])
def test_closing_a_page_that_is_no_longer_open_answers_its_state(status):
    now = {**OPEN, "status": status, "payment_status": "paid"}
    gateway, app = canned(refusal(400, message="Only Checkout Sessions with a status in…"), now)
    assert gateway.expire_session("cs_1").status == SessionStatus(status)
    assert [request["method"] for request in app.requests] == ["POST", "GET"]


def test_closing_a_page_that_stays_open_is_a_failure():
    gateway, _ = canned(refusal(400, message="Not now"), OPEN)
    with pytest.raises(PaymentRefused):
        gateway.expire_session("cs_1")


def test_a_rate_limit_in_the_middle_of_a_list_repeats_one_page():
    first, second = example("refund", id="re_1"), example("refund", id="re_2")
    limit = refusal(429, code="rate_limit")
    gateway, app = canned(page(first, has_more=True), limit, page(second))
    assert [refund.ref for refund in gateway.list_refunds("pi_1")] == ["re_1", "re_2"]
    assert [request["query"].get("starting_after") for request in app.requests] == [
        None,
        ["re_1"],
        ["re_1"],
    ]


def test_an_empty_page_that_promises_more_ends_the_list():
    gateway, app = canned(page(has_more=True))
    assert gateway.list_refunds("pi_1") == []
    assert len(app.requests) == 1


def test_the_request_id_and_the_reason_are_logged(caplog):
    gateway, _ = canned(refusal(400, code="email_invalid", message="Bad\nx"))
    with pytest.raises(PaymentRefused):
        create(gateway)
    assert "req_canned" in caplog.text
    assert "email_invalid" in caplog.text
    assert r"Bad\n" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, code="email_invalid", message=f"Bad '{ADDRESS}'"),
        Answer(f'{{"email": "{ADDRESS}"'),
        Answer({"email": ADDRESS}),
        Answer({"email": ADDRESS}, 500),
        ConnectionResetError("reset"),
    ],
)
def test_neither_keys_nor_addresses_are_logged(caplog, answer):
    caplog.set_level(logging.DEBUG, logger="shop")
    gateway, _ = canned(answer)
    with pytest.raises(PaymentError) as caught:
        gateway.create_session({"customer_email": ADDRESS}, "a1")
    logging.getLogger("worker").error("failed", exc_info=caught.value)
    assert "create session a1" in caplog.text
    assert KEY not in caplog.text
    assert ADDRESS not in caplog.text


def test_success_is_logged_without_addresses(caplog):
    caplog.set_level(logging.DEBUG, logger="shop")
    gateway, _ = canned({**OPEN, "customer_email": ADDRESS})
    gateway.create_session({"customer_email": ADDRESS}, "a1")
    assert "req_canned" in caplog.text
    assert KEY not in caplog.text
    assert ADDRESS not in caplog.text


@pytest.mark.parametrize(
    ("answer", "kind", "is_outcome_unknown", "is_replayed"),
    [
        (refusal(400, type="idempotency_error", message="No"), IdempotencyMismatch, True, True),
        (refusal(401, message="No"), KeyRefused, False, False),
        (refusal(403, code="secret_key_required", message="No"), KeyRefused, False, False),
    ],
)
def test_what_says_nothing_about_the_attempt_is_no_refusal(
    answer, kind, is_outcome_unknown, is_replayed
):
    """A page may exist under the key all the same: the attempt must not be given up for it."""
    gateway, app = canned(answer)
    with pytest.raises(PaymentUnavailable) as caught:
        create(gateway)
    assert type(caught.value) is kind
    assert caught.value.is_outcome_unknown is is_outcome_unknown
    assert caught.value.is_replayed is is_replayed
    assert (caught.value.reason, caught.value.http_status) == ("No", answer.status)
    assert len(app.requests) == 1
