"""The desk for developers and the remote control for tests."""

import pytest

from tests.sandboxes.stripe.kit import World


@pytest.fixture
def remote(make_world) -> World:
    return make_world(control=True)


def test_the_desk_shows_payments_and_requests(world: World) -> None:
    session = world.paid(client_reference_id="FX-9")
    client = world.browser.client

    assert "FX-9" in client.get("/admin").text
    assert "POST /v1/checkout/sessions" in client.get("/").text
    page = client.get(f"/admin/sessions/{session.id}").text
    assert session.payment_intent.id in page
    assert client.get("/admin/sessions/cs_none").status_code == 404


def test_the_desk_does_what_happens_to_payments(world: World) -> None:
    session = world.paid()
    charge = session.payment_intent.latest_charge.id
    path = f"/admin/sessions/{session.id}"

    world.browser.submit(path, {"action": "refund", "ref": charge})
    [refund] = world.sandbox.objects("refund")
    world.browser.submit(path, {"action": "fail_refund", "ref": refund["id"]})
    world.browser.submit(path, {"action": "dispute", "ref": charge})

    assert world.sandbox.get("charge", charge)["disputed"] is True
    assert world.letterbox.types[1:3] == ["charge.refunded", "refund.created"]
    again = world.browser.submit(path, {"action": "expire"}, "/admin")
    assert again.status_code == 400
    assert "has a status of `complete`" in again.text


@pytest.mark.parametrize(("action", "status"), [("settle", "paid"), ("settle_failed", "unpaid")])
def test_the_desk_settles_debits(world: World, action: str, status: str) -> None:
    session = world.paid("sepa_later")

    world.browser.submit(f"/admin/sessions/{session.id}", {"action": action})

    assert world.reload(session).payment_status == status
    assert len(world.letterbox.types) == 2 + (status == "unpaid")


def test_the_desk_shows_events_and_sends_them_again(world: World) -> None:
    world.letterbox.statuses = [500]
    world.paid()
    event = world.sandbox.deliveries()[0]["event"]
    client = world.browser.client

    assert "checkout.session.completed" in client.get("/admin/events").text
    assert "pending 500" in client.get("/admin/events").text
    assert "thanks" in client.get(f"/admin/events/{event}").text
    world.browser.submit(f"/admin/events/{event}/resend", {}, f"/admin/events/{event}")

    assert world.sandbox.deliveries()[0]["state"] == "delivered"


def test_the_desk_adds_an_endpoint(world: World) -> None:
    world.browser.submit("/admin/endpoints", {"url": "https://x.test/"}, "/admin/events")
    bad = world.browser.submit("/admin/endpoints", {"url": "nonsense"}, "/admin/events")

    assert bad.status_code == 400
    assert [one["url"] for one in world.sandbox.objects("webhook_endpoint")] == ["https://x.test/"]


def test_the_desk_moves_the_clock(world: World) -> None:
    before = world.sandbox.now()

    world.browser.submit("/admin/clock", {"seconds": "90"}, "/admin")
    world.browser.submit("/admin/clock", {"seconds": "a while"}, "/admin")

    assert world.sandbox.now() == before + 90


def test_the_desk_arms_faults(world: World) -> None:
    form = {"name": "fail", "value": "503", "times": "2", "route": "POST /v1/products"}
    world.browser.submit("/faults", form)
    assert "POST /v1/products" in world.browser.client.get("/faults").text

    assert world.browser.submit("/faults", {"name": "fail", "value": "x"}).status_code == 400
    world.browser.submit("/faults", {"name": "hold"})
    world.paid()
    world.browser.submit("/faults", {"release": "1"})
    assert world.letterbox.types == ["checkout.session.completed"]
    world.browser.submit("/faults", {"clear": "1"})
    assert "Nothing goes wrong at present." in world.browser.client.get("/faults").text


@pytest.mark.parametrize("path", ["/faults", "/admin/clock", "/admin/endpoints"])
def test_the_desk_takes_its_own_forms_only(world: World, path: str) -> None:
    assert world.browser.client.post(path).status_code == 400


@pytest.mark.parametrize("path", ["/", "/admin", "/admin/events", "/faults"])
def test_a_public_demo_has_no_desk(make_world, path: str) -> None:
    world = make_world(demo=True)

    assert world.browser.client.get(path).status_code == 404
    assert world.browser.open(world.session()).status_code == 200


def test_the_remote_control_is_off_by_default(world: World) -> None:
    assert world.browser.client.post("/test/reset").status_code == 404
    assert world.browser.client.get("/test/now").status_code == 404


def test_the_remote_control(remote: World) -> None:
    client = remote.browser.client
    session = remote.session()

    paid = client.post("/test/pay", json={"session_id": session.id, "instrument": "sepa_later"})
    assert paid.json["result"]["state"] == "processing"
    client.post("/test/advance", json={"seconds": 180})
    assert client.post("/test/deliver_due").json == {"result": 1}
    looked = client.get(f"/test/get?kind=checkout.session&object_id={session.id}")
    assert looked.json["result"]["payment_status"] == "paid"
    client.post("/test/fault", json={"name": "fail", "value": 503, "times": 1})
    assert client.post("/test/reset").json == {"result": None}


@pytest.mark.parametrize(
    ("name", "arguments", "status"),
    [
        ("explode", {}, 404),
        ("call", {}, 404),
        ("fault", {"name": "explode"}, 400),
        ("pay", {"session_id": "cs_none"}, 404),
        ("pay", {}, 400),
        ("pay", {"session_id": "x", "instrument": "gold"}, 400),
        ("pay", [], 400),
    ],
)
def test_the_remote_control_refuses_nonsense(
    remote: World, name: str, arguments: object, status: int
) -> None:
    assert remote.browser.client.post(f"/test/{name}", json=arguments).status_code == status
