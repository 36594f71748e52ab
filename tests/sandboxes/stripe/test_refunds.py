"""Money back, and disputes."""

import pytest
import stripe

from tests.sandboxes.stripe.kit import World


def refund(world: World, session: stripe.checkout.Session, **params: object) -> stripe.Refund:
    return world.stripe.v1.refunds.create({"payment_intent": session.payment_intent.id, **params})


def charge_of(world: World, session: stripe.checkout.Session) -> stripe.Charge:
    return world.reload(session, "payment_intent.latest_charge").payment_intent.latest_charge


def test_all_of_it(world: World) -> None:
    session = world.paid()
    world.letterbox.letters.clear()

    made = refund(world, session, reason="requested_by_customer", metadata={"uuid": "r-1"})

    assert (made.status, made.amount, made.currency) == ("succeeded", 2500, "eur")
    charge = charge_of(world, session)
    assert (charge.refunded, charge.amount_refunded) == (True, 2500)
    world.sandbox.deliver_due()
    assert world.letterbox.types == ["charge.refunded", "refund.created"]
    assert world.letterbox.events[1]["data"]["object"]["metadata"] == {"uuid": "r-1"}


def test_in_parts_up_to_what_was_paid(world: World) -> None:
    session = world.paid()
    refund(world, session, amount=1000)
    assert charge_of(world, session).refunded is False

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount") as bad:
        refund(world, session, amount=1501)
    assert bad.value.param == "amount"
    assert refund(world, session).amount == 1500
    with pytest.raises(stripe.InvalidRequestError, match="already been refunded") as caught:
        refund(world, session)

    assert caught.value.code == "charge_already_refunded"
    listed = world.stripe.v1.refunds.list({"payment_intent": session.payment_intent.id})
    assert sum(one.amount for one in listed.data) == 2500


@pytest.mark.parametrize("amount", [0, -5])
def test_nothing_is_no_refund(world: World, amount: int) -> None:
    session = world.paid()

    with pytest.raises(stripe.InvalidRequestError, match="Invalid positive integer"):
        refund(world, session, amount=amount)


def test_what_was_never_paid(world: World) -> None:
    session = world.paid("sepa_later")

    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        refund(world, session)
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        world.stripe.v1.refunds.create({"amount": 100})


def test_one_key_refunds_once(world: World) -> None:
    session = world.paid()
    made = [
        world.stripe.v1.refunds.create(
            {"payment_intent": session.payment_intent.id, "amount": 500},
            {"idempotency_key": "r-1"},
        ).id
        for _ in range(2)
    ]

    assert made[0] == made[1]
    assert charge_of(world, session).amount_refunded == 500


def test_a_card_whose_refunds_wait(world: World) -> None:
    session = world.paid("refund_pending")
    made = refund(world, session)
    assert made.status == "pending"
    world.sandbox.deliver_due()

    assert world.stripe.v1.refunds.retrieve(made.id).status == "succeeded"
    assert world.letterbox.types[-1] == "refund.updated"


