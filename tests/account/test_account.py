"""The account pages: details, email, password, sessions, data, the way out."""

import json
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from shop.account.services import add_address, adopt_guest_orders, close_account
from shop.account.user_agents import browser_name
from shop.auth.services import prove_address
from shop.core.clock import now
from shop.core.db import changed, db, transaction
from shop.core.emails import normalise_email
from shop.core.errors import BadInput, NotPermitted, OrderError
from shop.jobs import drain
from shop.models import (
    Address,
    Cart,
    LoginAttempt,
    MailMessage,
    Order,
    PaymentStatus,
    User,
    UserSession,
)
from tests.account.conftest import sign_in_as
from tests.account.test_addresses import LYON
from tests.auth.conftest import HERE, link_in, mails_of
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_bare_order, make_product, make_user

NEW = "a quite different teapot"
PAGES = (
    "/account", "/account/details", "/account/email", "/account/password", "/account/security",
    "/account/addresses", "/account/addresses/new", "/account/close", "/account/data",
)  # fmt: skip
POSTS = (
    "/account/details", "/account/email", "/account/password", "/account/sessions/delete",
    "/account/sessions/1/delete", "/account/addresses/new", "/account/close", "/account/proof",
)  # fmt: skip


@pytest.fixture
def mails(app: Flask) -> Callable[[], list[EmailMessage]]:
    def read() -> list[EmailMessage]:
        with app.app_context():
            return mails_of(app)

    return read


def again(app: Flask, user: User) -> User:
    with app.app_context():
        return db.session.get_one(User, user.id)


@pytest.mark.parametrize("path", PAGES)
def test_strangers_are_asked_to_sign_in_and_come_back(client: ShopClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")


@pytest.mark.parametrize("path", POSTS)
def test_strangers_change_nothing(client: ShopClient, path: str) -> None:
    assert client.submit(path).location == "/login?next=/account"


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_personal(me: ShopClient, path: str) -> None:
    answer = me.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/account/x.css", "/account/addresses/1/x", "/account/details/x.js"]
)
def test_there_is_nothing_below_the_pages(me: ShopClient, path: str) -> None:
    assert me.get(path).status_code == 404


def test_details_are_kept(me: ShopClient, app: Flask, ada: User) -> None:
    data = {"name": "  Ada   Lovelace ", "phone": "+33 6 12 34 56 78", "email": "x@y.example"}
    assert me.submit("/account/details", data).status_code == 303
    user = again(app, ada)
    assert (user.name, user.phone, user.email) == (
        "Ada Lovelace",
        "+33 6 12 34 56 78",
        "ada@example.com",
    )
    assert "Hello, Ada" in me.get("/account").text
    for wrong in ({"name": "x" * 121}, {"name": "see https://evil.example"}, {"phone": "call me"}):
        answer = me.submit("/account/details", wrong)
        assert answer.status_code == 422
    assert again(app, ada).name == "Ada Lovelace"


def test_the_email_address_changes_by_a_link(
    me: ShopClient, app: Flask, ada: User, mails: Callable[[], list[EmailMessage]]
) -> None:
    wrong = me.submit("/account/email", {"email": "new@example.org", "password": "nonsense words"})
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    data = {"email": "new@example.org", "password": PASSWORD}
    assert "new@example.org" in me.submit("/account/email", data).text
    link, notice = mails()
    assert notice["To"] == "ada@example.com"
    url = link_in(link)
    token = {"token": url.rsplit("/", 1)[1]}
    done = me.submit("/account/email/confirm", token, page=url, follow=True)
    assert done.status_code == 200
    assert again(app, ada).email == "new@example.org"


def test_the_password_changes_and_other_browsers_are_out(
    me: ShopClient, app: Flask, ada: User
) -> None:
    other = sign_in_as(app, ada)
    assert other.get("/account").status_code == 200
    kept = me.get_cookie("session")
    data = {"old_password": PASSWORD, "password": NEW}
    assert me.submit("/account/password", data | {"old_password": "x"}).status_code == 422
    assert me.submit("/account/password", data | {"password": "password1"}).status_code == 422
    assert me.submit("/account/password", data).status_code == 303
    assert me.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert kept is not None
    other.set_cookie("session", kept.value)
    assert other.get("/account").status_code == 302


