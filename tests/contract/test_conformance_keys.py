"""Idempotency keys, lists, expansion and endpoints, on both sides of the conformance tests."""

from uuid import uuid4

import stripe

from tests.contract.operations_walk import session
from tests.contract.sides import open_page, priced, read_page

# -- idempotency --


def test_a_key_brings_back_the_first_answer(side):
    params, key = session(), {"idempotency_key": str(uuid4())}
    sessions = side.client.v1.checkout.sessions
    first, second = sessions.create(params, key), sessions.create(params, key)
    assert first.id == second.id
    assert "idempotent-replayed" not in first.last_response.headers
    assert second.last_response.headers["idempotent-replayed"] == "true"


def test_a_key_belongs_to_its_parameters_and_its_operation(side):
    params, key = session(), {"idempotency_key": str(uuid4())}
    side.client.v1.checkout.sessions.create(params, key)
    others = [
        lambda c: c.v1.checkout.sessions.create({**params, "client_reference_id": "2"}, key),
        lambda c: c.v1.products.create({"name": "Scarf"}, key),
    ]
    for call in others:
        error = side.error(call)
        assert isinstance(error, stripe.IdempotencyError)
        assert error.http_status == 400


def test_a_key_is_not_spent_on_a_request_that_was_not_valid(side):
    key = {"idempotency_key": str(uuid4())}
    side.error(lambda c: c.v1.checkout.sessions.create({"mode": "payment"}, key))
    assert side.client.v1.checkout.sessions.create(session(), key).status == "open"


# -- lists and expansion --


def test_lists_go_backwards_and_their_cursors_both_ways(side):
    made = [
        side.client.v1.coupons.create({"percent_off": n, "duration": "once"}).id for n in (1, 2, 3)
    ]
    coupons = side.client.v1.coupons
    newest = coupons.list({"limit": 3})
    assert [one.id for one in newest.data] == made[::-1]
    assert [one.id for one in coupons.list({"limit": 1, "starting_after": made[2]}).data] == [
        made[1]
    ]
    assert [one.id for one in coupons.list({"limit": 1, "ending_before": made[0]}).data] == [
        made[1]
    ]


def test_the_lines_of_a_page_come_when_asked_for(side):
    page = open_page(side, line_items=priced(*range(100, 112)))
    found = read_page(side, page.id)
    assert len(found.line_items.data) == 10
    assert found.line_items.has_more is True
    lines = side.client.v1.checkout.sessions.line_items.list(page.id, {"limit": 100})
    assert sorted(item.amount_total for item in lines.data) == list(range(100, 112))
    plain = side.client.v1.checkout.sessions.retrieve(page.id)
    assert getattr(plain, "line_items", None) is None


def test_pages_are_filtered_by_time_and_state_and_by_nothing_of_ours(side):
    page = open_page(side, client_reference_id="MF-1001")
    window = {"gte": page.created, "lte": page.created}
    found = side.client.v1.checkout.sessions.list({"created": window, "status": "open"})
    assert page.id in [one.id for one in found.data]
    error = side.error(
        lambda c: c.raw_request("get", "/v1/checkout/sessions?client_reference_id=MF-1001")
    )
    assert error.http_status == 400


# -- webhooks --


def test_only_the_making_of_an_endpoint_tells_its_secret(side):
    endpoints = side.client.v1.webhook_endpoints
    made = endpoints.create(
        {
            "url": f"https://shop.example/{uuid4().hex}",
            "enabled_events": ["checkout.session.completed"],
            "api_version": stripe.api_version,
        }
    )
    try:
        assert made.secret.startswith("whsec_")
        assert made.api_version == stripe.api_version
        assert getattr(endpoints.retrieve(made.id), "secret", None) is None
    finally:
        endpoints.delete(made.id)