def test_a_card_whose_refunds_fail_later(world: World) -> None:
    session = world.paid("refund_fails")
    made = refund(world, session)
    assert made.status == "succeeded"
    world.sandbox.deliver_due()

    failed = world.stripe.v1.refunds.retrieve(made.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert charge_of(world, session).amount_refunded == 0
    assert world.letterbox.types[-2:] == ["refund.updated", "refund.failed"]


def test_a_refund_fails_on_command(world: World) -> None:
    session = world.paid()
    made = refund(world, session, amount=500)

    world.sandbox.fail_refund(made.id)

    assert world.stripe.v1.refunds.retrieve(made.id).status == "failed"
    assert charge_of(world, session).amount_refunded == 0


def test_a_refund_from_the_dashboard(world: World) -> None:
    session = world.paid()

    made = world.sandbox.refund(session.payment_intent.latest_charge.id, 700)

    assert world.stripe.v1.refunds.retrieve(made).amount == 700


def test_the_balance_knows_every_movement(world: World) -> None:
    session = world.paid()
    refund(world, session, amount=500)

    moves = world.stripe.v1.balance_transactions.list({}).data
    assert [(move.type, move.amount) for move in moves] == [("refund", -500), ("charge", 2500)]
    assert moves[1].net == 2500 - moves[1].fee
    balance = world.stripe.v1.balance.retrieve()
    assert balance.pending[0].amount + balance.available[0].amount == sum(m.net for m in moves)


@pytest.mark.parametrize(
    ("card", "status", "reason", "refundable"),
    [
        ("dispute_fraudulent", "needs_response", "fraudulent", False),
        ("dispute_not_received", "needs_response", "product_not_received", False),
        ("dispute_inquiry", "warning_needs_response", "general", True),
    ],
)
def test_cards_that_are_disputed(
    world: World, card: str, status: str, reason: str, *, refundable: bool
) -> None:
    session = world.paid(card)

    charge = charge_of(world, session)
    assert session.payment_status == "paid"
    assert charge.disputed is True
    [dispute] = world.stripe.v1.disputes.list({"charge": charge.id}).data
    assert (dispute.status, dispute.reason) == (status, reason)
    assert dispute.is_charge_refundable is refundable
    assert "charge.dispute.created" in world.letterbox.types
    assert ("charge.dispute.funds_withdrawn" in world.letterbox.types) is not refundable


def test_a_disputed_charge_cannot_be_refunded(world: World) -> None:
    session = world.paid("dispute_fraudulent")

    with pytest.raises(stripe.InvalidRequestError) as caught:
        refund(world, session)

    assert caught.value.code == "charge_disputed"


@pytest.mark.parametrize(
    ("evidence", "status", "events"),
    [
        ("winning_evidence", "won", ["updated", "closed", "funds_reinstated"]),
        ("losing_evidence", "lost", ["updated", "closed"]),
        ("please", "under_review", ["updated"]),
    ],
)
def test_evidence(world: World, evidence: str, status: str, events: list[str]) -> None:
    session = world.paid()
    dispute = world.sandbox.dispute(session.payment_intent.latest_charge.id)
    world.sandbox.deliver_due()
    world.letterbox.letters.clear()

    world.stripe.v1.disputes.update(dispute, {"evidence": {"uncategorized_text": evidence}})

    world.sandbox.deliver_due()
    assert world.stripe.v1.disputes.retrieve(dispute).status == status
    assert world.letterbox.types == [f"charge.dispute.{event}" for event in events]


def test_a_dispute_can_be_accepted_once(world: World) -> None:
    session = world.paid()
    dispute = world.sandbox.dispute(session.payment_intent.latest_charge.id)

    assert world.stripe.v1.disputes.close(dispute).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        world.stripe.v1.disputes.close(dispute)


def test_money_is_taken_only_when_it_is_captured(world: World) -> None:
    session = world.paid(payment_intent_data={"capture_method": "manual"})
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    intent = session.payment_intent.id
    assert session.payment_intent.status == "requires_capture"

    captured = world.stripe.v1.payment_intents.capture(intent, {"amount_to_capture": 2000})

    assert (captured.status, captured.amount_received) == ("succeeded", 2000)
    assert world.reload(session).payment_status == "paid"
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        refund(world, session, amount=2001)


def test_the_intent_of_a_session_is_cancelled_by_expiring_it(world: World) -> None:
    session = world.session()
    world.sandbox.pay(session.id, "declined")
    intent = world.reload(session).payment_intent

    with pytest.raises(stripe.InvalidRequestError, match="Expire the Checkout Session"):
        world.stripe.v1.payment_intents.cancel(intent)


def test_a_declined_intent_outside_checkout_is_a_card_error(world: World) -> None:
    with pytest.raises(stripe.CardError) as caught:
        world.stripe.v1.payment_intents.create(
            {
                "amount": 1000,
                "currency": "eur",
                "confirm": True,
                "payment_method": "pm_card_chargeDeclined",
            }
        )

    assert (caught.value.http_status, caught.value.code) == (402, "card_declined")
