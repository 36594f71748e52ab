"""The table of test cards, on the hosted page."""

import pytest

from sandboxes.stripe.cards import CARDS, MESSAGES, Instrument
from tests.sandboxes.stripe.kit import World

GOOD = [card for card in CARDS if not card.decline and not card.challenge]
DECLINED = [card for card in CARDS if card.decline and not card.challenge]
CHALLENGED = [card for card in CARDS if card.challenge]


def named(card: Instrument) -> str:
    return card.name


def security_code(card: Instrument) -> str:
    return "1234" if card.brand == "amex" else "123"


@pytest.mark.parametrize("card", GOOD, ids=named)
def test_good_cards_pay(world: World, card: Instrument) -> None:
    session = world.session()

    answer = world.browser.pay(session, card.number, cvc=security_code(card))

    assert answer.status_code == 303
    paid = world.reload(session, "payment_intent.latest_charge")
    assert paid.payment_status == "paid"
    details = paid.payment_intent.latest_charge.payment_method_details.card
    assert (details.brand, details.last4, details.funding) == (
        card.brand,
        card.last4,
        card.funding,
    )


@pytest.mark.parametrize("card", DECLINED, ids=named)
def test_declined_cards_leave_the_session_open(world: World, card: Instrument) -> None:
    session = world.session()
    code, decline_code = card.decline or ("", "")

    answer = world.browser.pay(session, card.number)

    assert answer.status_code == 402
    assert MESSAGES.get(decline_code or code, MESSAGES["card_declined"]) in answer.text.replace(
        "&#39;", "'"
    )
    open_ = world.reload(session, "payment_intent.latest_charge")
    assert (open_.status, open_.payment_status) == ("open", "unpaid")
    error = open_.payment_intent.last_payment_error
    assert (error.type, error.code, error.decline_code) == ("card_error", code, decline_code)
    assert open_.payment_intent.latest_charge.status == "failed"
    assert world.letterbox.types == ["payment_intent.payment_failed"]


def test_after_a_decline_another_card_pays_the_same_intent(world: World) -> None:
    session = world.session()
    world.browser.pay(session, "4000000000000002")
    before = world.reload(session).payment_intent

    world.browser.pay(session)

    paid = world.reload(session, "payment_intent")
    assert paid.payment_intent.id == before
    assert paid.payment_intent.last_payment_error is None
    assert paid.payment_status == "paid"


def test_blocked_as_fraud(world: World) -> None:
    session = world.session()

    world.browser.pay(session, "4100000000000019")

    charge = world.reload(session, "payment_intent.latest_charge").payment_intent.latest_charge
    assert (charge.outcome.type, charge.outcome.risk_level) == ("blocked", "highest")


@pytest.mark.parametrize("card", CHALLENGED, ids=named)
def test_cards_with_3d_secure(world: World, card: Instrument) -> None:
    session = world.session()

    asked = world.browser.pay(session, card.number)
    assert asked.status_code == 303
    assert asked.location.endswith(f"{session.id}/challenge")
    assert world.reload(session, "payment_intent").payment_intent.status == "requires_action"
    answer = world.browser.submit(f"/c/pay/{session.id}/challenge", {"result": "ok"})

    result = world.reload(session, "payment_intent")
    if card.decline is None:
        assert answer.status_code == 303
        assert (result.status, result.payment_status) == ("complete", "paid")
    else:
        assert answer.status_code == 402
        assert result.status == "open"
        assert result.payment_intent.last_payment_error.decline_code == card.decline[1]


def test_a_failed_challenge(world: World) -> None:
    session = world.session()
    world.browser.pay(session, "4000000000003220")

    answer = world.browser.submit(f"/c/pay/{session.id}/challenge", {"result": "fail"})

    assert answer.status_code == 402
    assert "We are unable to authenticate your payment method" in answer.text
    intent = world.reload(session, "payment_intent").payment_intent
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert intent.latest_charge is None


def test_a_session_can_expire_under_a_challenge(world: World) -> None:
    session = world.session()
    world.browser.pay(session, "4000000000003220")
    world.stripe.v1.checkout.sessions.expire(session.id)

    answer = world.browser.client.get(f"/c/pay/{session.id}/challenge")

    assert answer.status_code == 410
    assert world.reload(session, "payment_intent").payment_intent.status == "canceled"


def test_any_good_card_with_a_past_date_has_expired(world: World) -> None:
    session = world.session()

    answer = world.browser.pay(session, exp="01/20")

    assert answer.status_code == 402
    assert "Your card has expired." in answer.text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"number": "4242 4242 4242 4241"}, "Your card number is incorrect."),
        ({"number": "4111 1111 1111 1111"}, "Sandbox takes test cards only."),
        ({"number": ""}, "Enter a card number."),
        ({"number": "AT611904300234573201"}, "Your card number is incorrect."),
        ({"exp": "13/40"}, "Enter month and year"),
        ({"exp": "soon"}, "Enter month and year"),
        ({"cvc": "12"}, "Enter 3 digits."),
        ({"number": "378282246310005"}, "Enter 4 digits."),
        ({"email": "nobody"}, "Enter an e-mail address"),
    ],
)
def test_what_cannot_be_a_payment(world: World, fields: dict[str, str], sentence: str) -> None:
    session = world.session()

    answer = world.browser.pay(session, **fields)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert world.reload(session).payment_intent is None


def test_a_real_number_is_neither_kept_nor_shown_again(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    session = world.session()

    answer = world.browser.pay(session, "4111111111111111")
    world.browser.pay(session)

    assert "4111" not in answer.text
    assert "41111111" not in caplog.text
    with world.sandbox.store.read() as tx:
        kept = "\n".join(tx.connection.iterdump())
    assert "41111111" not in kept
    assert "42424242" not in kept
