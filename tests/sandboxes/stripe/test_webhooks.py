"""Events on their way to the shop."""

import dataclasses
import threading

import pytest
import stripe

from sandboxes.stripe.config import RETRY_SECONDS
from tests.sandboxes.stripe.kit import SECRET, SHOP, World


def verify(letter: tuple[str, bytes, dict[str, str]], secret: str = SECRET) -> None:
    _, body, headers = letter
    stripe.WebhookSignature.verify_header(
        body.decode(), headers["Stripe-Signature"], secret, tolerance=300
    )


def test_a_delivery_is_signed_and_addressed(world: World) -> None:
    world.paid()

    [letter] = world.letterbox.letters
    verify(letter)
    assert letter[0] == f"{SHOP}/stripe/webhook"
    event = world.stripe.construct_event(letter[1], letter[2]["Stripe-Signature"], SECRET)
    assert event.api_version == stripe.api_version
    assert event.livemode is False


def test_the_page_waits_for_the_shop_before_it_redirects(world: World) -> None:
    session = world.session()
    seen: list[str] = []
    world.letterbox.on_letter = lambda event: seen.append(
        world.stripe.v1.checkout.sessions.retrieve(event["data"]["object"]["id"]).payment_status
    )

    world.browser.pay(session)

    assert seen == ["paid"]
    assert world.stripe.v1.events.list({"delivery_success": True}).data[0].pending_webhooks == 0


def test_a_refused_delivery_is_tried_again_on_a_schedule(world: World) -> None:
    world.letterbox.statuses = [500, 302, 404, 503, 400, 500]
    world.paid()
    attempts = [len(world.letterbox.letters)]

    for seconds in RETRY_SECONDS:
        assert world.stripe.v1.events.list({"delivery_success": False}).data
        world.sandbox.advance(seconds - 0.5)
        assert world.sandbox.deliver_due() == 0
        world.sandbox.advance(0.5)
        world.sandbox.deliver_due()
        attempts.append(len(world.letterbox.letters))

    assert attempts == [1, 2, 3, 4, 5, 6]
    [delivery] = world.sandbox.deliveries()
    assert (delivery["state"], delivery["last_status"]) == ("failed", 500)
    assert len({letter[1] for letter in world.letterbox.letters}) == 1


def test_a_retry_that_is_accepted_ends_it(world: World) -> None:
    world.letterbox.statuses = [500]
    world.paid()

    world.sandbox.advance(1)

    assert world.sandbox.deliver_due() == 1
    assert world.sandbox.deliver_due() == 0
    assert world.sandbox.deliveries()[0]["state"] == "delivered"


def test_a_shop_that_raises_did_not_accept(world: World) -> None:
    def crash(_event: object) -> None:
        raise RuntimeError("shop on fire")

    world.letterbox.on_letter = crash
    session = world.session()

    assert world.browser.pay(session).status_code == 303
    delivery = world.sandbox.deliveries()[0]
    assert delivery["state"] == "pending"
    assert "shop on fire" in delivery["last_answer"]


