"""Forgotten passwords: one answer for all addresses, links that work once and not for long."""

import statistics
import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, select, update

from shop.auth.services import (
    change_password,
    read_reset_token,
    request_password_reset,
    reset_password,
    sign_in,
)
from shop.auth.services.password import make_reset_token
from shop.auth.tokens import LinkDead
from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.core.errors import BadInput, TooManyRequests
from shop.customers.booking import follow_account
from shop.jobs import drain
from shop.models import Job, MailMessage, User, UserSession
from tests.auth.conftest import HERE, link_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_user

NEW = "a quite different teapot"
Mails = Callable[[], list[EmailMessage]]


def token_for(email: str) -> str:
    found = make_reset_token(email)
    assert found
    return found[1]


def test_the_whole_way(client: ShopClient, mails: Mails) -> None:
    with client.application.app_context():
        make_user("ada@example.com")
    sent = client.submit("/password/forgot", {"email": "Ada@Example.com"}, page="/password/forgot")
    assert sent.status_code == 200
    [mail] = mails()
    assert mail["To"] == "ada@example.com"
    link = link_in(mail)
    page = client.get(link)
    assert "ada@example.com" in page.text
    token = link.rsplit("/", 1)[1]
    weak = client.submit("/password/reset", {"password": "password1", "token": token}, page=link)
    assert weak.status_code == 422
    for answer in (page, weak):
        assert f'value="{token}"' in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
    done = client.submit("/password/reset", {"password": NEW, "token": token}, page=link)
    assert (done.status_code, done.location) == (303, "/login")
    entered = client.submit("/login", {"email": "ada@example.com", "password": NEW})
    assert entered.status_code == 303
    assert [mail["Subject"] for mail in mails()][1:] == ["Your password was changed"]
    assert client.get(link).status_code == 410


def test_known_and_unknown_addresses_get_the_same_answer(client: ShopClient) -> None:
    with client.application.app_context():
        make_user("known@example.com")
        make_user("disabled@example.com", is_active=False)
    texts = set()
    for email in ("known@example.com", "unknown@example.com", "disabled@example.com"):
        other = client.application.test_client()
        assert isinstance(other, ShopClient)
        answer = other.submit("/password/forgot", {"email": email}, page="/password/forgot")
        assert answer.status_code == 200
        texts.add(answer.text.replace(email, "x").replace(other.token(), "t"))
    assert len(texts) == 1
    with client.application.app_context():
        drain()
        assert db.session.scalars(select(MailMessage.to_address)).all() == ["known@example.com"]


def test_known_and_unknown_addresses_take_as_long(ctx: Flask) -> None:
    make_user("known@example.com")
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    for n in range(60):
        for who in ("known", "unknown"):
            clock.move(3600)
            start = time.process_time()  # not of others on this machine
            request_password_reset(f"{who}@example.com", f"192.0.2.{n % 200}")
            took[who].append(time.process_time() - start)
    known, unknown = (statistics.median(took[who]) for who in ("known", "unknown"))
    assert abs(known - unknown) < max(0.02, 0.1 * known)


