"""The shop closed for a while: for visitors, not for staff, machines or money on its way."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from shop.core import clock
from shop.core.clock import now
from shop.core.config import config
from shop.models import PaymentStatus
from shop.settings.services import set_settings
from tests.admin.kit import sign_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


def close(app: Flask, text: str = "", until: str = "", *, switch: str = "yes") -> None:
    with app.app_context():
        texts = {"maintenance": switch, "maintenance_text": text, "maintenance_until": until}
        set_settings(texts, user_id=None)


@pytest.fixture(autouse=True)
def iris(app: Flask) -> str:
    """The address of a piece in an open shop."""
    with app.app_context():
        kit.open_shop()
        return f"/products/{make_product('Iris', stock=3).slug}"


@both_engines
def test_visitors_are_turned_away_at_their_next_click(
    app: Flask, client: ShopClient, iris: str
) -> None:
    staff, customer = sign_in(app, ["orders.view"]), sign_in(app)
    page = client.get(iris)
    assert page.status_code == 200
    token = client.token("/cart")
    close(app, "Stocktaking <today>")
    for one in (client, customer):
        answer = one.get(iris)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "600"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Stocktaking &lt;today&gt;" in answer.text
        assert "Iris" not in answer.text
    form = {"csrf_token": token, "variant_id": "1", "quantity": "1"}
    assert client.post("/cart/items", data=form).status_code == 503
    assert client.post("/checkout", data=form).status_code == 503
    # Staff see the shop, and that it is closed; what is kept of pages carries no word of it.
    assert "The shop is closed" in staff.get(iris).text
    assert "The shop is closed" in staff.get("/admin/").text
    assert "/admin/settings/maintenance" not in staff.get("/admin/").text, "they may not open it"
    close(app, switch="no")
    assert "The shop is closed" not in client.get(iris).text
    assert "The shop is closed" not in staff.get(iris).text


@pytest.mark.parametrize(
    "url", ["/healthz", "/readyz", "/robots.txt", "/login", "/password/forgot", "/admin/"]
)
def test_what_stays_open(app: Flask, client: ShopClient, url: str) -> None:
    before = client.get(url).status_code
    close(app)
    assert client.get(url).status_code == before != 503


def test_staff_can_sign_in_and_open_it(app: Flask, client: ShopClient) -> None:
    close(app)
    assert client.get("/account").status_code == 503
    assert client.get("/register").status_code == 503
    owner = sign_in(app, is_owner=True)
    assert "closed for visitors until you open it" in owner.get("/admin/settings/maintenance").text
    assert 'href="/admin/settings/maintenance"' in owner.get("/").text
    typed = {"maintenance_text": "", "maintenance_until": ""}
    answer = owner.submit("/admin/settings/maintenance", typed)
    assert answer.status_code == 303
    assert client.get("/").status_code == 200


def test_money_that_is_on_its_way_arrives(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        order, ref = kit.to_payment(kit.fill_cart(make_product("Rose", stock=2)))
        number, order_id, token = order.number, order.id, order.access_token
    close(app)
    with app.app_context():
        kit.pay(ref)
    assert client.get(f"/checkout/success?session_id={ref}").status_code == 200
    assert client.get(f"/o/{token}", follow_redirects=True).status_code == 200
    assert client.get("/checkout").status_code == 503
    payment = {"csrf_token": client.token("/login")}
    assert client.post(f"/orders/{number}/payment", data=payment).status_code == 503
    assert client.post("/stripe/webhook", data=b"{}").status_code == 400, "heard, and unsigned"
    with app.app_context():
        assert kit.order(order_id).payment_status is PaymentStatus.PAID


def test_it_opens_by_itself(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        zone = ZoneInfo(config().timezone)
        until = (now() + timedelta(hours=2)).astimezone(zone).replace(second=0, microsecond=0)
    close(app, until=until.strftime("%Y-%m-%d %H:%M"))
    answer = client.get("/")
    assert answer.status_code == 503
    assert 3600 < int(answer.headers["Retry-After"]) <= 7200
    assert until.strftime("%H:%M") in answer.text
    clock.move(7200)
    assert client.get("/").status_code == 200
    owner = sign_in(app, is_owner=True)
    assert "Its time has passed" in owner.get("/admin/settings/maintenance").text
    assert "The shop is closed" not in owner.get("/").text


def test_times_that_are_none_are_refused(app: Flask) -> None:
    owner = sign_in(app, is_owner=True)
    for typed in ("tomorrow", "2026-02-30T10:00", "2026-12-24"):
        form = {"maintenance": "y", "maintenance_until": typed, "maintenance_text": ""}
        answer = owner.submit("/admin/settings/maintenance", form)
        assert answer.status_code == 422
        assert "must be a day and a time" in answer.text
    assert owner.get("/").status_code == 200


@both_engines
def test_commands_close_and_open(app: Flask, client: ShopClient) -> None:
    run = app.test_cli_runner()
    until = datetime(2099, 12, 24, 18).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ001 -- as typed
    closed = run.invoke(args=["maintenance", "on", "--until", until, "--text", "Moving house"])
    assert closed.exit_code == 0, closed.output
    assert "Moving house" in client.get("/").text
    wrong = run.invoke(args=["maintenance", "on", "--until", "soon"])
    assert wrong.exit_code == 1
    assert "must be a day and a time" in wrong.output
    assert run.invoke(args=["maintenance", "off"]).exit_code == 0
    assert client.get("/").status_code == 200
