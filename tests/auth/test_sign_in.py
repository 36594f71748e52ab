"""Signing in, registering by it, and what is left behind when one signs out."""

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import func, select, update

from shop.auth.client_info import ClientInfo
from shop.auth.services import SignedIn, register_user, sign_in, undo_registration
from shop.cart.owner import CartOwner
from shop.cart.services import add_item
from shop.core import clock
from shop.core.db import arm_crash_points, changed, db, transaction
from shop.core.errors import BadInput, NotPermitted, ShopError
from shop.customers.booking import follow_account
from shop.models import Cart, CartItem, LoginAttempt, User, UserSession
from shop.operations.retention import end_sessions
from shop.settings.services import set_setting
from shop.web.visitor import hashed
from tests.auth.conftest import HERE
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_bare_order, make_product, make_user


def users() -> int:
    return db.session.scalar(select(func.count()).select_from(User)) or 0


def guest_cart(token: str, quantity: int = 2, stock: int = 10) -> int:
    """Put a piece into the guest's cart; return the variant's id."""
    variant = make_product(stock=stock).variants[0]
    add_item(CartOwner(token_hash=hashed(token)), variant.id, quantity)
    return variant.id


@both_engines
def test_the_right_password_opens_a_session(ctx: Flask) -> None:
    user = make_user("Ada@Example.com")
    entered = sign_in("  ada@EXAMPLE.com ", PASSWORD, HERE)
    assert (entered.user_id, entered.is_new) == (user.id, False)
    row = db.session.scalars(select(UserSession)).one()
    assert row.token_hash == hashed(entered.token)
    assert entered.token not in repr(row.__dict__)


@pytest.mark.parametrize("registers", ["yes", "no"])
@both_engines
def test_a_wrong_password_does_not(ctx: Flask, registers: str) -> None:
    set_setting("registration_at_login", registers, user_id=None)
    make_user("ada@example.com")
    make_user("gone@example.com", is_active=False)
    for email, password in (
        ("ada@example.com", "wrong horse battery"),
        ("ada@example.com", PASSWORD + " "),
        ("ada@example.com", "x" * 5000),
        ("gone@example.com", PASSWORD),
    ):
        with pytest.raises(BadInput) as refused:
            sign_in(email, password, HERE)
        assert refused.value.fields == {
            "password": "The email address or the password is not right."
        }
    assert db.session.scalars(select(UserSession)).all() == []