@both_engines
def test_a_reset_ends_sessions_and_other_links_and_proves_the_address(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    sign_in("ada@example.com", PASSWORD, HERE)
    first, second = token_for("ada@example.com"), token_for("ada@example.com")
    reset_password(first, NEW, "192.0.2.7")
    assert db.session.scalars(select(UserSession)).all() == []
    for token in (first, second):
        with pytest.raises(LinkDead):
            reset_password(token, "yet another teapot", "192.0.2.7")
    assert sign_in("ada@example.com", NEW, HERE).user_id == user.id
    with pytest.raises(BadInput):
        sign_in("ada@example.com", PASSWORD, HERE)
    assert db.session.scalars(select(User.email_verified_at)).one() is not None
    assert "account.address_proven" in db.session.scalars(select(Job.name)).all()


def test_a_reset_lets_the_owner_in_after_many_failures(ctx: Flask) -> None:
    make_user("ada@example.com")
    for _ in range(5):
        with pytest.raises(BadInput):
            sign_in("ada@example.com", "wrong horse battery", HERE)
    with pytest.raises(TooManyRequests):
        sign_in("ada@example.com", PASSWORD, HERE)
    reset_password(token_for("ada@example.com"), NEW, "192.0.2.7")
    assert sign_in("ada@example.com", NEW, HERE)


def test_links_die_after_half_an_hour_or_with_what_they_rest_on(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    old = token_for("ada@example.com")
    clock.move(29 * 60)
    assert read_reset_token(old).id == user.id
    clock.move(2 * 60)
    with pytest.raises(LinkDead):
        read_reset_token(old)
    for change in ({"email_key": "eve@example.com"}, {"is_active": False}):
        token = token_for(db.session.scalars(select(User.email_key)).one())
        with transaction():
            changed(update(User).values(**change))
            follow_account(user.id)
        with pytest.raises(LinkDead):
            read_reset_token(token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "." * 40, "é", "0" * 3000])
def test_invented_links_are_dead(client: ShopClient, token: str) -> None:
    with client.application.app_context(), pytest.raises(LinkDead):
        read_reset_token(token)
    if token:
        answer = client.get(f"/password/reset/{token}")
        assert answer.status_code == 410
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_tokens_of_other_keys_and_purposes_are_dead(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    values = [user.id, "0" * 24]
    for key, salt in (("another key" * 4, "password-reset"), (ctx.secret_key, "address-proof")):
        token = URLSafeTimedSerializer(key, salt=salt).dumps(values)
        with pytest.raises(LinkDead):
            read_reset_token(token)


def test_the_form_needs_a_link_first(client: ShopClient) -> None:
    assert client.get("/password/reset").status_code == 410
    for token in ({}, {"token": ""}, {"token": "invented"}):
        answer = client.submit("/password/reset", {"password": NEW, **token})
        assert answer.status_code == 410


def test_nobody_is_flooded_with_mail(ctx: Flask) -> None:
    make_user("ada@example.com")
    for n in range(5):
        request_password_reset("ada@example.com", f"192.0.2.{n}")
    with pytest.raises(TooManyRequests):
        request_password_reset("ada@example.com", "192.0.2.99")
    for n in range(20):
        request_password_reset(f"person-{n}@example.com", "198.51.100.1")
    with pytest.raises(TooManyRequests):
        request_password_reset("another@example.com", "198.51.100.1")
    assert db.session.scalar(select(func.count()).select_from(Job)) == 25


def test_the_host_header_has_no_say_in_links(make_app: Callable[..., Flask]) -> None:
    app = make_app(SITE_URL="http://localhost")
    client = app.test_client()
    assert isinstance(client, ShopClient)
    with app.app_context():
        make_user("ada@example.com")
    client.submit("/password/forgot", {"email": "ada@example.com"}, page="/password/forgot",
                  headers={"X-Forwarded-Host": "evil.example"})  # fmt: skip
    with app.app_context():
        from tests.auth.conftest import mails_of

        [mail] = mails_of(app)
    assert "evil" not in mail.as_string()


def test_neither_rows_nor_jobs_hold_the_link(ctx: Flask) -> None:
    make_user("ada@example.com")
    request_password_reset("ada@example.com", "192.0.2.7")
    drain()
    mail = db.session.scalars(select(MailMessage)).one()
    assert (mail.text_body, mail.html_body) == (None, None)
    job = db.session.scalars(select(Job).where(Job.name == "mail.password_reset")).one()
    assert set(job.payload) == {"email_key", "nonce"}


@both_engines
def test_changing_the_password_ends_every_other_session(ctx: Flask) -> None:
    user = make_user("ada@example.com")
    sign_in("ada@example.com", PASSWORD, HERE)
    sign_in("ada@example.com", PASSWORD, HERE)
    link = token_for("ada@example.com")
    for old, new, field in (("wrong", NEW, "old_password"), (PASSWORD, "short", "password")):
        with pytest.raises(BadInput) as refused:
            change_password(user.id, old, new, HERE)
        assert set(refused.value.fields) == {field}
    assert len(db.session.scalars(select(UserSession)).all()) == 2
    assert change_password(user.id, PASSWORD, NEW, HERE)
    assert len(db.session.scalars(select(UserSession)).all()) == 1
    with pytest.raises(LinkDead):
        read_reset_token(link)