def test_guessing_the_present_password_is_slowed_down(me: ShopClient) -> None:
    data = {"old_password": "wrong horse battery", "password": NEW}
    statuses = [me.submit("/account/password", data).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_sessions_are_listed_and_ended(me: ShopClient, app: Flask, ada: User) -> None:
    second, third = sign_in_as(app, ada), sign_in_as(app, ada)
    page = me.get("/account/security").text
    assert page.count("This browser") == 1
    with app.app_context():
        ids = db.session.scalars(select(UserSession.id).order_by(UserSession.id)).all()
    assert me.submit(f"/account/sessions/{ids[1]}/delete").status_code == 303
    assert second.get("/account").status_code == 302
    assert me.submit("/account/sessions/delete").status_code == 303
    assert third.get("/account").status_code == 302
    assert me.get("/account").status_code == 200
    with app.app_context():
        stranger = make_user()
    sign_in_as(app, stranger)
    with app.app_context():
        foreign = db.session.scalars(
            select(UserSession.id).where(UserSession.user_id == stranger.id)
        ).one()
    assert me.submit(f"/account/sessions/{foreign}/delete").status_code == 404


@both_engines
def test_guest_orders_come_only_with_proof(ctx: Flask) -> None:
    variant = make_product().variants[0]
    mine = make_bare_order([(variant, 1)])
    other = make_user("other@example.com")
    taken = make_bare_order([(variant, 1)], user_id=other.id)
    user = make_user("ada@example.com")  # the address of both orders
    assert adopt_guest_orders(user.id) == 0
    with transaction():
        changed(update(User).where(User.id == user.id).values(email_verified_at=now()))
    assert adopt_guest_orders(user.id) == 1
    owners = {row.id: row.user_id for row in db.session.execute(select(Order.id, Order.user_id))}
    assert owners == {mine.id: user.id, taken.id: other.id}


def test_confirming_the_address_brings_the_guest_orders(
    client: ShopClient, app: Flask, mails: Callable[[], list[EmailMessage]]
) -> None:
    with app.app_context():
        order = make_bare_order([(make_product().variants[0], 1)])
    client.submit("/login", {"email": "ada@example.com", "password": "wandering teapot"})
    assert order.number not in client.get("/account").text
    token = link_in(mails()[0]).rsplit("/", 1)[1]
    with app.app_context():
        prove_address(token, HERE, None, "wandering teapot")
        drain()
    assert order.number in client.get("/account").text


def test_the_link_can_be_had_again(me: ShopClient, mails: Callable[[], list[EmailMessage]]) -> None:
    assert me.submit("/account/proof").status_code == 303
    assert [mail["Subject"] for mail in mails()] == ["Confirm your address"]


def test_all_data_can_be_taken_along(me: ShopClient, app: Flask, ada: User) -> None:
    with app.app_context():
        add_address(ada.id, LYON)
        make_bare_order([(make_product().variants[0], 2)], user_id=ada.id)
        make_bare_order([(make_product().variants[0], 1)])
    answer = me.get("/account/data")
    assert answer.mimetype == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.text)
    assert data["account"]["email"] == "ada@example.com"
    assert data["addresses"][0]["city"] == "Lyon"
    assert [order["items"][0]["quantity"] for order in data["orders"]] == [2]
    for secret in ("argon2", "token", "hash"):
        assert secret not in answer.text


@both_engines
@pytest.mark.parametrize("address", ["ada@example.com", "Ada@Example.com", "ÉLODIE.Strauß@x.de"])
def test_closing_deletes_the_person_and_keeps_the_books(ctx: Flask, address: str) -> None:
    key = normalise_email(address)
    user = make_user(address)
    add_address(user.id, LYON)
    order = make_bare_order(
        [(make_product().variants[0], 1)], user_id=user.id, payment_status=PaymentStatus.CANCELED
    )
    with transaction() as session:
        session.add(Cart(user_id=user.id))
        session.add(LoginAttempt(kind="login", subject=key, ip="192.0.2.7"))
        for n, about in enumerate((None, order.id)):
            session.add(
                MailMessage(
                    kind="any",
                    dedupe_key=str(n),
                    message_id=f"<{n}@x>",
                    to_address=address,
                    subject="Hello",
                    order_id=about,
                )
            )
    with pytest.raises(BadInput):
        close_account(user.id, "wrong", "192.0.2.7")
    close_account(user.id, PASSWORD, "192.0.2.7")
    for table in (User, Address, Cart, UserSession, LoginAttempt):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    db.session.expire_all()
    kept = db.session.get_one(Order, order.id)
    assert (kept.user_id, kept.email) == (None, "ada@example.com")
    assert db.session.scalars(select(MailMessage.order_id)).all() == [order.id]


def test_an_open_order_or_a_role_keep_an_account_open(ctx: Flask) -> None:
    buyer = make_user()
    make_bare_order([(make_product().variants[0], 1)], user_id=buyer.id)
    with pytest.raises(OrderError):
        close_account(buyer.id, PASSWORD, "192.0.2.7")
    with pytest.raises(NotPermitted):
        close_account(make_user(is_owner=True).id, PASSWORD, "192.0.2.7")


def test_the_page_closes_the_account(me: ShopClient, app: Flask) -> None:
    assert me.submit("/account/close", {"password": "nonsense words"}).status_code == 422
    done = me.submit("/account/close", {"password": PASSWORD})
    assert (done.status_code, done.location) == (303, "/")
    assert me.get("/account").status_code == 302
    with app.app_context():
        assert db.session.scalars(select(User)).all() == []


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{WINDOWS}; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (f"{WINDOWS}) AppleWebKit/537.36 Chrome/137.0 Safari/537.36 Edg/137.0", "Edge on Windows"),
        (f"{IPHONE} (KHTML, like Gecko) Version/18.5 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/137.0.0.0 Safari/537.36", "Chrome on Linux"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_browsers_are_named(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