def test_events_the_shop_did_not_ask_for_are_not_sent(world: World) -> None:
    world.paid()

    types = {event.type for event in world.stripe.v1.events.list({"limit": 100}).data}
    assert {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"} <= types
    assert world.letterbox.types == ["checkout.session.completed"]


def test_another_endpoint_has_its_own_secret_and_types(world: World) -> None:
    endpoint = world.stripe.v1.webhook_endpoints.create(
        {"url": "https://else.test/hook", "enabled_events": ["charge.succeeded"]}
    )
    assert world.stripe.v1.webhook_endpoints.retrieve(endpoint.id).secret is None

    world.paid()

    [letter] = [one for one in world.letterbox.letters if one[0] == "https://else.test/hook"]
    verify(letter, endpoint.secret)
    with pytest.raises(stripe.SignatureVerificationError):
        verify(letter)


def test_a_disabled_endpoint_gets_nothing(world: World) -> None:
    endpoint = world.stripe.v1.webhook_endpoints.create(
        {"url": "https://else.test/hook", "enabled_events": ["*"]}
    )
    world.stripe.v1.webhook_endpoints.update(endpoint.id, {"disabled": True})

    world.paid()

    assert {letter[0] for letter in world.letterbox.letters} == {f"{SHOP}/stripe/webhook"}


def test_dropped(world: World) -> None:
    world.sandbox.fault("drop", times=10)
    world.paid()
    world.sandbox.deliver_due()
    assert world.letterbox.letters == []

    [event] = world.stripe.v1.events.list({"delivery_success": False}).data[:1]
    assert event.type == "checkout.session.completed"
    world.sandbox.clear_faults()
    world.sandbox.resend(event.id)
    world.sandbox.deliver_due()
    assert world.letterbox.types == ["checkout.session.completed"]


def test_dropped_by_type(world: World) -> None:
    world.sandbox.fault("drop_types", "checkout.session.completed, charge.refunded")

    session = world.paid()
    world.stripe.v1.refunds.create({"payment_intent": session.payment_intent.id})
    world.sandbox.deliver_due()

    assert world.letterbox.types == ["refund.created"]


def test_delivered_twice(world: World) -> None:
    world.sandbox.fault("duplicate", route="checkout.session")
    world.paid()

    first, second = world.letterbox.events
    assert first["id"] == second["id"]


def test_delivered_twice_under_two_ids(world: World) -> None:
    world.sandbox.fault("new_id_duplicate", times=1, route="checkout.session.completed")
    world.paid()

    first, second = world.letterbox.events
    assert first["id"] != second["id"]
    assert first["data"]["object"]["id"] == second["data"]["object"]["id"]


def test_delivered_late(world: World) -> None:
    world.sandbox.fault("delay_s", 30, route="checkout.session")
    world.paid()
    assert world.letterbox.letters == []

    world.sandbox.advance(30)
    world.sandbox.deliver_due()

    assert world.letterbox.types == ["checkout.session.completed"]


def test_delivered_in_reverse(world: World) -> None:
    session = world.paid()
    world.letterbox.letters.clear()
    world.sandbox.fault("reverse")
    world.stripe.v1.refunds.create({"payment_intent": session.payment_intent.id})

    world.sandbox.deliver_due()

    assert world.letterbox.types == ["refund.created", "charge.refunded"]


def test_held_back_until_released(world: World) -> None:
    world.sandbox.fault("hold")
    world.paid()
    world.sandbox.deliver_due()
    assert world.letterbox.letters == []

    assert world.sandbox.release() == 1
    world.sandbox.deliver_due()

    assert world.letterbox.types == ["checkout.session.completed"]


@pytest.mark.parametrize("fault", ["bad_signature", "old_timestamp"])
def test_what_the_library_must_refuse(world: World, fault: str) -> None:
    world.sandbox.fault(fault, times=10)
    world.paid()

    with pytest.raises(stripe.SignatureVerificationError):
        verify(world.letterbox.letters[0])


def test_wrong_mode_and_old_version(world: World) -> None:
    world.sandbox.fault("wrong_livemode")
    world.sandbox.fault("old_api_version")
    world.paid()

    [event] = world.letterbox.events
    assert event["livemode"] is True
    assert event["api_version"] == "2023-10-16"


def test_an_event_of_any_kind_can_be_forged(world: World) -> None:
    session = world.session()

    event = world.sandbox.forge_event("checkout.session.completed", "checkout.session", session.id)
    world.sandbox.deliver_due()

    [sent] = world.letterbox.events
    assert sent["id"] == event
    assert sent["data"]["object"]["payment_status"] == "unpaid"


def test_an_event_names_the_request_that_caused_it(world: World) -> None:
    session = world.session()
    world.stripe.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "k-1"})

    [event] = world.stripe.v1.events.list({"type": "checkout.session.expired"}).data

    assert event.request.idempotency_key == "k-1"
    assert event.request.id.startswith("req_sbx")


def test_a_slow_shop_does_not_hold_the_buyer(world: World) -> None:
    release = threading.Event()
    world.letterbox.on_letter = lambda _event: release.wait(30) and None
    world.sandbox.postman.config = dataclasses.replace(world.sandbox.config, page_wait_seconds=0.05)
    session = world.session()

    answer = world.browser.pay(session)
    release.set()
    for thread in threading.enumerate():
        if thread.name == "sandbox-delivery":
            thread.join()

    assert answer.status_code == 303
    assert world.sandbox.deliveries()[0]["state"] == "delivered"


def test_a_lease_keeps_a_second_worker_away_and_ends(world: World) -> None:
    world.letterbox.statuses = [500]
    world.paid()
    world.sandbox.advance(1)
    taken: list[int] = []
    world.letterbox.on_letter = lambda _event: taken.append(world.sandbox.deliver_due())

    world.sandbox.deliver_due()

    assert taken == [0]
    assert len(world.letterbox.letters) == 2


def test_catching_up_reads_events_oldest_first(world: World) -> None:
    first = world.paid()
    seen = world.stripe.v1.events.list({"type": "checkout.session.completed"}).data[0]
    later = [world.paid().id for _ in range(3)]

    page = world.stripe.v1.events.list(
        {"types": ["checkout.session.completed"], "ending_before": seen.id, "limit": 1}
    )

    assert [event.data.object.id for event in page.auto_paging_iter()] == later
    assert first.id not in later


def test_events_are_kept_for_thirty_days(world: World) -> None:
    world.paid()
    world.sandbox.advance(29 * 86400)
    assert world.sandbox.objects("event")

    world.sandbox.advance(2 * 86400)

    assert world.sandbox.objects("event") == []
    assert world.sandbox.deliveries() == []
