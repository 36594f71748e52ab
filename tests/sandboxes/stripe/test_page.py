"""The hosted page: forms, doors, and what it must not do."""

import threading
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from sandboxes.stripe.errors import ApiError
from tests.sandboxes.stripe.kit import SHOP, World, path_of, session_params


def test_the_page_says_what_is_paid_and_that_no_money_moves(world: World) -> None:
    page = world.browser.open(world.session())

    assert page.status_code == 200
    for text in ("Maison Test", "Candle", "€25.00", "no money moves", 'data-testid="sbx-pay"'):
        assert text in page.text
    assert f'href="{SHOP}/cart"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(world: World) -> None:
    page = world.browser.open(world.session())

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'; style-src 'self'" in policy
    assert f"form-action 'self' {SHOP}" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert "style=" not in page.text
    with world.browser.client.get("/static/sandbox.css") as sheet:
        assert sheet.status_code == 200


def test_browsers_are_not_asked_for_real_cards(world: World) -> None:
    page = world.browser.open(world.session()).text

    assert "cc-" not in page
    assert 'autocomplete="off"' in page


def test_a_session_that_is_over_has_no_form(world: World) -> None:
    complete, expired = world.paid(), world.session()
    world.stripe.v1.checkout.sessions.expire(expired.id)

    for session, text in ((complete, "This payment is complete"), (expired, "has expired")):
        page = world.browser.open(session)
        assert page.status_code == 410
        assert text in page.text
        assert "sbx-pay" not in page.text
        assert f'href="{SHOP}/cart"' in page.text


def test_an_unknown_session(world: World) -> None:
    assert world.browser.client.get("/c/pay/cs_test_none").status_code == 404


@pytest.mark.parametrize("form", [{}, {"csrf_token": "0" * 64}])
def test_a_form_without_its_token_does_nothing(world: World, form: dict[str, str]) -> None:
    session = world.session()
    world.browser.open(session)

    answer = world.browser.client.post(path_of(session), data={**form, "number": "4242"})

    assert answer.status_code == 400
    assert world.reload(session).payment_intent is None


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_another_sites_form_does_nothing(world: World, headers: dict[str, str]) -> None:
    session = world.session()

    answer = world.browser.client.post(path_of(session), headers=headers)

    assert answer.status_code == 403


def test_a_test_card_fills_the_form(world: World) -> None:
    session = world.session()

    page = world.browser.submit(
        path_of(session), {"fill": "visa", "email": "mine@example.com", "method": "card"}
    )

    assert page.status_code == 200
    for value in ("4242 4242 4242 4242", "12 / 40", 'value="123"', "mine@example.com"):
        assert value in page.text
    assert world.reload(session).status == "open"


def test_an_address_is_asked_for_and_kept(world: World) -> None:
    session = world.session(
        shipping_address_collection={"allowed_countries": ["FR", "DE"]},
        phone_number_collection={"enabled": True},
    )
    assert "Germany" in world.browser.open(session).text

    missing = world.browser.pay(session)
    assert missing.status_code == 422
    assert 'href="#ship_line1"' in missing.text
    assert 'href="#phone"' in missing.text
    address = {
        "ship_name": "Ada",
        "ship_line1": "1 rue de la Paix",
        "ship_city": "Paris",
        "ship_postal_code": "75002",
        "ship_country": "FR",
        "phone": "+33 1 02 03 04 05",
    }
    assert world.browser.pay(session, **address).status_code == 303

    paid = world.reload(session, "payment_intent")
    shipping = paid.collected_information.shipping_details
    assert (shipping.name, shipping.address.city) == ("Ada", "Paris")
    assert paid.payment_intent.shipping.address.postal_code == "75002"
    assert paid.customer_details.phone == "+33 1 02 03 04 05"


