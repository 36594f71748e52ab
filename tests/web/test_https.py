"""Behind a proxy that ends TLS: every form is taken from our own pages, and from no others."""

import re
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.models import User
from tests.auth.conftest import link_in, mails_of
from tests.client import PUBLIC, HttpsClient
from tests.factories import PASSWORD, make_user

NEW = "a quite different teapot"
OURS = ({"Origin": PUBLIC}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin"}, {}, {"Origin": PUBLIC, "Referer": "http://[::1"},
        {"Origin": PUBLIC, "Referer": "https://evil.example/"})  # fmt: skip
FOREIGN = ({"Origin": "https://evil.example"}, {"Origin": "null"},
           {"Origin": "http://maison.example.evil"}, {"Origin": PUBLIC + ":444"},
           {"Origin": "null", "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "cross-site"},
           {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://[::1"},
           {"Origin": PUBLIC, "Sec-Fetch-Site": "cross-site"},
           {"Origin": "https://evil.example", "Referer": PUBLIC + "/"})  # fmt: skip
UNDONE = "in use and cannot be undone"
HIDDEN = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # from a page with no-referrer


def forms(app: Flask) -> list[str]:
    """Return the addresses of all forms that people send: all of the map but the webhook."""
    urls = app.url_map.bind("maison.example")
    return sorted(
        urls.build(
            rule.endpoint, {name: _SAMPLES.get(name, 1) for name in rule.arguments}, method="POST"
        )
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.endpoint != "orders.webhook"
    )


_SAMPLES: dict[str, Any] = {"session_id": 99, "slug": "shop", "number": "MF-0000-0000"}


def enter(client: HttpsClient, email: str) -> None:
    entered = client.submit("/login", {"email": email, "password": PASSWORD}, headers=HIDDEN)
    assert (entered.status_code, entered.location) == (303, "/")


def test_every_form_is_taken_from_our_pages_and_from_no_others(https_client: HttpsClient) -> None:
    app = https_client.application
    with app.app_context():
        make_user("owner@example.com", is_owner=True)
    enter(https_client, "owner@example.com")
    token = https_client.token("/account")
    found = forms(app)
    assert len(found) > 40
    for path in sorted(found, key=lambda path: path in {"/logout", "/account/undo"}):
        sent = {"csrf_token": token}
        assert https_client.post(path, data=sent, headers=FOREIGN[0]).status_code == 403, path
        assert https_client.post(path, headers=OURS[0]).status_code == 400, path
        for headers in (HIDDEN, *OURS[:1]) if path != "/logout" else (HIDDEN,):
            answer = https_client.post(path, data=sent, headers=headers)
            reached = answer.status_code in {303, 404, 409, 410, 422} or UNDONE in answer.text
            assert reached, (path, headers)


def test_what_a_browser_says_of_the_page_decides(https_client: HttpsClient) -> None:
    form = {"csrf_token": https_client.token("/login")}
    for status, cases in ((303, OURS), (403, FOREIGN)):
        for headers in cases:
            answer = https_client.post("/preferences", data=form, headers=headers)
            assert answer.status_code == status, headers


def links_of(client: HttpsClient) -> list[EmailMessage]:
    with client.application.app_context():
        return mails_of(client.application)


def test_a_new_password_and_a_proven_address_without_a_referer(https_client: HttpsClient) -> None:
    with https_client.application.app_context():
        make_user("ada@example.com", email_verified_at=None)
    asked = {"email": "ada@example.com"}
    https_client.submit("/password/forgot", asked, page="/password/forgot", headers=HIDDEN)
    link = link_in(links_of(https_client)[-1], PUBLIC)
    page = https_client.get(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    form = {"token": link.rsplit("/", 1)[1], "password": NEW}
    done = https_client.submit("/password/reset", form, page=link, headers=HIDDEN)
    assert (done.status_code, done.location) == (303, "/login")
    made = {"email": "new@example.com", "password": NEW}
    assert https_client.submit("/login", made, headers=HIDDEN).status_code == 303
    link = link_in(links_of(https_client)[-1], PUBLIC)
    form = {"token": link.rsplit("/", 1)[1]}
    proven = https_client.submit("/account/email/confirm", form, page=link, headers=HIDDEN)
    assert (proven.status_code, proven.location) == (303, "/account")
    with https_client.application.app_context():
        assert None not in db.session.scalars(select(User.email_verified_at)).all()


def form_of(client: HttpsClient, page: str) -> dict[str, str]:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return {"csrf_token": token[1]}


def test_a_form_of_another_tab_outlives_the_sign_in(
    https_client: HttpsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with https_client.application.app_context():
        make_user("ada@example.com")
    tab = form_of(https_client, "/login")
    enter(https_client, "ada@example.com")
    assert form_of(https_client, "/account") != tab
    coupon = {**tab, "code": "NONE"}
    for headers, status in ((OURS[0], 409), (HIDDEN, 409), ({}, 400), (FOREIGN[0], 403)):
        answer = https_client.post("/cart/coupon", data=coupon, headers=headers)
        assert answer.status_code == status, headers  # a planted token needs a page of ours
        sent = {**headers, "X-CSRFToken": tab["csrf_token"]}
        answer = https_client.post("/cart/coupon", data={"code": "NONE"}, headers=sent)
        assert answer.status_code == status, sent
    monkeypatch.setattr("shop.web.security.FORMER_LIFETIME", -1)
    assert https_client.post("/cart/coupon", data=coupon, headers=HIDDEN).status_code == 400


@pytest.mark.parametrize(("then", "status"), [("ada", 303), ("eve", 400)])
def test_a_form_of_another_person_is_dead(
    https_client: HttpsClient, then: str, status: int
) -> None:
    with https_client.application.app_context():
        for name in ("ada", "eve"):
            make_user(f"{name}@example.com")
    enter(https_client, "ada@example.com")
    tab = {**form_of(https_client, "/account/details"), "name": "Ada Lovelace"}
    enter(https_client, f"{then}@example.com")
    answer = https_client.post("/account/details", data=tab, headers=HIDDEN)
    assert answer.status_code == status


def test_a_new_password_leaves_the_other_tabs_alive(https_client: HttpsClient) -> None:
    with https_client.application.app_context():
        make_user("ada@example.com")
    enter(https_client, "ada@example.com")
    tab = {**form_of(https_client, "/account/details"), "name": "Ada Lovelace"}
    form = {**tab, "old_password": PASSWORD, "password": NEW}
    assert https_client.post("/account/password", data=form, headers=HIDDEN).status_code == 303
    answer = https_client.post("/account/details", data=tab, headers=HIDDEN)
    assert (answer.status_code, answer.location) == (303, "/account/details")
