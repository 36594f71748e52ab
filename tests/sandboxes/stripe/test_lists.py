"""Pages, filters, expansion, and what every answer carries."""

import pytest
import stripe

from tests.sandboxes.stripe.kit import KEY, World, connect


@pytest.fixture
def products(world: World) -> list[str]:
    return [world.stripe.v1.products.create({"name": f"Piece {n}"}).id for n in range(7)]


def test_newest_first_ten_at_most(world: World, products: list[str]) -> None:
    page = world.stripe.v1.products.list({"limit": 3})

    assert [one.id for one in page.data] == products[:3:-1]
    assert page.has_more is True
    assert page.url == "/v1/products"


def test_iterating_goes_through_all_pages(world: World, products: list[str]) -> None:
    page = world.stripe.v1.products.list({"limit": 2})

    assert [one.id for one in page.auto_paging_iter()] == products[::-1]


def test_backwards_from_a_cursor(world: World, products: list[str]) -> None:
    page = world.stripe.v1.products.list({"limit": 2, "ending_before": products[1]})

    assert [one.id for one in page.data] == [products[3], products[2]]
    assert page.has_more is True
    assert [one.id for one in page.auto_paging_iter()] == products[2:]


@pytest.mark.parametrize("limit", [0, 101, -1])
def test_pages_have_one_to_a_hundred_entries(world: World, limit: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        world.stripe.v1.products.list({"limit": limit})

    assert caught.value.param == "limit"


def test_cursors_must_exist_and_exclude_each_other(world: World, products: list[str]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        world.stripe.v1.products.list({"starting_after": "prod_none"})
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        world.stripe.v1.products.list({"starting_after": products[0], "ending_before": products[1]})


def test_sessions_by_state_and_time(world: World) -> None:
    start = int(world.sandbox.now())
    paid = world.paid()
    world.sandbox.advance(100)
    open_ = world.session()
    sessions = world.stripe.v1.checkout.sessions

    assert [one.id for one in sessions.list({"status": "complete"}).data] == [paid.id]
    late = sessions.list({"created": {"gte": start + 100}})
    assert [one.id for one in late.data] == [open_.id]
    early = sessions.list({"created": {"lt": start + 100}})
    assert [one.id for one in early.data] == [paid.id]
    by_intent = sessions.list({"payment_intent": paid.payment_intent.id})
    assert [one.id for one in by_intent.data] == [paid.id]
    by_mail = sessions.list({"customer_details": {"email": "buyer@example.com"}})
    assert [one.id for one in by_mail.data] == [paid.id]


def test_sessions_have_no_filter_by_reference(world: World) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="unknown parameter"):
        world.stripe.v1.checkout.sessions.list({"client_reference_id": "FX-1"})  # type: ignore[typeddict-unknown-key]


def test_expansion_inside_lists(world: World) -> None:
    world.paid()

    page = world.stripe.v1.checkout.sessions.list(
        {"expand": ["data.payment_intent.latest_charge", "data.line_items"]}
    )

    [session] = page.data
    assert session.payment_intent.latest_charge.paid is True
    assert session.line_items.data[0].price.unit_amount == 2500


@pytest.mark.parametrize("path", ["status", "nonsense", "payment_intent.nonsense", "a.b.c.d.e"])
def test_what_cannot_be_expanded(world: World, path: str) -> None:
    session = world.paid()

    with pytest.raises(stripe.InvalidRequestError, match="expand"):
        world.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": [path]})


def test_the_price_of_a_line_knows_its_product(world: World) -> None:
    session = world.session(expand=["line_items.data.price.product"])

    product = session.line_items.data[0].price.product
    assert (product.name, product.active) == ("Candle", False)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("sk_test_51real", "Invalid API Key provided"),
        ("sk_live_51real0123456789", r"Invalid API Key provided: sk_live_\*\*\*\*\*\*\*\*6789"),
        (KEY + "x", "Invalid API Key provided"),
    ],
)
def test_only_its_own_key_opens_it(world: World, key: str, text: str) -> None:
    with pytest.raises(stripe.AuthenticationError, match=text):
        connect(world.app, key).v1.balance.retrieve()


def test_a_request_without_a_key(world: World) -> None:
    answer = world.http.get("/v1/balance")

    assert answer.status_code == 401
    assert "You did not provide an API key" in answer.json["error"]["message"]


def test_curls_way_of_giving_the_key(world: World) -> None:
    assert world.http.get("/v1/balance", auth=(KEY, "")).status_code == 200


def test_addresses_that_do_not_exist(world: World) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}

    for verb, path in (("GET", "/v1/nonsense"), ("DELETE", "/v1/refunds/re_1")):
        answer = world.http.open(path, method=verb, headers=headers)
        assert answer.status_code == 404
        assert answer.json["error"]["message"].startswith(f"Unrecognized request URL ({verb}:")


@pytest.mark.parametrize(
    "body",
    [
        b"name[a]=1&name=2",
        b"name=2&name[a]=1",
        b"a[" * 20 + b"=1",
        b"name=%00",
        b"name=\xff\xfe",
        b"&".join(b"x%d=1" % n for n in range(6000)),
        b"name=" + b"x" * 1_000_001,
        b"name=" + b"x" * 5001,
        b"active=maybe&name=X",
        b"name=",
        b"name=X&images=notalist",
        b'{"name": "X"}',
        b"name=X&package_dimensions[height]=1e999&package_dimensions[length]=1",
    ],
    ids=str,
)
def test_hostile_bodies_are_bad_requests(world: World, body: bytes) -> None:
    answer = world.http.post(
        "/v1/products",
        data=body,
        headers={
            "Authorization": f"Bearer {KEY}",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )

    assert answer.status_code in {400, 413}
    assert answer.json["error"]["type"] == "invalid_request_error"
    assert world.sandbox.objects("product") == []


def test_every_answer_names_its_request_and_version(world: World) -> None:
    headers = world.session().last_response.headers

    assert headers["Request-Id"].startswith("req_sbx")
    assert headers["Stripe-Version"] == stripe.api_version
