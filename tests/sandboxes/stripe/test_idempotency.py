"""Idempotency keys of API v1."""

import threading

import pytest
import stripe

from sandboxes.stripe import idempotency
from tests.sandboxes.stripe.kit import World, session_params


def create(world: World, key: str, amount: int = 2500) -> stripe.checkout.Session:
    return world.stripe.v1.checkout.sessions.create(
        session_params(amount), {"idempotency_key": key}
    )


def test_the_same_key_gives_the_same_answer(world: World) -> None:
    first, again = create(world, "key-1"), create(world, "key-1")

    assert again.id == first.id
    assert len(world.sandbox.objects("checkout.session")) == 1
    assert "idempotent-replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Request-Id"] == first.last_response.headers["Request-Id"]
    assert again.last_response.headers["Idempotency-Key"] == "key-1"


def test_a_replay_shows_the_first_answer_even_after_changes(world: World) -> None:
    first = create(world, "key-1")
    world.sandbox.pay(first.id)

    assert create(world, "key-1").status == "open"


def test_other_parameters_are_refused(world: World) -> None:
    create(world, "key-1")

    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        create(world, "key-1", amount=2600)


def test_another_endpoint_is_refused(world: World) -> None:
    create(world, "key-1")

    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        world.stripe.v1.products.create({"name": "X"}, {"idempotency_key": "key-1"})


def test_a_key_in_flight_is_a_conflict(world: World) -> None:
    operation = "POST /v1/products"
    idempotency.begin(world.sandbox.store, "key-1", operation, {"name": "X"}, "req_1")

    with pytest.raises(stripe.APIError) as caught:
        world.stripe.v1.products.create({"name": "X"}, {"idempotency_key": "key-1"})

    assert caught.value.http_status == 409
    assert caught.value.error.code == "idempotency_key_in_use"


def test_a_key_whose_process_died_is_free_after_a_minute(world: World) -> None:
    now = world.sandbox.store.time_source()
    operation = "POST /v1/products"
    idempotency.begin(world.sandbox.store, "key-1", operation, {"name": "X"}, "req_1")
    world.sandbox.store.time_source = lambda: now + 61

    product = world.stripe.v1.products.create({"name": "X"}, {"idempotency_key": "key-1"})

    assert product.name == "X"


def test_a_failed_check_is_not_stored(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        world.stripe.v1.products.create({"name": "X", "nonsense": "1"}, {"idempotency_key": "k"})

    assert world.stripe.v1.products.create({"name": "X"}, {"idempotency_key": "k"}).name == "X"


def test_an_error_of_the_work_is_stored(world: World) -> None:
    session = world.paid()
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match="complete") as caught:
            world.stripe.v1.checkout.sessions.expire(session.id, {}, {"idempotency_key": "k"})

    assert caught.value.headers["Idempotent-Replayed"] == "true"


def test_a_500_is_stored_and_replayed(world: World) -> None:
    world.sandbox.fault("fail", 500, times=1)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as caught:
            create(world, "key-1")
        assert caught.value.http_status == 500
    assert create(world, "key-2").status == "open"
    assert len(world.sandbox.objects("checkout.session")) == 1


def test_a_503_is_not_stored(world: World) -> None:
    world.sandbox.fault("fail", 503, times=1)

    with pytest.raises(stripe.APIError):
        create(world, "key-1")

    assert create(world, "key-1").status == "open"


def test_after_a_lost_answer_the_retry_finds_the_work_done(world: World) -> None:
    world.sandbox.fault("drop_after", times=1)
    with pytest.raises(stripe.APIConnectionError):
        create(world, "key-1")

    session = create(world, "key-1")

    assert [one["id"] for one in world.sandbox.objects("checkout.session")] == [session.id]


def test_keys_are_kept_for_a_day(world: World) -> None:
    first = create(world, "key-1")
    world.sandbox.advance(24 * 3600 - 1)
    assert create(world, "key-1").id == first.id
    world.sandbox.advance(2)
    assert create(world, "key-1").id != first.id


def test_keys_have_a_longest_length(world: World) -> None:
    assert create(world, "k" * 255).status == "open"
    with pytest.raises(stripe.InvalidRequestError, match="255"):
        create(world, "k" * 256)


def test_parallel_requests_with_one_key_make_one_object(world: World) -> None:
    barrier = threading.Barrier(8)
    answers: list[str] = []

    def work() -> None:
        barrier.wait()
        try:
            answers.append(create(world, "key-1").id)
        except stripe.APIError as error:
            answers.append(str(error.http_status))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    [session] = world.sandbox.objects("checkout.session")
    assert set(answers) <= {session["id"], "409"}
    assert session["id"] in answers
