"""Checkout Sessions through the official library."""

import pytest
import stripe

from tests.sandbox.kit import SHOP, World


def test_a_new_session_is_open_and_has_a_page(world: World) -> None:
    session = world.session(client_reference_id="FX-1", metadata={"order": "1"})

    assert session.status == "open"
    assert session.payment_status == "unpaid"
    assert session.url == f"{SHOP}/_sandbox/c/pay/{session.id}"
    assert session.id.startswith("cs_test_sbx")
    assert (session.amount_total, session.currency) == (2500, "eur")
    assert session.payment_intent is None
    assert session.shipping_cost is None
    assert session.metadata["order"] == "1"
    assert session.livemode is False


def test_a_paid_session_is_complete(world: World) -> None:
    session = world.session()

    answer = world.browser.pay(session)

    assert answer.status_code == 303
    assert answer.location == f"{SHOP}/done?session_id={session.id}"
    paid = world.reload(session, "payment_intent.latest_charge", "line_items")
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.payment_intent.status == "succeeded"
    assert paid.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    assert paid.line_items.data[0].description == "Candle"
    assert paid.customer_details.email == "ada@example.com"
    assert world.letterbox.types == ["checkout.session.completed"]


def test_expiring_closes_a_session_once(world: World) -> None:
    session = world.session()

    expired = world.stripe.v1.checkout.sessions.expire(session.id)

    assert (expired.status, expired.url) == ("expired", None)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `expired`"):
        world.stripe.v1.checkout.sessions.expire(session.id)
    world.sandbox.deliver_due()
    assert world.letterbox.types == ["checkout.session.expired"]
