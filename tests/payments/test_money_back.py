"""Refunds and disputes before the sandbox, through the real library."""

import pytest

from shop.payments.errors import (
    ObjectUnknown,
    PaymentRefused,
)
from shop.payments.gateway import RefundReason, RefundStatus


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
