"""Proof of an address: by a link and a press of a button, never by the link alone."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import select

from shop.auth.client_info import ClientInfo
from shop.auth.services import (
    make_proof_token,
    prove_address,
    request_email_change,
    request_proof,
    sign_in,
)
from shop.auth.tokens import LinkDead
from shop.core import clock
from shop.core.db import db
from shop.core.errors import BadInput, TooManyRequests
from shop.models import User, UserSession
from tests.auth.conftest import HERE, link_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_user

Mails = Callable[[], list[EmailMessage]]


def again(user: User) -> User:
    db.session.expire_all()
    return db.session.get_one(User, user.id)


def test_a_new_account_is_proven_by_its_mail(client: ShopClient, mails: Mails) -> None:
    client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
    link = link_in(mails()[0])
    stranger = client.application.test_client()
    assert isinstance(stranger, ShopClient)
    page = stranger.get(link)
    with client.application.app_context():
        assert db.session.scalars(select(User.email_verified_at)).one() is None
    assert "new@example.com" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    form = {"token": link.rsplit("/", 1)[1], "password": "wandering teapot"}
    done = stranger.submit("/account/email/confirm", form, page=link)
    assert (done.status_code, done.location) == (303, "/login")
    with client.application.app_context():
        assert db.session.scalars(select(User.email_verified_at)).one() is not None


def test_who_is_signed_in_only_presses_the_button(client: ShopClient, mails: Mails) -> None:
    client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
    link = link_in(mails()[0])
    assert 'type="password"' not in client.get(link).text
    form = {"token": link.rsplit("/", 1)[1]}
    done = client.submit("/account/email/confirm", form, page=link)
    assert (done.status_code, done.location) == (303, "/account")


@pytest.mark.parametrize("password", ["", "opened by mistake"])
def test_a_good_natured_press_proves_nothing_for_a_stranger(
    client: ShopClient, mails: Mails, password: str
) -> None:
    """Whoever typed somebody else's address would otherwise be handed that person's orders."""
    client.submit("/login", {"email": "new@example.com", "password": "wandering teapot"})
    link = link_in(mails()[0])
    owner = client.application.test_client()
    assert isinstance(owner, ShopClient)
    owner.submit("/login", {"email": "mine@example.com", "password": "humming lantern"})
    form = {"token": link.rsplit("/", 1)[1], "password": password}
    answer = owner.submit("/account/email/confirm", form, page=link)
    assert answer.status_code == 422
    assert "not your present password" in answer.text
    with client.application.app_context():
        assert db.session.scalars(select(User.email_verified_at)).all() == [None, None]


def test_guessing_at_the_link_is_slowed_down(client: ShopClient) -> None:
    with client.application.app_context():
        token = make_proof_token(make_user("ada@example.com"), "ada@example.com")
    form = {"token": token, "password": "wrong horse battery"}
    page = f"/account/email/{token}"
    statuses = [
        client.submit("/account/email/confirm", form, page=page).status_code for _ in range(6)
    ]
    assert statuses == [422] * 5 + [429]


@both_engines
def test_an_address_changes_when_the_new_one_is_proven(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    entered = sign_in("ada@example.com", PASSWORD, HERE)
    sign_in("ada@example.com", PASSWORD, HERE)
    mine = db.session.scalars(select(UserSession.id).order_by(UserSession.id)).first()
    here = ClientInfo(HERE.ip, session_id=mine)
    token = make_proof_token(again(user), "Countess@Example.org")
    assert prove_address(token, here, user.id) == "Countess@Example.org"
    changed = again(user)
    assert (changed.email, changed.email_key) == ("Countess@Example.org", "countess@example.org")
    assert changed.email_verified_at is not None
    assert db.session.scalars(select(UserSession.id)).all() == [mine]
    assert entered.user_id == user.id
    with pytest.raises(LinkDead):
        prove_address(token, here, user.id)


def test_a_change_needs_the_password_and_tells_the_old_address(ctx: Flask, mails: Mails) -> None:
    user = make_user("ada@example.com")
    for email, password, field in (
        ("new@example.org", "wrong horse battery", "password"),
        ("ADA@example.com", PASSWORD, "email"),
        ("nonsense", PASSWORD, "email"),
    ):
        with pytest.raises(BadInput) as refused:
            request_email_change(user.id, email, password, "192.0.2.7")
        assert set(refused.value.fields) == {field}
    request_email_change(user.id, "new@example.org", PASSWORD, "192.0.2.7")
    link, notice = mails()
    assert (link["To"], notice["To"]) == ("new@example.org", "ada@example.com")
    assert "new@example.org" in notice.as_string()
    assert again(user).email == "ada@example.com"
    prove_address(link_in(link).rsplit("/", 1)[1], HERE, None, PASSWORD)
    assert again(user).email == "new@example.org"


def test_an_address_of_somebody_else_cannot_be_taken_nor_found_out(
    ctx: Flask, mails: Mails
) -> None:
    user, other = make_user("ada@example.com"), make_user("bob@example.com")
    request_email_change(user.id, "Bob@example.com", PASSWORD, "192.0.2.7")
    told = mails()[0]
    assert told["Subject"] == "You have an account already"
    assert "/account/email/" not in told.as_string()
    with pytest.raises(BadInput):
        prove_address(make_proof_token(again(user), "bob@example.com"), HERE, user.id)
    assert (again(user).email, again(other).email) == ("ada@example.com", "bob@example.com")


def test_links_die_with_time_and_with_the_password(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    token = make_proof_token(user, "new@example.org")
    clock.move(24 * 3600 + 1)
    with pytest.raises(LinkDead):
        prove_address(token, HERE, user.id)


def test_asking_again_is_limited(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    for _ in range(5):
        request_proof(user.id, "192.0.2.7")
    with pytest.raises(TooManyRequests):
        request_proof(user.id, "192.0.2.8")


def test_the_button_needs_a_link_first(client: ShopClient) -> None:
    assert client.get("/account/email/confirm").status_code == 410
    assert client.get("/account/email/invented").status_code == 410
    assert client.submit("/account/email/confirm").status_code == 410
