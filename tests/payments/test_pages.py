"""Payment pages before the sandbox, through the real library. The bench judges all that is said."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.payments.errors import (
    SessionUnknown,
)
from shop.payments.gateway import SessionStatus
from shop.payments.page_request import Line, Shipping
from tests.contract.bench import SHOP

# -- payment pages --


def test_a_page_says_what_was_frozen(bench):
    shipping = Shipping("Courier", 900)
    params = bench.params(shipping=shipping, customer_email="buyer@example.com", locale="fr_FR")
    page = bench.gateway.create_session(params, "attempt-1")
    assert page.status is SessionStatus.OPEN
    assert (page.amount, page.currency) == (14900 + 900, "EUR")
    assert page.reference == "MF-1001"
    assert page.attempt_id == params["metadata"]["attempt_id"]
    assert page.expires_at.timestamp() == params["expires_at"]
    assert page.url is not None
    assert page.url.startswith(f"{SHOP}/_sandbox/")
    assert page.payment_intent is None
    [asked] = bench.witness.asked("POST", "/v1/checkout/sessions")
    assert asked.params == params
    assert asked.headers["IDEMPOTENCY_KEY"] == "attempt-1"


def test_a_paid_page(bench):
    page = bench.paid_page()
    assert page.is_paid
    assert page.status is SessionStatus.COMPLETE
    assert page.url is None
    assert page.payment_intent
    assert page.charge
    assert (page.method, page.method_label) == ("card", "Visa 4242")


def test_a_declined_page_stays_open_and_tells_why(bench):
    page = bench.paid_page("insufficient_funds")
    assert page.status is SessionStatus.OPEN
    assert not page.is_paid
    assert page.failure == "Your card has insufficient funds."
    assert page.url


@pytest.mark.parametrize(
    ("instrument", "paid", "failed"),
    [("sepa_later", True, False), ("sepa_fails_later", False, True)],
)
def test_a_bank_debit_is_on_its_way_and_then_settles(bench, instrument, paid, failed):
    page = bench.paid_page(instrument)
    assert (page.is_paid, page.is_processing, page.is_failed) == (False, True, False)
    bench.sandbox.advance(600)
    page = bench.gateway.get_session(page.ref)
    assert (page.is_paid, page.is_processing, page.is_failed) == (paid, False, failed)
    assert page.method == "sepa_debit"
    assert bool(page.failure) is failed


def test_a_page_expires_by_itself(bench):
    page = bench.open_page()
    bench.sandbox.advance(3601)
    page = bench.gateway.get_session(page.ref)
    assert (page.status, page.url) == (SessionStatus.EXPIRED, None)


def test_closing_a_page(bench):
    page = bench.gateway.expire_session(bench.open_page().ref)
    assert page.status is SessionStatus.EXPIRED


def test_closing_a_page_twice_answers_the_same(bench):
    page = bench.open_page()
    bench.gateway.expire_session(page.ref)
    assert bench.gateway.expire_session(page.ref).status is SessionStatus.EXPIRED


def test_closing_a_page_that_was_just_paid_answers_the_payment(bench):
    page = bench.paid_page()
    assert bench.gateway.expire_session(page.ref).is_paid


def test_an_unknown_page(bench):
    for call in (bench.gateway.get_session, bench.gateway.expire_session):
        with pytest.raises(SessionUnknown):
            call("cs_test_nowhere")


def test_a_discount_comes_off_the_total(bench):
    coupon = bench.gateway.ensure_discount("d-1", amount=1000, currency="EUR", name="Welcome")
    page = bench.open_page(
        discount_coupon=coupon, discount_amount=1000, shipping=Shipping("Courier", 900)
    )
    assert page.amount == 14900 - 1000 + 900


def test_a_hundred_lines_and_one_more(bench):
    for count in (100, 101):
        page = bench.open_page(lines=[Line(f"Piece {n}", 2, 100 + n) for n in range(count)])
        assert page.amount == sum(2 * (100 + n) for n in range(count))


def test_yen_have_no_decimals(bench):
    page = bench.open_page(currency="JPY", lines=[Line("Scarf", 2, 500)])
    assert (page.amount, page.currency) == (1000, "JPY")


# -- finding --


def test_pages_are_found_by_window_and_status(bench):
    for number in range(3):
        bench.open_page(reference=f"MF-{number}")
    paid = bench.paid_page(reference="MF-9")
    window = {
        "created_after": clock.now() - timedelta(minutes=1),
        "created_before": clock.now() + timedelta(minutes=1),
    }
    found = bench.gateway.find_sessions(**window)
    assert [page.reference for page in found] == ["MF-9", "MF-2", "MF-1", "MF-0"]
    assert bench.gateway.find_sessions(**window, status=SessionStatus.COMPLETE) == [paid]
    assert bench.gateway.find_sessions(**window, reference="MF-7") == []
    early = {"created_after": clock.now() - timedelta(hours=2)}
    early["created_before"] = clock.now() - timedelta(hours=1)
    assert bench.gateway.find_sessions(**early) == []


def test_more_pages_than_one_page_of_a_list_holds(bench):
    references = {bench.open_page(reference=f"MF-{number}").reference for number in range(103)}
    found = bench.gateway.find_sessions(
        created_after=clock.now() - timedelta(minutes=5),
        created_before=clock.now() + timedelta(minutes=1),
    )
    assert {page.reference for page in found} == references
    assert len(found) == 103


def test_the_page_of_a_payment(bench):
    page = bench.paid_page()
    assert bench.gateway.session_for_payment(page.payment_intent) == page
    assert bench.gateway.session_for_payment("pi_elsewhere") is None
