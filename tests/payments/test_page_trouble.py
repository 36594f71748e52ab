"""What can go wrong while a payment page is made, and what is known then."""

from datetime import timedelta

import pytest

from shop.core import clock
from shop.payments.errors import (
    IdempotencyMismatch,
    ObjectUnknown,
    PaymentRefused,
    PaymentUnavailable,
)
from shop.payments.gateway import SessionStatus
from shop.payments.page_request import Line

SESSIONS = "POST /v1/checkout/sessions$"


def open_pages(bench):
    return [s for s in bench.sandbox.objects("checkout.session") if s["status"] == "open"]


def test_the_same_attempt_brings_back_the_same_page(bench):
    params = bench.params()
    first = bench.gateway.create_session(params, "attempt-1")
    assert bench.gateway.create_session(params, "attempt-1") == first
    assert len(open_pages(bench)) == 1


def test_the_same_attempt_brings_back_its_page_when_that_is_about_to_expire(bench):
    params = bench.params()
    first = bench.gateway.create_session(params, "attempt-1")
    clock.move(50 * 60)
    assert bench.gateway.create_session(params, "attempt-1") == first


def test_the_same_attempt_with_other_parameters_is_refused(bench):
    bench.gateway.create_session(bench.params(attempt_id="a"), "attempt-1")
    with pytest.raises(IdempotencyMismatch):
        bench.gateway.create_session(bench.params(attempt_id="b"), "attempt-1")


@pytest.mark.parametrize(
    ("fault", "value"),
    [("drop_after", True), ("reset_connection", True), ("hang_s", 20), ("fail", 503)],
)
def test_one_or_two_failures_are_made_good(bench, fault, value):
    bench.sandbox.fault(fault, value, times=2, route=SESSIONS)
    assert bench.open_page().status is SessionStatus.OPEN
    assert len(open_pages(bench)) == 1


def test_a_lost_answer_is_found_by_asking_again(bench):
    params = bench.params()
    bench.sandbox.fault("drop_after", times=3, route=SESSIONS)
    with pytest.raises(PaymentUnavailable) as caught:
        bench.gateway.create_session(params, "attempt-1")
    assert caught.value.is_outcome_unknown
    [made] = open_pages(bench)
    assert bench.gateway.create_session(params, "attempt-1").ref == made["id"]
    assert len(open_pages(bench)) == 1


def test_a_lost_page_is_found_by_its_reference(bench):
    bench.open_page(reference="MF-1000")
    params = bench.params(reference="MF-1001")
    bench.sandbox.fault("hang_s", 20, times=3, route=SESSIONS)
    with pytest.raises(PaymentUnavailable):
        bench.gateway.create_session(params, "attempt-1")
    [found] = bench.gateway.find_sessions(
        created_after=clock.now() - timedelta(minutes=1),
        created_before=clock.now() + timedelta(minutes=1),
        reference="MF-1001",
    )
    assert found.attempt_id == params["metadata"]["attempt_id"]
    assert bench.gateway.expire_session(found.ref).status is SessionStatus.EXPIRED


def test_a_stored_failure_is_replayed_and_says_so(bench):
    params = bench.params()
    bench.sandbox.fault("fail", 500, times=1, route=SESSIONS)
    with pytest.raises(PaymentUnavailable) as caught:
        bench.gateway.create_session(params, "attempt-1")
    assert caught.value.is_replayed
    assert (caught.value.http_status, open_pages(bench)) == (500, [])


@pytest.mark.parametrize(("times", "works"), [(3, True), (4, False)])
def test_too_many_requests_are_waited_out(bench, times, works):
    bench.sandbox.fault("fail", 429, times=times, route=SESSIONS)
    if works:
        assert bench.open_page().status is SessionStatus.OPEN
    else:
        with pytest.raises(PaymentUnavailable) as caught:
            bench.open_page()
        assert not caught.value.is_outcome_unknown
    assert len(open_pages(bench)) == works


def test_a_lost_answer_to_closing_still_tells_the_state(bench):
    page = bench.open_page()
    bench.sandbox.fault("drop_after", times=1, route="/expire")
    assert bench.gateway.expire_session(page.ref).status is SessionStatus.EXPIRED


def test_while_stripe_is_away_nothing_is_known(bench):
    page = bench.open_page()
    bench.sandbox.fault("reset_connection")
    for call in (bench.gateway.get_session, bench.gateway.expire_session):
        with pytest.raises(PaymentUnavailable):
            call(page.ref)
    bench.sandbox.clear_faults()
    assert bench.gateway.get_session(page.ref).status is SessionStatus.OPEN


@pytest.mark.parametrize("seconds", [60, 90_000])
def test_a_bad_expiry_is_told_apart(bench, seconds):
    params = bench.params() | {"expires_at": clock.epoch() + seconds}
    with pytest.raises(PaymentRefused) as caught:
        bench.gateway.create_session(params, "attempt-1")
    assert caught.value.is_about_expiry
    assert open_pages(bench) == []
    bench.witness.request_faults.clear()  # it was meant


def test_a_product_that_is_gone_is_told_apart(bench):
    with pytest.raises(PaymentRefused) as caught:
        bench.open_page(lines=[Line("Scarf", 1, 14900, product_ref="shop_x_7")])
    assert caught.value.is_about_product
    assert not isinstance(caught.value, ObjectUnknown)
