"""A real mail server on this machine, and an order to write about."""

import email
import email.policy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from flask import Flask

from tests.processes import free_port


@dataclass
class Inbox:
    """What the server took, and what it is told to answer."""

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    refuse: str = ""  # answer to RCPT, such as "550 no such user"
    fail: str = ""  # answer to the body
    logins: list[tuple[str, str]] = field(default_factory=list)

    @property
    def mails(self) -> list[EmailMessage]:
        """What came in, parsed."""
        parsed = [
            email.message_from_bytes(e.content, policy=email.policy.default)  # type: ignore[arg-type]
            for e in self.envelopes
        ]
        return [m for m in parsed if isinstance(m, EmailMessage)]

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        if self.fail:
            return self.fail
        self.envelopes.append(envelope)
        return "250 taken"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"p:ss/w@rd")


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    box = Inbox(port=free_port())
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=box.port,
        authenticator=box.authenticate,
        auth_require_tls=False,
    )
    server.start()
    yield box
    server.stop()


@pytest.fixture
def mail_app(make_app: Callable[..., Flask], inbox: Inbox) -> Iterator[Flask]:
    """The shop, in an open context, that sends its mails to `inbox`."""
    app = make_app(
        MAIL_URL=f"smtp://127.0.0.1:{inbox.port}",
        MAIL_FROM="Maison Flux <shop@maison.example>",
        SITE_URL="https://maison.example",
        STAFF_EMAIL="desk@maison.example",
    )
    with app.app_context():
        yield app
