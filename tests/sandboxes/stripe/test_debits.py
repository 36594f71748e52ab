"""SEPA debits: the money comes later, or not."""

import pytest

from tests.sandboxes.stripe.kit import World, number_of

LATER = 180


def test_a_debit_completes_the_session_before_it_is_paid(world: World) -> None:
    session = world.session()

    answer = world.browser.submit(f"/c/pay/{session.id}", debit("sepa_later"))

    assert answer.status_code == 303
    waiting = world.reload(session, "payment_intent.latest_charge")
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    assert waiting.payment_intent.latest_charge.status == "pending"
    assert waiting.payment_intent.latest_charge.payment_method_details.sepa_debit.last4 == "3204"
    assert world.letterbox.types == ["checkout.session.completed"]


@pytest.mark.parametrize(
    ("account", "seconds", "status", "event"),
    [
        ("sepa", 0, "paid", "async_payment_succeeded"),
        ("sepa_later", LATER, "paid", "async_payment_succeeded"),
        ("sepa_fails", 0, "unpaid", "async_payment_failed"),
        ("sepa_fails_later", LATER, "unpaid", "async_payment_failed"),
    ],
)
def test_how_debits_end(world: World, account: str, seconds: int, status: str, event: str) -> None:
    session = world.session()
    world.browser.submit(f"/c/pay/{session.id}", debit(account))
    if seconds:
        world.sandbox.advance(seconds - 1)
        assert world.reload(session).payment_status == "unpaid"
        world.sandbox.advance(1)
        world.sandbox.deliver_due()

    settled = world.reload(session, "payment_intent")
    assert settled.payment_status == status
    assert settled.payment_intent.status == (
        "succeeded" if status == "paid" else "requires_payment_method"
    )
    assert f"checkout.session.{event}" in world.letterbox.types
    assert world.letterbox.types.index("checkout.session.completed") == 0


def test_debits_settle_on_command(world: World) -> None:
    session = world.paid("sepa_later")

    world.sandbox.settle_async(session.id, ok=False)
    world.sandbox.advance(LATER)

    assert world.reload(session).payment_status == "unpaid"


def test_a_read_long_after_sees_the_settlement_without_a_tick(world: World) -> None:
    session = world.paid("sepa_later")
    with world.sandbox.store.write() as tx:
        tx.set_setting("clock_offset", str(LATER + 60))

    assert world.reload(session).payment_status == "paid"


@pytest.mark.parametrize(
    ("params", "methods"),
    [
        ({}, ["card", "sepa_debit"]),
        ({"allowed_payment_method_types": ["card"]}, ["card"]),
        ({"excluded_payment_method_types": ["card"]}, ["sepa_debit"]),
    ],
)
def test_which_methods_the_page_offers(
    world: World, params: dict[str, object], methods: list[str]
) -> None:
    session = world.session(**params)

    page = world.browser.open(session).text

    assert session.payment_method_types == methods
    assert ("sbx-number" in page) == ("card" in methods)
    assert ("sbx-iban" in page) == ("sepa_debit" in methods)


def test_only_test_accounts_are_taken(world: World) -> None:
    session = world.session()

    answer = world.browser.submit(
        f"/c/pay/{session.id}", {**debit("sepa"), "iban": "DE89370400440532013000"}
    )

    assert answer.status_code == 422
    assert "Sandbox takes test accounts only." in answer.text
    assert "DE89370400440532013000" not in answer.text


def debit(account: str) -> dict[str, str]:
    return {
        "email": "ada@example.com",
        "method": "sepa_debit",
        "iban": number_of(account),
        "account_holder": "Ada",
    }
