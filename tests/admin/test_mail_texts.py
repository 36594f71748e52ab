"""The words of mails: changed with care, never markup of a stranger, put back as delivered."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.jobs import drain
from shop.mail import compose, link
from shop.mail.samples import sample_mail
from shop.mail.texts import FIELDS, MAIL_TEXTS, PLACES, places_in
from shop.models import MailMessage, MailText, User
from tests.admin.kit import fill_in, paid_order, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted

HOME = "/admin/settings/mail"
PAID = f"{HOME}/order_paid"
WORDS = {
    "subject": "Merci! {number}",
    "greeting": "Merci, {name}",
    "intro": "We **pack** order {number} <script>alert(1)</script>. [Help](/pages/returns)",
    "closing": "Yours, {shop}",
}


def form_of(client: ShopClient, url: str = PAID, **typed: Any) -> dict[str, Any]:
    return fill_in(client, url, url, **{**WORDS, **typed})


def test_every_mail_has_its_page_and_preview(app: Flask, owner: ShopClient) -> None:
    room = owner.get(HOME).text
    for kind, text in MAIL_TEXTS.items():
        delivered = "\n".join(str(getattr(text, name)) for name in FIELDS)
        assert set(text.needed) <= places_in(delivered) <= set(text.places) <= set(PLACES), kind
        assert f'href="{HOME}/{kind}"' in room
        page = owner.get(f"{HOME}/{kind}").text
        assert f'src="{HOME}/{kind}/preview?language=en" sandbox' in page
        frame = owner.get(f"{HOME}/{kind}/preview")
        assert frame.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert not re.findall(r"<script|\{[a-z]+\}", frame.text), kind
        with app.app_context():
            mail = sample_mail(kind, "en")
        assert mail.subject in frame.text
        assert not places_in(mail.text + mail.subject), kind
    assert owner.get(f"{HOME}/staff_attention").status_code == 404
    with counted(app) as statements:
        owner.get(HOME)
    assert len(statements) <= 6, statements


@both_engines
def test_the_next_mail_says_what_staff_wrote(app: Flask, owner: ShopClient) -> None:
    answers = twice(owner, PAID, form_of(owner))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "Your words" in owner.get(HOME).text
    with app.app_context():
        (entry,) = trail()
        assert (entry.action, entry.object_id) == ("settings.mail_text", "order_paid-en")
        assert entry.before == dict.fromkeys(FIELDS, "")
        assert entry.after == WORDS
    number = paid_order(app)
    with app.app_context():
        mail = db.session.scalars(select(MailMessage).where(MailMessage.kind == "order_paid")).one()
        assert mail.subject == f"Merci! {number}"
        html, text = mail.html_body or "", mail.text_body or ""
        assert "<strong>pack</strong>" in html
        assert "<script" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
        assert f'href="{link("/pages/returns")}"' in html
        assert f"Help: {link('/pages/returns')}" in text
        assert "Yours, Maison Flux" in text
        assert "See your order" in html, "what stands between is there as before"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"intro": "Order {number} of {customer}"}, "There is no {customer} in this mail. Known:"),
        ({"subject": "{ number }"}, "{number}, {name}, {shop}, {arrives}"),
        ({"subject": "Hi", "intro": "Thanks"}, "Say {number} somewhere"),
        ({"closing": "[here](https://x.example/{number})"}, "cannot be the address of a link"),
        ({"closing": "<mailto:{name}>"}, "cannot be the address of a link"),
        ({"greeting": "x" * 151}, "Use 150 characters or fewer."),
        ({"closing": "x" * 5001}, "Use 5000 characters or fewer."),
    ],
)
def test_words_that_would_break_a_mail_are_refused(
    app: Flask, owner: ShopClient, typed: dict[str, str], said: str
) -> None:
    for url, status in ((PAID, 422), (f"{PAID}/preview", 422)):
        answer = owner.post(url, data=form_of(owner, **typed))
        assert answer.status_code == status
        assert said in answer.text
    with app.app_context():
        assert db.session.scalars(select(MailText)).all() == []
        assert trail() == []


@both_engines
def test_words_that_others_changed_are_not_overwritten(app: Flask, owner: ShopClient) -> None:
    late, reset = form_of(owner, subject="Mine {number}"), {"version": "0", "language": "en"}
    assert owner.post(PAID, data=form_of(owner, subject="Theirs {number}")).status_code == 303
    stale = owner.post(PAID, data=late)
    assert stale.status_code == 409
    assert "It says now: Theirs {number}" in stale.text
    assert 'value="Mine {number}"' in stale.text
    overtaken = owner.submit(f"{PAID}/reset", reset)
    assert overtaken.status_code == 409, "who puts back what they never saw is told"
    form = fill_in(owner, PAID, f"{PAID}/reset")
    assert [answer.status_code for answer in twice(owner, f"{PAID}/reset", form)] == [303, 303]
    with app.app_context():
        row = db.session.scalars(select(MailText)).one()
        assert (row.subject, row.version) == ("", 2), "a version never comes again"
        assert len(trail()) == 2
    assert "Your order {number}: thank you" in owner.get(PAID).text


def test_what_is_delivered_is_not_kept_as_ones_own(app: Flask, owner: ShopClient) -> None:
    page = owner.get(PAID).text
    intro = re.search(r'<textarea[^>]*name="intro"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    assert intro
    typed = {"subject": "", "greeting": "Hello", "intro": intro[1] + "\r\n", "closing": ""}
    assert owner.post(PAID, data=form_of(owner, **typed)).status_code == 303
    with app.app_context():
        row = db.session.scalars(select(MailText)).one()
        assert (row.subject, row.greeting, row.intro) == ("", "Hello", "")


def test_what_fills_a_place_is_no_markup_and_no_place(app: Flask, owner: ShopClient) -> None:
    typed = {"intro": "{email} {shop}", "subject": "{email}", "greeting": "Hi", "closing": ""}
    reset = f"{HOME}/password_reset"
    assert owner.post(
        reset, data=form_of(owner, reset, **{**typed, "greeting": "Hi", "closing": ""})
    )
    with app.app_context():
        email = '"<b>{shop}</b>"@x.example'
        mail = compose("password_reset", to="a@x.example", fill={"email": email}, url="https://u/")
        assert mail.subject == email
        assert "&lt;b&gt;{shop}&lt;/b&gt;" in mail.html
        assert "{shop}" in mail.text
        assert "https://u/" in mail.html, "the link stays, whatever the words are"


def test_another_language_says_what_it_was_delivered_with(app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            session.add(MailText(kind="order_sent", language="fr", subject="Parti {number}"))
        subjects = {
            language: sample_mail("order_sent", language).subject
            for language in ("fr", "fr_CA", "de")
        }
    assert subjects == {
        "fr": "Parti SAMPLE-1",
        "fr_CA": "Parti SAMPLE-1",
        "de": "Order SAMPLE-1 is on its way",
    }


def test_a_preview_shows_what_is_typed_and_keeps_nothing(app: Flask, owner: ShopClient) -> None:
    form = form_of(owner)
    frame = owner.post(f"{PAID}/preview", data=form)
    assert frame.status_code == 200
    assert "Merci, Camille Laurent" in frame.text
    assert frame.headers["Cache-Control"] == "no-store"
    plain = owner.post(f"{PAID}/preview?as=text", data=form).text
    assert "Merci! SAMPLE-1" in plain
    assert "&lt;script&gt;" in plain
    with app.app_context():
        assert db.session.scalars(select(MailText)).all() == []


def test_a_test_goes_to_whoever_asks(app: Flask, owner: ShopClient) -> None:
    url = f"{PAID}/test"
    form = {**fill_in(owner, PAID, url), "to": "victim@example.org"}
    assert [answer.status_code for answer in twice(owner, url, form)] == [303, 303]
    with app.app_context():
        drain()
        sent = db.session.scalars(select(MailMessage)).one()
        own = db.session.scalars(select(User.email).where(User.role_id.is_not(None))).one()
        assert (sent.to_address, sent.kind) == (own, "text_sample")
        assert sent.subject == "Your order SAMPLE-1: thank you"
    assert sign_in(app, ["orders.view"]).get(PAID).status_code == 403
