"""The gateway before the sandbox, through the real library. The bench judges all that is said."""

from datetime import timedelta

import pytest

from shop import clock
from shop.payments.config import GatewayConfig
from shop.payments.errors import (
    IdempotencyMismatch,
    KeyRefused,
    ObjectUnknown,
    PaymentRefused,
    PaymentUnavailable,
    SessionUnknown,
)
from shop.payments.gateway import RefundReason, RefundStatus, SessionStatus, build_gateway
from shop.payments.stripe.params import Line, Shipping
from tests.contract.bench import SHOP

SESSIONS = "POST /v1/checkout/sessions$"


def open_pages(bench):
    return [s for s in bench.sandbox.objects("checkout.session") if s["status"] == "open"]


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


# -- what can go wrong while a page is made --


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


# -- refunds and disputes --


def test_a_refund_carries_its_key(bench):
    page = bench.paid_page()
    refund = bench.gateway.create_refund(
        payment_intent=page.payment_intent,
        amount=500,
        key="refund-1",
        reason=RefundReason.REQUESTED_BY_CUSTOMER,
        metadata={"order": "MF-1001"},
    )
    assert (refund.status, refund.amount, refund.currency) == (RefundStatus.SUCCEEDED, 500, "EUR")
    assert (refund.refund_key, refund.reason) == ("refund-1", "requested_by_customer")
    assert (refund.payment_intent, refund.charge) == (page.payment_intent, page.charge)
    assert bench.gateway.get_refund(refund.ref) == refund
    assert bench.gateway.list_refunds(page.payment_intent) == [refund]


def test_the_same_refund_is_made_once(bench):
    page = bench.paid_page()
    wanted = {"payment_intent": page.payment_intent, "amount": 500, "key": "refund-1"}
    bench.sandbox.fault("drop_after", times=1, route="POST /v1/refunds$")
    first = bench.gateway.create_refund(**wanted)
    assert bench.gateway.create_refund(**wanted) == first
    assert len(bench.gateway.list_refunds(page.payment_intent)) == 1


def test_more_than_was_paid_cannot_go_back(bench):
    page = bench.paid_page()
    with pytest.raises(PaymentRefused):
        bench.gateway.create_refund(payment_intent=page.payment_intent, amount=14901, key="r1")
    bench.gateway.create_refund(payment_intent=page.payment_intent, amount=14900, key="r2")
    with pytest.raises(PaymentRefused) as caught:
        bench.gateway.create_refund(payment_intent=page.payment_intent, amount=1, key="r3")
    assert caught.value.code == "charge_already_refunded"


@pytest.mark.parametrize(
    ("instrument", "first", "then"),
    [
        ("refund_pending", RefundStatus.PENDING, RefundStatus.SUCCEEDED),
        ("refund_fails", RefundStatus.SUCCEEDED, RefundStatus.FAILED),
    ],
)
def test_a_refund_can_change_its_mind(bench, instrument, first, then):
    page = bench.paid_page(instrument)
    refund = bench.gateway.create_refund(payment_intent=page.payment_intent, amount=500, key="r1")
    assert refund.status is first
    bench.sandbox.advance(24 * 3600)
    after = bench.gateway.get_refund(refund.ref)
    assert after.status is then
    assert bool(after.failure_reason) is (then is RefundStatus.FAILED)


def test_a_refund_made_at_the_dashboard_is_seen(bench):
    page = bench.paid_page()
    bench.sandbox.refund(page.charge, 700)
    [refund] = bench.gateway.list_refunds(page.payment_intent)
    assert (refund.amount, refund.refund_key) == (700, None)


def test_a_dispute(bench):
    page = bench.paid_page("dispute_fraudulent")
    [dispute] = bench.gateway.list_disputes(page.payment_intent)
    assert dispute.is_open
    assert (dispute.amount, dispute.currency, dispute.reason) == (14900, "EUR", "fraudulent")
    assert (dispute.charge, dispute.payment_intent) == (page.charge, page.payment_intent)
    assert dispute.answer_by is not None
    assert bench.gateway.get_dispute(dispute.ref) == dispute
    with pytest.raises(PaymentRefused) as caught:
        bench.gateway.create_refund(payment_intent=page.payment_intent, amount=1, key="r1")
    assert caught.value.code == "charge_disputed"


def test_unknown_refunds_and_disputes(bench):
    with pytest.raises(ObjectUnknown):
        bench.gateway.get_refund("re_nowhere")
    with pytest.raises(ObjectUnknown):
        bench.gateway.get_dispute("dp_nowhere")
    assert bench.gateway.list_disputes("pi_nowhere") == []


# -- events --


def test_the_sandboxs_own_letters_are_read(bench):
    page = bench.paid_page()
    [event] = [e for e in bench.events() if e.type == "checkout.session.completed"]
    assert (event.object_ref, event.object_type) == (page.ref, "checkout.session")
    assert event.payment_intent == page.payment_intent
    assert event.livemode is False