@both_engines
def test_an_unknown_address_becomes_an_account_while_the_setting_is_on(ctx: Flask) -> None:
    entered = sign_in("new@example.com", "wandering teapot", HERE)
    assert entered.is_new
    user = db.session.scalars(select(User)).one()
    assert (user.email, user.email_verified_at, user.role_id) == ("new@example.com", None, None)
    set_setting("registration_at_login", "no", user_id=None)
    with pytest.raises(BadInput) as refused:
        sign_in("other@example.com", "wandering teapot", HERE)
    assert refused.value.fields == {"password": "The email address or the password is not right."}
    assert users() == 1


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("nobody", "wandering teapot", "email"),
        ("a@b\r\nBcc: c@d.example", "wandering teapot", "email"),
        ("a" * 400 + "@example.com", "wandering teapot", "email"),
        ("ada@localhost", "wandering teapot", "email"),
        ("ada@example.com", "short", "password"),
        ("ada@example.com", "password1", "password"),
        ("lovelace@example.com", "lovelace1815", "password"),
    ],
)
def test_a_bad_address_or_password_makes_no_account(
    ctx: Flask, email: str, password: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        sign_in(email, password, HERE)
    assert set(refused.value.fields) == {field}
    assert users() == 0


def test_one_address_is_one_account_however_it_is_written(ctx: Flask) -> None:
    first = sign_in("Anna@Straße.DE", "wandering teapot", HERE)
    for spelling in ("ANNA@straße.de", "anna@XN--STRAE-OQA.de", " anna@ｓtraße。de"):
        assert sign_in(spelling, "wandering teapot", HERE).user_id == first.user_id
    assert sign_in("anna@strasse.de", "wandering teapot", HERE).user_id != first.user_id


def test_registering_an_existing_address_needs_its_password(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    assert register_user("ada@example.com", PASSWORD, HERE).user_id == user.id
    with pytest.raises(BadInput) as refused:
        register_user("ada@example.com", "wandering teapot", HERE)
    assert set(refused.value.fields) == {"email"}
    assert users() == 1


@both_engines
def test_two_first_sign_ins_at_the_same_moment_make_one_account(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app(CRASH_POINTS="before-register=0.05")
    results: list[SignedIn | ShopError] = []
    barrier = threading.Barrier(4)

    def enter(password: str) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results.append(sign_in("new@example.com", password, HERE))
            except ShopError as error:
                results.append(error)

    passwords = ["wandering teapot"] * 3 + ["another teapot"]
    threads = [threading.Thread(target=enter, args=(password,)) for password in passwords]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    arm_crash_points("")
    entered = [result for result in results if isinstance(result, SignedIn)]
    refused = [result for result in results if isinstance(result, ShopError)]
    with app.app_context():
        assert users() == 1
    assert sum(result.is_new for result in entered) == 1
    assert len({result.user_id for result in entered}) == 1
    assert len(entered) in {1, 3}  # whoever was first decides which password it is
    assert {type(error) for error in refused} == {BadInput}


@both_engines
def test_the_guests_bag_comes_along_once(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    browser = replace(HERE, cart_hash=hashed("guest"))
    variant_id = guest_cart("guest", quantity=2)
    entered = sign_in("ada@example.com", PASSWORD, browser)
    assert entered.merged.quantity == 2
    again = sign_in("ada@example.com", PASSWORD, browser)
    assert again.merged.quantity == 0
    rows = db.session.execute(
        select(CartItem.variant_id, CartItem.quantity, Cart.user_id).join(Cart)
    ).all()
    assert [tuple(row) for row in rows] == [(variant_id, 2, user.id)]


def test_registering_brings_the_bag_and_undoing_takes_it_back(ctx: Flask) -> None:
    guest_cart("guest")
    entered = sign_in(
        "typo@exmaple.com", "wandering teapot", replace(HERE, cart_hash=hashed("guest"))
    )
    undo_registration(entered.user_id, hashed("fresh"))
    assert users() == 0
    assert db.session.scalars(select(UserSession)).all() == []
    cart = db.session.scalars(select(Cart)).one()
    assert (cart.user_id, cart.token_hash) == (None, hashed("fresh"))
    assert sign_in("typo@exmaple.com", "wandering teapot", HERE).is_new


def test_an_account_in_use_cannot_be_undone(ctx: Flask) -> None:
    old = sign_in("old@example.com", "wandering teapot", HERE)
    clock.move(25 * 3600)
    buyer = sign_in("buyer@example.com", "wandering teapot", HERE)
    make_bare_order([(make_product().variants[0], 1)], user_id=buyer.user_id)
    proven = make_user(email_verified_at=clock.now())
    staff = make_user(is_owner=True)
    for user_id in (old.user_id, buyer.user_id, proven.id, staff.id, 12345):
        with pytest.raises(NotPermitted):
            undo_registration(user_id, hashed("x"))
    assert users() == 4


def test_hashes_are_renewed_when_the_parameters_change(ctx: Flask) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    user = make_user("ada@example.com")
    with transaction():
        changed(update(User).values(password_hash=weak))
    sign_in("ada@example.com", PASSWORD, HERE)
    stored = db.session.scalars(select(User.password_hash)).one()
    assert stored != weak
    assert "m=19456,t=2,p=1" in stored
    assert sign_in("ada@example.com", PASSWORD, HERE).user_id == user.id


def test_failures_are_slowed_down_and_the_owner_gets_in_elsewhere(client: ShopClient) -> None:
    with client.application.app_context():
        make_user("ada@example.com")
    wrong = {"email": "ada@example.com", "password": "wrong horse battery"}
    here = {"X-Forwarded-For": "192.0.2.7"}
    for _ in range(5):
        assert client.submit("/login", wrong, headers=here).status_code == 422
    refused = client.submit("/login", {**wrong, "password": PASSWORD}, headers=here)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15
    assert "Too many tries" in refused.text
    assert 'value="ada@example.com"' in refused.text
    right = {"email": "ada@example.com", "password": PASSWORD}
    elsewhere = client.application.test_client()
    assert isinstance(elsewhere, ShopClient)
    entered = elsewhere.submit("/login", right, headers={"X-Forwarded-For": "192.0.2.8"})
    assert entered.status_code == 303
    clock.move(16)
    assert client.submit("/login", right, headers=here).status_code == 303


def test_one_place_cannot_register_without_end(ctx: Flask) -> None:
    for n in range(10):
        sign_in(f"person-{n}@example.com", "wandering teapot", HERE)
    with pytest.raises(ShopError) as refused:
        sign_in("person-10@example.com", "wandering teapot", HERE)
    assert refused.value.status == 429
    assert sign_in("person-10@example.com", "wandering teapot", ClientInfo("192.0.2.99")).is_new


def signed_in(client: ShopClient) -> bool:
    return client.get("/account/undo").status_code == 200


def test_the_page_signs_in_and_goes_back_to_where_one_was(client: ShopClient) -> None:
    with client.application.app_context():
        make_user("ada@example.com")
    page = client.get("/login?next=/products%3Fsort%3Dprice")
    assert 'value="/products?sort=price"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    data = {"email": "ada@example.com", "password": PASSWORD, "next": "/products?sort=price"}
    answer = client.submit("/login", data)
    assert (answer.status_code, answer.location) == (303, "/products?sort=price")
    assert signed_in(client)
    assert client.get("/login").location == "/account"


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\tb",
        "x",
    ],
)
def test_goes_nowhere_else(client: ShopClient, target: str) -> None:
    data = {"email": "new@example.com", "password": "wandering teapot", "next": target}
    page = client.get("/login", query_string={"next": target})
    assert "evil" not in page.text
    answer = client.submit("/login", data)
    assert answer.location in {"/", None}
    assert answer.status_code in {303, 400}


def test_a_new_account_is_told_with_its_address_and_can_be_undone(
    client: ShopClient, mails: Callable[[], list[EmailMessage]]
) -> None:
    data = {"email": "typo@exmaple.com", "password": "wandering teapot"}
    page = client.submit("/login", data, follow=True)
    assert "We have made an account for typo@exmaple.com" in page.text
    assert '<a href="/account/undo">' in page.text
    assert [mail["To"] for mail in mails()] == ["typo@exmaple.com"]
    assert "typo@exmaple.com" in client.get("/account/undo").text
    answer = client.submit("/account/undo", page="/account/undo")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert not signed_in(client)
    with client.application.app_context():
        assert users() == 0


def test_input_is_shown_again_with_what_was_wrong(client: ShopClient) -> None:
    answer = client.submit("/login", {"email": "not an address", "password": "secret-typed"})
    assert answer.status_code == 422
    assert "<title>Error: Sign in" in answer.text
    assert 'href="#email"' in answer.text
    assert 'value="not an address"' in answer.text
    assert "secret-typed" not in answer.text
    empty = client.submit("/login", {})
    assert empty.status_code == 422
    assert "Enter your email address." in empty.text


def test_forms_have_no_other_fields(client: ShopClient) -> None:
    data = {"email": "new@example.com", "password": "wandering teapot"}
    data |= {"role_id": "1", "is_active": "0", "is_admin": "1", "id": "99"}
    data |= {"email_verified_at": "2026-01-01", "user_id": "5"}
    assert client.submit("/register", data).status_code == 303
    with client.application.app_context():
        user = db.session.scalars(select(User)).one()
        assert (user.role_id, user.is_active, user.email_verified_at) == (None, True, None)
        assert user.id != 99


@pytest.mark.parametrize(
    "path", ["/login", "/register", "/logout", "/password/forgot", "/account/undo"]
)
def test_nothing_is_done_without_a_token(client: ShopClient, path: str) -> None:
    data = {"email": "new@example.com", "password": "wandering teapot"}
    assert client.post(path, data=data).status_code == 400
    foreign = {"Origin": "https://evil.example"}
    assert client.submit(path, data, headers=foreign).status_code == 403
    with client.application.app_context():
        assert users() == 0
    assert client.get("/logout").status_code == 405


def test_wrong_password_and_unknown_address_look_alike_without_registration(
    client: ShopClient,
) -> None:
    with client.application.app_context():
        set_setting("registration_at_login", "no", user_id=None)
        make_user("known@example.com")
        make_user("gone@example.com", is_active=False)
    pages = set()
    for email in ("known@example.com", "unknown@example.com", "gone@example.com"):
        answer = client.submit("/login", {"email": email, "password": "wrong horse battery"})
        assert answer.status_code == 422
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
        pages.add(page.replace(email, "somebody"))
    assert len(pages) == 1


def cookie_of(client: ShopClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_a_cookie_kept_from_before_signing_out_is_dead(client: ShopClient) -> None:
    data = {"email": "new@example.com", "password": "wandering teapot"}
    client.submit("/login", data)
    kept = cookie_of(client)
    token = client.token("/")
    answer = client.post("/logout", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/")
    assert not signed_in(client)
    client.set_cookie("session", kept)
    assert not signed_in(client)


def test_a_cookie_planted_before_signing_in_is_worth_nothing_after(client: ShopClient) -> None:
    client.get("/login")
    planted = cookie_of(client)
    data = {"email": "new@example.com", "password": "wandering teapot"}
    client.submit("/login", data)
    assert cookie_of(client) != planted
    assert signed_in(client)
    attacker = client.application.test_client()
    assert isinstance(attacker, ShopClient)
    attacker.set_cookie("session", planted)
    assert not signed_in(attacker)


def test_signing_in_anew_ends_the_session_before(ctx: Flask) -> None:
    make_user("ada@example.com")
    sign_in("ada@example.com", PASSWORD, HERE)
    first = db.session.scalars(select(UserSession.id)).one()
    sign_in("ada@example.com", PASSWORD, replace(HERE, session_id=first))
    assert db.session.scalars(select(UserSession.id)).one() != first


def test_sessions_end_by_themselves_and_are_deleted(client: ShopClient) -> None:
    client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
    clock.move(29 * 24 * 3600)
    assert signed_in(client)
    clock.move(2 * 24 * 3600)
    assert not signed_in(client)
    with client.application.app_context():
        assert end_sessions(clock.now()) == 1


def test_staff_sessions_last_half_a_day(client: ShopClient) -> None:
    with client.application.app_context():
        make_user("staff@example.com", permissions=["orders.view"])
    client.submit("/login", {"email": "staff@example.com", "password": PASSWORD})
    assert signed_in(client)
    clock.move(12 * 3600 + 1)
    assert not signed_in(client)


def test_a_disabled_account_is_out_at_once(client: ShopClient) -> None:
    client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
    with client.application.app_context(), transaction() as session:
        changed(update(User).values(is_active=False))
        follow_account(session.scalars(select(User.id)).one())
    assert not signed_in(client)


def test_the_next_person_at_this_browser_finds_nothing(client: ShopClient) -> None:
    with client.application.app_context():
        variant = make_product().variants[0]
    client.submit("/cart/items", {"variant_id": str(variant.id), "quantity": "2"})
    client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
    assert re.search(r"Bag, 2 items", client.get("/").text)
    client.post("/logout", data={"csrf_token": client.token("/")})
    assert re.search(r"Bag, 0 items", client.get("/").text)
    client.submit("/login", {"email": "other@example.com", "password": "wandering teapot"})
    assert re.search(r"Bag, 0 items", client.get("/").text)


def test_the_log_knows_who_and_where_but_no_secrets(
    client: ShopClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
        client.submit("/login", {"email": "new@example.com", "password": "guessing wildly"})
        other = client.application.test_client()
        assert isinstance(other, ShopClient)
        other.submit("/login", {"email": "new@example.com", "password": "guessing wildly"})
    lines = {record.getMessage(): record for record in caplog.records}
    assert lines["registered"].__dict__["ip"] == "127.0.0.1"
    assert lines["sign-in failed"].__dict__["user_id"] > 0
    everything = " ".join(str(record.__dict__) for record in caplog.records)
    for secret in ("teapot", "guessing", "new@example.com", cookie_of(client)):
        assert secret not in everything


def test_what_was_tried_is_kept_without_passwords(ctx: Flask) -> None:
    with pytest.raises(BadInput):
        sign_in("nobody@example.com", "short", HERE)
    row = db.session.scalars(select(LoginAttempt)).one()
    assert (row.kind, row.subject, row.ip) == ("login", "nobody@example.com", "192.0.2.7")
