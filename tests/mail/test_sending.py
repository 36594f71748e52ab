"""Over a real socket: once each, tried again, recognisable, refused, kept inside."""

import email
import email.policy
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core import clock
from shop.core.db import db, transaction
from shop.core.emails import parse_mailbox
from shop.core.errors import BadInput
from shop.jobs import drain, enqueue, registry
from shop.mail import Mail, mail_job
from shop.mail.message import Attachment, message_id, to_message
from shop.mail.services import deliver
from shop.mail.transport import parse_mail_url
from shop.models import Job, JobState, MailMessage, MailState
from shop.settings.services import set_setting
from tests.conftest import both_engines, settings_for
from tests.mail.conftest import Inbox
from tests.processes import environment, run_flask

HELLO = Mail("hello", "jane@example.org", "Żółć №1", "Hello\n", "<p>Hello</p>")


def the_mail() -> MailMessage:
    db.session.rollback()
    return db.session.scalars(select(MailMessage)).one()


@both_engines
def test_a_mail_goes_out_once_with_its_row(mail_app: Flask, inbox: Inbox) -> None:
    deliver(HELLO, dedupe_key="hello:1")
    deliver(HELLO, dedupe_key="hello:1")
    (mail,) = inbox.mails
    assert mail["Subject"] == "Żółć №1"
    assert mail["From"] == "Maison Flux <shop@maison.example>"
    assert (mail["To"], inbox.envelopes[0].rcpt_tos) == ("jane@example.org", ["jane@example.org"])
    assert mail["Message-ID"] == the_mail().message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_body(("plain",)).get_content() == "Hello\r\n"  # type: ignore[union-attr]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Hello</p>"  # type: ignore[union-attr]
    row = the_mail()
    assert (row.state, row.kind, row.text_body) == (MailState.SENT, "hello", "Hello\n")
    assert row.sent_at is not None


def test_attachments_travel_beside_the_text(mail_app: Flask, inbox: Inbox) -> None:
    file = Attachment("Rechnung-Ä.pdf", b"%PDF-1.7 \x00\xff")
    deliver(Mail("m", "a@example.org", "s", "t", "<p>h</p>", attachments=[file]), dedupe_key="m")
    (found,) = inbox.mails[0].iter_attachments()
    assert found.get_filename() == "Rechnung-Ä.pdf"
    assert found.get_content() == file.data
    assert inbox.mails[0].get_body(("plain",)).get_content().strip() == "t"  # type: ignore[union-attr]


def test_a_secret_mail_leaves_no_body_behind(mail_app: Flask, inbox: Inbox) -> None:
    deliver(Mail("reset", "a@example.org", "s", "token", "token", is_secret=True), dedupe_key="r")
    assert (the_mail().text_body, the_mail().html_body) == (None, None)
    assert "token" in inbox.mails[0].get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_a_server_that_fails_gets_the_same_mail_later(mail_app: Flask, inbox: Inbox) -> None:
    mail_job("mail.hello", "n")(lambda _payload: HELLO)
    try:
        with transaction():
            enqueue("mail.hello", {"n": 1}, "mail.hello:1")
        inbox.fail = "451 try again"
        drain()
        assert the_mail().state is MailState.QUEUED
        inbox.fail = ""
        clock.move(60)
        drain()
    finally:
        registry._handlers.pop("mail.hello")
    assert the_mail().state is MailState.SENT
    assert len(inbox.mails) == 1


def test_a_server_that_never_takes_it_ends_in_a_failed_mail(mail_app: Flask, inbox: Inbox) -> None:
    mail_job("mail.hello", "n")(lambda _payload: HELLO)
    inbox.fail = "451 try again"
    try:
        with transaction():
            enqueue("mail.hello", {"n": 1}, "mail.hello:1")
        for _ in range(10):
            drain()
            clock.move(4000)
    finally:
        registry._handlers.pop("mail.hello")
    assert the_mail().state is MailState.FAILED
    assert "451" in the_mail().error
    job = db.session.scalars(select(Job).where(Job.name == "mail.hello")).one()
    assert (job.state, job.attempts) == (JobState.FAILED, 10)


def test_an_unknown_recipient_is_not_tried_again(mail_app: Flask, inbox: Inbox) -> None:
    inbox.refuse = "550 no such user"
    deliver(HELLO, dedupe_key="hello:1")
    assert the_mail().state is MailState.FAILED
    assert "550 no such user" in the_mail().error


def test_a_busy_recipient_is(mail_app: Flask, inbox: Inbox) -> None:
    inbox.refuse = "450 mailbox busy"
    with pytest.raises(Exception, match="450"):
        deliver(HELLO, dedupe_key="hello:1")
    assert the_mail().state is MailState.QUEUED


def test_no_server_at_all_is_an_error_to_try_again(make_app: Callable[..., Flask]) -> None:
    app = make_app(MAIL_URL="smtp://127.0.0.1:9")
    with app.app_context():
        with pytest.raises(ConnectionRefusedError):
            deliver(HELLO, dedupe_key="hello:1")
        assert the_mail().state is MailState.QUEUED


def test_logs_in_with_the_password_of_the_url(make_app: Callable[..., Flask], inbox: Inbox) -> None:
    app = make_app(MAIL_URL=f"smtp://mail%40er:p%3Ass%2Fw%40rd@127.0.0.1:{inbox.port}")
    with app.app_context():
        deliver(HELLO, dedupe_key="hello:1")
    assert inbox.logins == [("mail@er", "p:ss/w@rd")]
    assert len(inbox.mails) == 1