def test_a_delivery_can_be_chosen(world: World) -> None:
    options = [
        {
            "shipping_rate_data": {
                "display_name": name,
                "type": "fixed_amount",
                "fixed_amount": {"amount": amount, "currency": "eur"},
            }
        }
        for name, amount in (("Post", 500), ("Courier", 1500))
    ]
    session = world.session(shipping_options=options)
    assert session.amount_total == 3000
    courier = session.shipping_options[1].shipping_rate

    path = path_of(session)
    assert (
        world.browser.submit(f"{path}/update", {"shipping_rate": "shr_x"}, path).status_code == 422
    )
    assert (
        world.browser.submit(f"{path}/update", {"shipping_rate": courier}, path).status_code == 303
    )
    world.browser.pay(session)

    paid = world.reload(session, "shipping_cost.shipping_rate")
    assert paid.amount_total == 4000
    assert paid.shipping_cost.shipping_rate.display_name == "Courier"


def test_a_second_submit_is_the_redirect(world: World) -> None:
    session = world.session()
    token = world.browser.open(session).text.split('name="csrf_token" value="')[1][:64]
    data = {
        "csrf_token": token,
        "email": "ada@example.com",
        "number": "4242424242424242",
        "exp": "12/40",
        "cvc": "123",
    }

    answers = [world.browser.client.post(path_of(session), data=data) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert len(world.sandbox.objects("charge")) == 1


def test_many_submits_at_once_pay_once(world: World) -> None:
    session = world.session()
    clients: list[FlaskClient] = [world.app.pages.test_client() for _ in range(8)]
    barrier = threading.Barrier(len(clients))
    answers: list[int] = []

    def work(client: FlaskClient) -> None:
        page = client.get(path_of(session)).text
        data = {
            "csrf_token": page.split('name="csrf_token" value="')[1][:64],
            "email": "ada@example.com",
            "number": "4242424242424242",
            "exp": "12/40",
            "cvc": "123",
        }
        barrier.wait()
        answers.append(client.post(path_of(session), data=data).status_code)

    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [303] * 8
    assert len(world.sandbox.objects("charge")) == 1
    assert world.letterbox.types == ["checkout.session.completed"]


def test_paying_and_expiring_at_once_has_one_winner(world: World) -> None:
    for _ in range(10):
        session = world.session()

        [winner] = race(
            pay=lambda: world.sandbox.pay(session.id),  # noqa: B023 - runs within the round
            expire=lambda: world.sandbox.expire(session.id),  # noqa: B023
        )

        state = world.reload(session)
        assert state.status == {"pay": "complete", "expire": "expired"}[winner]
        assert (state.payment_status == "paid") is (winner == "pay")


def test_the_shop_is_learned_where_it_is_not_told(make_world: Callable[..., World]) -> None:
    world = make_world(shop_url="")

    session = world.stripe.v1.checkout.sessions.create(session_params())
    assert session.url == f"{SHOP}/_sandbox/c/pay/{session.id}"
    world.browser.pay(session)
    assert world.letterbox.letters[0][0] == f"{SHOP}/stripe/webhook"


def test_the_pages_follow_where_they_are_mounted(world: World) -> None:
    client = Client(DispatcherMiddleware(world.app, {"/_sandbox": world.app}))
    session = world.session()

    page = client.get(f"/_sandbox/c/pay/{session.id}")

    assert f'action="/_sandbox/c/pay/{session.id}"' in page.text
    assert 'href="/_sandbox/static/sandbox.css"' in page.text
    assert "Path=/_sandbox" in page.headers["Set-Cookie"]


def race(**actions: Callable[[], object]) -> list[str]:
    """Run the actions at once; the names of those that were not refused."""
    barrier = threading.Barrier(len(actions))
    won: list[str] = []

    def run(name: str, action: Callable[[], object]) -> None:
        barrier.wait()
        try:
            action()
        except ApiError:
            return
        won.append(name)

    threads = [threading.Thread(target=run, args=pair) for pair in actions.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won