def test_what_was_not_delivered_is_listed_oldest_first(bench):
    start = clock.now() - timedelta(seconds=1)
    bench.sandbox.fault("drop")
    pages = [bench.paid_page(reference=f"MF-{number}").ref for number in range(5)]
    missed = bench.gateway.failed_events(created_after=start)
    assert [event.object_ref for event in missed] == pages
    first_two = bench.gateway.failed_events(created_after=start, limit=2)
    assert first_two == missed[:2]
    assert bench.gateway.failed_events(created_after=start, after=missed[1].id) == missed[2:]
    rest = bench.gateway.failed_events(created_after=start, after=missed[1].id, limit=1)
    assert rest == missed[2:3]
    assert bench.gateway.failed_events(created_after=start, types=["charge.refunded"]) == []


def test_a_cursor_that_stripe_forgot_falls_back_to_the_window(bench):
    start = clock.now() - timedelta(seconds=1)
    bench.sandbox.fault("drop")
    page = bench.paid_page()
    [missed] = bench.gateway.failed_events(created_after=start, after="evt_long_ago")
    assert missed.object_ref == page.ref
    bench.witness.request_faults.clear()


def test_delivered_events_are_not_listed(bench):
    bench.paid_page()
    bench.events()
    start = clock.now() - timedelta(hours=1)
    assert bench.gateway.failed_events(created_after=start) == []


# -- discounts and products --


def test_a_discount_is_made_once(bench):
    for _ in range(2):
        assert bench.gateway.ensure_discount("d-1", amount=500, currency="EUR") == "d-1"
    [coupon] = bench.sandbox.objects("coupon")
    assert (coupon["amount_off"], coupon["currency"]) == (500, "eur")
    assert (coupon["duration"], coupon["max_redemptions"]) == ("once", 1)


@pytest.mark.parametrize("changes", [{"amount": 501}, {"currency": "USD"}])
def test_a_discount_with_other_terms_is_refused(bench, changes):
    bench.gateway.ensure_discount("d-1", amount=500, currency="EUR")
    with pytest.raises(PaymentRefused) as caught:
        bench.gateway.ensure_discount("d-1", **{"amount": 500, "currency": "EUR", **changes})
    assert caught.value.code == "coupon_mismatch"


def test_removing_a_discount_twice_is_fine(bench):
    bench.gateway.ensure_discount("d-1", amount=500, currency="EUR")
    bench.gateway.delete_discount("d-1")
    bench.gateway.delete_discount("d-1")
    assert bench.sandbox.objects("coupon") == []


def test_a_product_is_created_then_updated(bench):
    images = [f"{SHOP}/a.webp", "http://localhost/b.webp"]
    ref = bench.gateway.upsert_product(
        "shop_x_7", name="Scarf", description="Silk", images=images, metadata={"hash": "1"}
    )
    assert ref == "shop_x_7"
    [product] = bench.sandbox.objects("product")
    assert (product["name"], product["description"]) == ("Scarf", "Silk")
    assert (product["images"], product["metadata"]) == ([f"{SHOP}/a.webp"], {"hash": "1"})
    bench.gateway.upsert_product("shop_x_7", name="Shawl", description=" ", metadata={"hash": "2"})
    [product] = bench.sandbox.objects("product")
    assert (product["name"], product["description"]) == ("Shawl", None)
    assert (product["images"], product["metadata"]) == ([], {"hash": "2"})


def test_a_product_comes_back_from_the_archive(bench):
    bench.gateway.upsert_product("shop_x_7", name="Scarf", description="")
    bench.gateway.archive_product("shop_x_7")
    [product] = bench.sandbox.objects("product")
    assert product["active"] is False
    bench.gateway.upsert_product("shop_x_7", name="Scarf", description="")
    [product] = bench.sandbox.objects("product")
    assert product["active"] is True


def test_archiving_what_was_never_synced_is_fine(bench):
    bench.gateway.archive_product("shop_x_8")


def test_a_page_names_the_synced_product(bench):
    ref = bench.gateway.upsert_product("shop_x_7", name="Scarf", description="")
    page = bench.open_page(lines=[Line("Scarf", 1, 14900, product_ref=ref)])
    [item] = bench.client.v1.checkout.sessions.line_items.list(page.ref).data
    assert item.description == "Scarf"
    assert len(bench.sandbox.objects("product")) == 1


# -- the key --


def test_the_key_works(bench):
    account = bench.gateway.check()
    assert (account.provider, account.livemode) == ("sandbox", False)
    assert account.api_version.endswith(".endive")


def test_a_wrong_key_is_told_apart(bench):

    config = GatewayConfig(secret_key="sk_test_sandboxwrong", sandbox_app=bench.witness)
    with pytest.raises(KeyRefused):
        build_gateway(config).check()
