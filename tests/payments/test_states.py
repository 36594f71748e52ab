"""Stripe's objects in the shop's words, each through the real library."""

from datetime import UTC, datetime

import pytest

from shop.payments.errors import PaymentUnavailable
from shop.payments.gateway import RefundStatus, SessionStatus
from tests.contract.examples import MOMENT, example
from tests.payments.canned import canned


def session_from(**values):
    gateway, _ = canned(example("checkout.session", id="cs_1", currency="eur", **values))
    return gateway.get_session("cs_1")


def make_intent(*, charge=None, **values):
    return example("payment_intent", id="pi_1", latest_charge=charge, **values)


def make_charge(kind=None, **details):
    shape = {"type": kind, kind: details} if kind else None
    return example("charge", id="ch_1", payment_method_details=shape)


def test_an_open_page():
    state = session_from(
        status="open",
        payment_status="unpaid",
        amount_total=14900,
        client_reference_id="MF-1",
        metadata={"attempt_id": "a1", "order": "MF-1"},
        url="https://checkout.stripe.com/c/pay/cs_1",
        expires_at=MOMENT + 3600,
        mode="payment",
    )
    assert (state.ref, state.status) == ("cs_1", SessionStatus.OPEN)
    assert (state.is_paid, state.is_processing, state.is_failed) == (False, False, False)
    assert (state.amount, state.currency) == (14900, "EUR")
    assert (state.reference, state.attempt_id) == ("MF-1", "a1")
    assert state.url == "https://checkout.stripe.com/c/pay/cs_1"
    assert state.expires_at == datetime.fromtimestamp(MOMENT + 3600, UTC)
    assert (state.mode, state.livemode) == ("payment", False)
    assert state.metadata == {"attempt_id": "a1", "order": "MF-1"}
    assert (state.payment_intent, state.charge, state.method, state.failure) == (None,) * 4


@pytest.mark.parametrize(
    ("status", "payment", "intent", "paid", "processing", "failed"),
    [
        ("open", "unpaid", None, False, False, False),
        ("open", "unpaid", "requires_payment_method", False, False, False),
        ("open", "no_payment_required", None, False, False, False),
        ("open", "paid", None, False, False, False),
        ("complete", "paid", "succeeded", True, False, False),
        ("complete", "paid", None, True, False, False),
        ("complete", "no_payment_required", None, True, False, False),
        ("complete", "unpaid", "processing", False, True, False),
        ("complete", "unpaid", "requires_action", False, True, False),
        ("complete", "unpaid", None, False, True, False),
        ("complete", "unpaid", "requires_payment_method", False, False, True),
        ("complete", "unpaid", "canceled", False, False, True),
        ("complete", "some_day", "processing", False, True, False),
        ("expired", "unpaid", None, False, False, False),
        ("expired", "paid", None, False, False, False),
        ("unheard_of", "paid", "succeeded", False, False, False),
    ],
)
def test_what_a_page_means_for_the_order(status, payment, intent, paid, processing, failed):
    state = session_from(
        status=status,
        payment_status=payment,
        payment_intent=make_intent(status=intent) if intent else None,
    )
    assert (state.is_paid, state.is_processing, state.is_failed) == (paid, processing, failed)


def test_a_status_of_the_future_keeps_the_hold_and_is_logged(caplog):
    assert session_from(status="paused", payment_status="unpaid").status is SessionStatus.OPEN
    assert "paused" in caplog.text


@pytest.mark.parametrize("status", ["complete", "expired"])
def test_only_an_open_page_has_an_address(status):
    state = session_from(
        status=status, payment_status="unpaid", url="https://checkout.stripe.com/x"
    )
    assert state.url is None


