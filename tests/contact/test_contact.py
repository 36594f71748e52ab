"""The contact form: what is written arrives once, at the desk and by mail, and goes in time."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.account.queries import account_data
from shop.account.services import close_account
from shop.contact.services import ContactInput, take_message
from shop.core.clock import now
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.mail.messages.staff import staff_message
from shop.models import ContactMessage, MailMessage, PageRole, User
from shop.operations.retention import apply_retention
from shop.pages.services import begin_sample, publish_page
from shop.settings.services import set_setting
from tests.account.conftest import sign_in_as
from tests.admin.kit import fill_in, hidden, paid_order, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import PASSWORD, make_user
from tests.orders import kit
from tests.sql import counted

WRITTEN = {
    "name": "Camille", "email": "camille@example.org", "order_number": "", "website": "",
    "message": "Where is it?\n\nI have <b>waited</b>.",
}  # fmt: skip


@pytest.fixture
def owner(app: Flask) -> ShopClient:
    """An owner at the desk of an open shop."""
    with app.app_context():
        kit.open_shop()
    return sign_in(app, is_owner=True)


def write_message(token: str, **changes: str) -> str:
    """Take a message; return its id."""
    values = {"name": "Camille", "email": "camille@example.org", "order_number": "", "text": "Hm?"}
    written = ContactInput(**{**values, **changes}, token=token)
    take_message(written, ip=f"192.0.2.{len(messages())}", user_id=None)
    return str(messages()[-1].id)


def messages() -> list[ContactMessage]:
    db.session.close()
    return list(db.session.scalars(select(ContactMessage).order_by(ContactMessage.id)))


def form(client: ShopClient, **typed: str) -> dict[str, Any]:
    return {**fill_in(client, "/contact", "/contact"), **WRITTEN, **typed}


@both_engines
def test_a_message_arrives_once(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        set_setting("contact_email", "desk@maison.example", user_id=None)
    answers = twice(client, "/contact", form(client, order_number=" 7k3m–9q2p "))
    assert [answer.location for answer in answers] == ["/contact/thanks"] * 2
    assert "Thank you for your message" in client.get("/contact/thanks").text
    with app.app_context():
        [message] = messages()
        assert (message.name, message.order_number) == ("Camille", "7K3M-9Q2P")
        drain()
        [mail] = db.session.scalars(select(MailMessage)).all()
        assert (mail.kind, mail.to_address) == ("staff_message", "desk@maison.example")
        assert mail.subject == "Message from Camille"
        assert mail.text_body is None, "it is kept with the message alone"


def test_the_mail_is_answered_by_a_reply(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        message_id = int(write_message("t" * 24, text="Where is <it>?"))
        assert staff_message(message_id) is None, "nobody is to get it"
        set_setting("contact_email", "desk@maison.example", user_id=None)
        mail = staff_message(message_id)
        assert mail is not None
        assert mail.reply_to == "camille@example.org"
        assert "Where is &lt;it&gt;?" in mail.html
        assert "Where is <it>?" in mail.text
        assert staff_message(999) is None


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "Enter your name."),
        ("name", "x" * 121, "Field cannot be longer than 120"),
        ("email", "", "Enter your email address."),
        ("email", "camille", "email"),
        ("email", "a@b.example\r\nBcc: c@d.example", "email"),
        ("order_number", "1" * 21, "An order number is shorter than that."),
        ("message", "", "Write your message."),
        ("message", " \n ", "Write your message."),
        ("message", "x" * 5001, "Enter at most 5,000 characters."),
    ],
)
def test_bad_input_is_said_at_its_field(
    app: Flask, client: ShopClient, field: str, typed: str, said: str
) -> None:
    answer = client.post("/contact", data=form(client, **{field: typed}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert said in answer.text
    with app.app_context():
        assert messages() == []


def test_a_program_is_thanked_and_forgotten(app: Flask, client: ShopClient) -> None:
    answer = client.post("/contact", data=form(client, website="https://spam.example"))
    assert answer.location == "/contact/thanks"
    with app.app_context():
        assert messages() == []


@both_engines
def test_who_writes_too_often_waits_and_keeps_the_text(app: Flask, client: ShopClient) -> None:
    for _ in range(5):
        assert client.post("/contact", data=form(client)).status_code == 303
    last = form(client, email="other@example.org", message="The sixth.")
    refused = client.post("/contact", data=last)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "The sixth.</textarea>" in refused.text.replace("\r\n", "")
    with app.app_context():
        assert len(messages()) == 5


def test_the_page_says_what_staff_wrote(app: Flask, client: ShopClient) -> None:
    assert client.get("/contact").status_code == 200
    with app.app_context(), transaction():
        publish_page(begin_sample(PageRole.CONTACT), user_id=None)
    page = client.get("/contact")
    assert "Telephone" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert 'href="/contact"' in client.get("/pages/contact").text


@both_engines
def test_the_desk_reads_and_settles(app: Flask, owner: ShopClient, client: ShopClient) -> None:
    client.post("/contact", data=form(client))
    assert '<span class="n num">1' in owner.get("/admin/").text
    listed = owner.get("/admin/messages").text
    assert "Camille" in listed
    with app.app_context():
        here = f"/admin/messages/{messages()[0].id}"
    page = owner.get(here).text
    assert "I have &lt;b&gt;waited&lt;/b&gt;." in page
    state = hidden(page, f'action="{here}/state"') | {"state": "done"}
    assert [a.status_code for a in twice(owner, f"{here}/state", state)] == [303, 303]
    assert "No messages here" in owner.get("/admin/messages").text
    assert "Camille" in owner.get("/admin/messages?view=done").text
    again = hidden(owner.get(here).text, f'action="{here}/state"') | {"state": "open"}
    owner.post(f"{here}/state", data=again)
    assert "Camille" in owner.get("/admin/messages").text
    with app.app_context():
        told = [entry for entry in trail() if entry.action == "messages.settle"]
        assert [entry.after for entry in told] == [{"done": True}, {"done": False}]


def test_a_strangers_order_is_marked(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    with app.app_context():
        mine = write_message("a" * 24, order_number=number)
        theirs = write_message("b" * 24, order_number=number, email="eve@example.org")
        none = write_message("c" * 24, order_number="NONE")
    assert "another e-mail address" not in owner.get(f"/admin/messages/{mine}").text
    assert "another e-mail address" in owner.get(f"/admin/messages/{theirs}").text
    assert "There is no such order." in owner.get(f"/admin/messages/{none}").text


def test_the_list_is_searched_and_costs_little(app: Flask, owner: ShopClient) -> None:
    with app.app_context(), transaction() as session:
        for number in range(60):
            session.add(
                ContactMessage(
                    form_token=f"{number}", name=f"Writer {number}", email="a@b.example",
                    email_key=f"w{number}@b.example", body="Hm?",
                )
            )  # fmt: skip
    owner.get("/admin/messages")
    with counted(app) as statements:
        assert "60 in all" in owner.get("/admin/messages").text
    assert len(statements) <= 6
    assert owner.get("/admin/messages?page=2").text.count("Writer") == 10
    assert "Writer 59" in owner.get("/admin/messages?q=writer 59").text
    assert "Writer 7" in owner.get("/admin/messages?q=w7@b.example").text
    assert "Clear the filters" in owner.get("/admin/messages?q=nobody").text


@both_engines
def test_what_is_done_goes_in_time(ctx: Flask) -> None:
    for token in ("a" * 24, "b" * 24, "c" * 24):
        write_message(token)
    with transaction() as session:
        for message, days in zip(session.scalars(select(ContactMessage)), (181, 179), strict=False):
            message.done_at = now() - timedelta(days=days)
            message.created_at = now() - timedelta(days=999)
    assert apply_retention()["messages"] == 1
    assert [message.form_token[0] for message in messages()] == ["b", "c"]


@pytest.mark.parametrize("is_proven", [True, False])
def test_whose_account_is_closed_has_written_nothing(app: Flask, is_proven: bool) -> None:
    with app.app_context():
        user = make_user("camille@example.org")
        with transaction() as session:
            mine = session.get_one(User, user.id)
            mine.email_verified_at = now() if is_proven else None
        write_message("a" * 24)
        write_message("b" * 24, email="other@example.org")
    client = sign_in_as(app, user)
    client.post("/contact", data=form(client, email="third@example.org"))
    with app.app_context():
        told = [message["email"] for message in account_data(user.id)["messages"]]
        assert told == ["camille@example.org"] * is_proven + ["third@example.org"]
        close_account(user.id, PASSWORD, "192.0.2.1")
        left = [message.email for message in messages()]
        assert left == ["camille@example.org"] * (not is_proven) + ["other@example.org"]
