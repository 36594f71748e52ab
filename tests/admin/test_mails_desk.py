"""The desk of mails: what failed on top, each as it was read, sent again once."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.db import changed, db, transaction
from shop.jobs import drain, enqueue
from shop.models import Job, JobState, MailMessage, MailState
from tests.admin.kit import fill_in, paid_order, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.sql import counted

HOME = "/admin/mails"


def write(subject: str, **values: object) -> int:
    """Write a mail that nobody sends."""
    given = {"kind": "order_paid", "text_body": "Hello", "html_body": "<p>Hello</p>",
             "to_address": "a@x.example", **values}  # fmt: skip
    with transaction() as session:
        mail = MailMessage(
            dedupe_key=f"test:{subject}", message_id="<x@y>", subject=subject, **given,
        )  # fmt: skip
        session.add(mail)
        session.flush()
        return mail.id


@both_engines
def test_failed_ones_stand_on_top_and_the_list_goes_on(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        write("Broken", state=MailState.FAILED, error="550 no such user <b>")
        for number in range(60):
            write(f"Mail {number:02}", state=MailState.SENT)
    owner.get(HOME)  # what is kept is read once
    with counted(app) as statements:
        page = owner.get(HOME).text
    assert len(statements) <= 6, statements
    assert page.index("Broken") < page.index("Mail 59")
    assert "550 no such user &lt;b&gt;" in page
    assert "Mail 09" not in page
    older = page[page.index('rel="next"') - 80 :].split('href="')[1].split('"')[0]
    assert "Mail 09" in owner.get(older).text
    only = owner.get(f"{HOME}?view=failed").text
    assert "Broken" in only
    assert "Mail 59" not in only
    assert owner.get(f"{HOME}?view=none&below=-1&q=%3Cx%3E").status_code == 200


@both_engines
def test_mails_are_found_by_the_address_that_they_went_to(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        for number, address in enumerate(("Ada@example.org", "ada@example.org", "b@example.org")):
            write(f"To {number}", to_address=address)
    found = owner.get(f"{HOME}?q=ADA%40Example.ORG").text
    assert [f"To {number}" in found for number in range(3)] == [True, True, False]
    assert 'value="ADA@Example.ORG"' in found
    assert owner.get(f"{HOME}?q=%40{'9' * 300}@").status_code == 200


@both_engines
def test_a_mail_of_an_order_is_read_and_sent_again(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    with app.app_context():
        mail_id = db.session.scalars(
            select(MailMessage.id).where(MailMessage.kind == "order_paid")
        ).one()
    assert f'href="{HOME}/{mail_id}"' in owner.get(f"{HOME}?q={number.lower()}").text
    assert number in owner.get(f"{HOME}/{mail_id}").text
    frame = owner.get(f"{HOME}/{mail_id}/body")
    assert frame.headers["Content-Security-Policy"].startswith("sandbox;")
    assert "Thank you" in frame.text
    url = f"{HOME}/{mail_id}/again"
    form = fill_in(owner, f"{HOME}/{mail_id}", url)
    assert [answer.status_code for answer in twice(owner, url, form)] == [303, 303]
    assert "Again" in owner.get(f"{HOME}?view=waiting").text
    with app.app_context():
        drain()
        sent = db.session.scalars(select(MailMessage).where(MailMessage.kind == "order_paid")).all()
        assert [mail.state for mail in sent] == [MailState.SENT] * 2
        assert [entry.action for entry in trail()] == ["mail.resend"]


@pytest.mark.parametrize("body", ["kept", None])
def test_what_failed_is_tried_again_by_its_own_job(
    app: Flask, owner: ShopClient, body: str | None
) -> None:
    with app.app_context():
        with transaction():
            payload = {"to": "ines@example.org", "nth": "1"}
            enqueue("mail.staff_trial", payload, dedupe_key="mail.staff_trial:1")
            changed(update(Job).values(state=JobState.FAILED, error="down"))
        mail_id = write("Trial", kind="trial", state=MailState.FAILED, text_body=body)
        with transaction():
            changed(update(MailMessage).values(dedupe_key="mail.staff_trial:1", error="down"))
    assert owner.submit(f"{HOME}/{mail_id}/again").status_code == 303
    with app.app_context():
        drain()
        mail = db.session.scalars(select(MailMessage)).one()
        assert (mail.state, mail.error) == (MailState.SENT, "")


def test_what_is_not_kept_is_not_made_up(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        secret = write("Reset", kind="password_reset", text_body=None, html_body=None,
                       state=MailState.SENT)  # fmt: skip
    page = owner.get(f"{HOME}/{secret}").text
    assert "Its text is not kept" in page
    assert f"{HOME}/{secret}/again" not in page
    assert owner.get(f"{HOME}/{secret}/body").status_code == 404
    assert owner.submit(f"{HOME}/{secret}/again").status_code == 422
    assert owner.get(f"{HOME}/999999").status_code == 404
    assert owner.submit(f"{HOME}/999999/again").status_code == 404
    with app.app_context():
        assert trail() == []


def test_what_a_mail_says_of_an_order_is_for_who_may_see_orders(
    app: Flask, owner: ShopClient
) -> None:
    paid_order(app)
    with app.app_context():
        mail_id = db.session.scalars(
            select(MailMessage.id).where(MailMessage.kind == "order_paid")
        ).one()
    clerk = sign_in(app, ["jobs.view"])
    assert "Who may see orders can read it." in clerk.get(f"{HOME}/{mail_id}").text
    assert clerk.get(f"{HOME}/{mail_id}/body").status_code == 403
    assert sign_in(app, ["orders.view"]).get(HOME).status_code == 403