@pytest.mark.parametrize(
    ("charge", "method", "label"),
    [
        (make_charge("card", brand="visa", last4="4242"), "card", "Visa 4242"),
        (make_charge("card", brand="amex", last4="0005"), "card", "American Express 0005"),
        (make_charge("card", brand=None, last4=None), "card", "Card"),
        (make_charge("sepa_debit", last4="3201"), "sepa_debit", "SEPA Direct Debit 3201"),
        (make_charge("ideal", iban_last4="5264"), "ideal", "iDEAL 5264"),
        (make_charge("boleto", tax_id="1"), "boleto", "Boleto"),
        (make_charge("moon_rock"), "moon_rock", "Moon rock"),
        (make_charge(), None, None),
    ],
)
def test_the_means_of_payment_reads_well(charge, method, label):
    state = session_from(
        status="complete",
        payment_status="paid",
        payment_intent=make_intent(status="succeeded", charge=charge),
    )
    assert (state.payment_intent, state.charge) == ("pi_1", "ch_1")
    assert (state.method, state.method_label) == (method, label)


def test_ids_are_enough_where_nothing_is_expanded():
    state = session_from(status="complete", payment_status="paid", payment_intent="pi_1")
    assert (state.payment_intent, state.charge, state.method) == ("pi_1", None, None)
    state = session_from(
        status="complete",
        payment_status="paid",
        payment_intent=make_intent(status="succeeded", charge="ch_1"),
    )
    assert (state.charge, state.method_label) == ("ch_1", None)


def test_the_last_refusal_is_told():
    error = {"code": "card_declined", "message": "Your card was declined.", "type": "card_error"}
    intent = make_intent(status="requires_payment_method", last_payment_error=error)
    state = session_from(status="open", payment_status="unpaid", payment_intent=intent)
    assert state.failure == "Your card was declined."


@pytest.mark.parametrize(
    "body",
    [
        [],
        "text",
        7,
        {},
        {"object": "checkout.session"},
        {"object": "shipping_rate", "fixed_amount": {"currency_options": None}},
    ],
)
def test_an_answer_that_is_no_session_counts_as_no_answer(body):
    gateway, _ = canned(body)
    with pytest.raises(PaymentUnavailable) as caught:
        gateway.get_session("cs_1")
    assert caught.value.is_outcome_unknown


def refund_from(**values):
    given = {"id": "re_1", "currency": "eur", "amount": 500, **values}
    gateway, _ = canned(example("refund", **given))
    return gateway.get_refund("re_1")


@pytest.mark.parametrize("status", list(RefundStatus))
def test_a_refund(status):
    state = refund_from(
        status=str(status),
        payment_intent="pi_1",
        charge="ch_1",
        metadata={"refund_uuid": "u1"},
        reason="duplicate",
    )
    assert (state.ref, state.status, state.amount, state.currency) == ("re_1", status, 500, "EUR")
    assert (state.payment_intent, state.charge) == ("pi_1", "ch_1")
    assert (state.refund_key, state.reason) == ("u1", "duplicate")


def test_a_refund_made_elsewhere_has_no_key():
    assert refund_from(status="succeeded", metadata=None).refund_key is None


@pytest.mark.parametrize("status", [None, "teleported"])
def test_a_refund_status_of_the_future_is_waited_out(status):
    assert refund_from(status=status).status is RefundStatus.PENDING


@pytest.mark.parametrize(
    ("status", "is_open", "is_lost"),
    [
        ("needs_response", True, False),
        ("under_review", True, False),
        ("warning_needs_response", True, False),
        ("warning_closed", False, False),
        ("appeal_under_review", True, False),
        ("prevented", False, False),
        ("won", False, False),
        ("lost", False, True),
        ("escalated_to_mars", False, False),
    ],
)
def test_a_dispute(status, is_open, is_lost):
    dispute = example("dispute", id="dp_1", currency="eur", charge="ch_1", status=status)
    dispute["evidence_details"] = {**dispute["evidence_details"], "due_by": MOMENT}
    gateway, _ = canned({**dispute, "payment_intent": "pi_1", "reason": "fraudulent"})
    state = gateway.get_dispute("dp_1")
    assert (state.status, state.is_open, state.is_lost) == (status, is_open, is_lost)
    assert (state.charge, state.payment_intent, state.reason) == ("ch_1", "pi_1", "fraudulent")
    assert state.answer_by == datetime.fromtimestamp(MOMENT, UTC)
