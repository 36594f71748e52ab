"""Trouble on order, as the official library sees it."""

import pytest
import stripe

from tests.sandboxes.stripe.kit import World, connect, session_params


@pytest.mark.parametrize("status", [500, 502, 503])
def test_server_errors(world: World, status: int) -> None:
    world.sandbox.fault("fail", status, times=1)

    with pytest.raises(stripe.APIError) as caught:
        world.stripe.v1.balance.retrieve()

    assert caught.value.http_status == status
    assert world.stripe.v1.balance.retrieve().object == "balance"


def test_too_many_requests_are_not_retried_by_the_library(world: World) -> None:
    world.sandbox.fault("fail", 429, times=1)
    client = connect(world.app, retries=2)

    with pytest.raises(stripe.RateLimitError):
        client.v1.balance.retrieve()

    assert client.v1.balance.retrieve().object == "balance"


@pytest.mark.parametrize(
    ("name", "value"),
    [("fail", 503), ("fail", 409), ("reset_connection", True), ("drop_after", True)],
)
def test_the_librarys_retries_get_through(world: World, name: str, value: object) -> None:
    world.sandbox.fault(name, value, times=2)
    client = connect(world.app, retries=2)

    session = client.v1.checkout.sessions.create(session_params())

    assert [one["id"] for one in world.sandbox.objects("checkout.session")] == [session.id]


def test_should_retry_false_ends_the_retries(world: World) -> None:
    world.sandbox.fault("fail", 503)
    world.sandbox.fault("should_retry", "false")
    client = connect(world.app, retries=2)

    with pytest.raises(stripe.APIError):
        client.v1.balance.retrieve()

    with world.sandbox.store.read() as tx:
        assert tx.connection.execute("SELECT count(*) FROM fault").fetchone() == (2,)


def test_a_reset_connection_does_no_work(world: World) -> None:
    world.sandbox.fault("reset_connection", times=1)

    with pytest.raises(stripe.APIConnectionError):
        world.session()

    assert world.sandbox.objects("checkout.session") == []


def test_a_lost_answer_has_done_the_work(world: World) -> None:
    world.sandbox.fault("drop_after", times=1)

    with pytest.raises(stripe.APIConnectionError):
        world.session()

    assert len(world.sandbox.objects("checkout.session")) == 1


def test_an_error_after_the_work(world: World) -> None:
    world.sandbox.fault("fail_after", 502, times=1)

    with pytest.raises(stripe.APIError):
        world.session()

    assert len(world.sandbox.objects("checkout.session")) == 1


def test_a_hanging_answer_runs_into_the_clients_timeout(world: World) -> None:
    world.sandbox.fault("hang_s", 60, times=1)

    with pytest.raises(stripe.APIConnectionError, match="no answer within"):
        world.session()

    assert len(world.sandbox.objects("checkout.session")) == 1


def test_a_little_latency_is_only_slow(world: World) -> None:
    world.sandbox.fault("latency_s", 0.01, times=1)

    assert world.session().status == "open"


def test_half_an_answer(world: World) -> None:
    world.sandbox.fault("bad_json", times=1)

    with pytest.raises(stripe.APIError, match="Invalid response body"):
        world.session()


def test_a_fault_strikes_only_its_route(world: World) -> None:
    world.sandbox.fault("fail", 503, times=1, route="POST /v1/checkout/sessions$")
    session_id = "cs_none"

    with pytest.raises(stripe.InvalidRequestError):
        world.stripe.v1.checkout.sessions.expire(session_id)
    with pytest.raises(stripe.APIError):
        world.session()
    assert world.session().status == "open"


def test_faults_can_be_cleared(world: World) -> None:
    world.sandbox.fault("fail", 503)
    world.sandbox.fault("drop")

    world.sandbox.clear_faults("fail")
    assert world.session().status == "open"
    world.sandbox.clear_faults()

    world.paid()
    assert world.letterbox.types == ["checkout.session.completed"]


def test_an_unknown_fault_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="no fault named 'explode'"):
        world.sandbox.fault("explode")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fail", True),
        ("fail", "soon"),
        ("fail_after", 200),
        ("latency_s", -1),
        ("hang_s", "long"),
        ("should_retry", "maybe"),
        ("charge_other_amount", "much"),
    ],
)
def test_a_fault_takes_only_values_that_make_sense(world: World, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        world.sandbox.fault(name, value)

    assert world.session().status == "open"


def test_another_amount_currency_or_reference_than_asked(world: World) -> None:
    world.sandbox.fault("charge_other_amount", -100, times=1)
    world.sandbox.fault("charge_other_currency", "usd", times=1)
    world.sandbox.fault("charge_other_reference", "FX-2", times=1)

    session = world.paid(client_reference_id="FX-1")

    assert (session.amount_total, session.currency) == (2400, "usd")
    assert session.client_reference_id == "FX-2"
    assert session.payment_intent.amount == 2400


def test_a_stored_object_can_be_tampered_with(world: World) -> None:
    session = world.paid()

    world.sandbox.tamper("checkout.session", session.id, livemode=True)

    assert world.reload(session).livemode is True


def test_a_stale_page_looks_open_and_takes_nothing(world: World) -> None:
    session = world.session()
    world.stripe.v1.checkout.sessions.expire(session.id)
    world.sandbox.fault("stale_page")

    assert world.browser.open(session).status_code == 200
    answer = world.browser.pay(session)

    assert answer.status_code == 400
    assert "Something went wrong." in answer.text
    assert world.reload(session).payment_status == "unpaid"


def test_ids_are_reproducible_from_a_seed(world: World) -> None:
    ids = []
    for _ in range(2):
        world.sandbox.reset()
        world.sandbox.seed_ids(42)
        ids.append([world.session().id, world.stripe.v1.products.create({"name": "X"}).id])

    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_reset_forgets_everything(world: World) -> None:
    session = world.paid()
    world.sandbox.advance(1000)
    world.sandbox.fault("fail", 503)

    world.sandbox.reset()

    assert world.sandbox.deliveries() == []
    assert world.sandbox.now() == pytest.approx(world.sandbox.store.time_source())
    with pytest.raises(stripe.InvalidRequestError, match="No such checkout"):
        world.reload(session)