@pytest.mark.parametrize(
    ("url", "port", "is_tls"),
    [
        ("smtp://mail.example", 25, False),
        ("smtp://me:pw@mail.example", 587, False),
        ("smtps://me:pw@mail.example", 465, True),
        ("smtp://mail.example:2525", 2525, False),
    ],
)
def test_ports_follow_from_the_url(url: str, port: int, is_tls: bool) -> None:
    server = parse_mail_url(url)
    assert (server.host, server.port, server.is_tls) == ("mail.example", port, is_tls)
    assert "pw" not in repr(server)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jane",
        "jane@",
        "@example.org",
        "a@example.org\nBcc: b@example.org",
        "a b@c\r\nX: y",
        "a@\x00b",
        "Flux, Maison <shop@example.org>",
        "a@example.org, b@example.org",
        "Maison: a@example.org;",
        "Maison Flux shop@example.org",
        "shop@example.org extra",
    ],
)
def test_addresses_that_are_none_are_refused(address: str) -> None:
    with pytest.raises(BadInput):
        parse_mailbox(address)


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Jörg <jo@bücher.example>", "Jörg", "jo@xn--bcher-kva.example"),
        ("anna@straße.de", "", "anna@xn--strae-oqa.de"),
        ('"Flux, Maison" <shop@example.org>', "Flux, Maison", "shop@example.org"),
        ("M. Flux & Co. <shop@localhost>", "M. Flux & Co.", "shop@localhost"),
    ],
)
def test_mailboxes_are_written_as_they_are_sent(text: str, name: str, address: str) -> None:
    found = parse_mailbox(text)
    assert (found.display_name, found.addr_spec) == (name, address)


@pytest.mark.parametrize("subject", ["Hello\nBcc: everybody@example.org", "a\rb", "a\x00b"])
def test_headers_cannot_be_injected_through_the_subject(subject: str) -> None:
    with pytest.raises(BadInput):
        to_message(
            Mail("m", "a@example.org", subject, "t", "h"),
            sender="shop@example.org",
            identity="<x@y>",
            at=clock.now(),
        )


def test_every_try_carries_the_same_message_id() -> None:
    first = message_id("mail.order_paid:7", "Maison <shop@maison.example>")
    assert first == message_id("mail.order_paid:7", "Maison <shop@maison.example>")
    assert first != message_id("mail.order_paid:8", "Maison <shop@maison.example>")
    assert first.endswith("@maison.example>")


@pytest.mark.parametrize("settings", [{}, {"MAIL_URL": "smtp://127.0.0.1:9", "SANDBOX_DEMO": "1"}])
def test_without_a_server_and_in_a_demonstration_mails_are_files(
    make_app: Callable[..., Flask], tmp_path: Path, settings: dict[str, str]
) -> None:
    with make_app(**settings).app_context():
        deliver(HELLO, dedupe_key="hello:1")
        deliver(HELLO, dedupe_key="hello:2")
    files = sorted((tmp_path / "mail").iterdir())
    assert len(files) == 2
    assert all(file.suffix == ".eml" for file in files)
    mail = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    assert mail["Subject"] == "Żółć №1"


@both_engines
def test_killed_after_sending_it_is_sent_again_under_the_same_id(
    mail_app: Flask, inbox: Inbox, database_url: str, tmp_path: Path
) -> None:
    with transaction():
        enqueue("mail.trial", {"to": "jane@example.org"}, "mail.trial:1")
    settings = settings_for(
        tmp_path,
        DATABASE_URL=database_url,
        MAIL_URL=f"smtp://127.0.0.1:{inbox.port}",
        MAIL_FROM="shop@maison.example",
    )
    for armed in ("after-mail=kill", ""):
        env = environment(settings, CRASH_POINTS=armed, CLOCK_AHEAD="" if armed else "200")
        ended = run_flask(
            "--app", "tests/mail/shop_with_trial", "worker", "--once", env=env, folder=tmp_path
        )  # fmt: skip
        assert ended.returncode == (-signal.SIGKILL if armed else 0), ended.stderr
    assert [mail["Message-ID"] for mail in inbox.mails] == [the_mail().message_id] * 2
    assert the_mail().state is MailState.SENT


def test_the_test_mail_says_where_it_went_or_why_not(
    mail_app: Flask, inbox: Inbox, make_app: Callable[..., Flask]
) -> None:
    runner: Any = mail_app.test_cli_runner()
    good = runner.invoke(args=["send-test-mail", "me@example.org"])
    assert (good.exit_code, f"127.0.0.1:{inbox.port}" in good.output) == (0, True)
    assert inbox.mails[0]["Subject"] == "A test mail from your shop"
    inbox.refuse = "550 no such user"
    bad = runner.invoke(args=["send-test-mail", "me@example.org"])
    assert (bad.exit_code, "550 no such user" in bad.output) == (1, True)
    odd = runner.invoke(args=["send-test-mail", "me"])
    assert (odd.exit_code, "not a mail address" in odd.output) == (1, True)
    assert db.session.scalars(select(MailMessage.kind)).all() == []


def test_a_mail_that_is_sent_again_is_answered_where_it_was(mail_app: Flask, inbox: Inbox) -> None:
    set_setting("contact_email", "hello@maison.example", user_id=None)
    mail = replace(HELLO, reply_to="hello@maison.example")
    row = deliver(mail, dedupe_key="hello:1")
    with transaction():
        enqueue("mail.again", {"mail_id": row.id, "nth": "1"}, "mail.again:1")
    drain()
    assert [mail["Reply-To"] for mail in inbox.mails] == ["hello@maison.example"] * 2
