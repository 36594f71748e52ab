"""What the tests of accounts share: mails as they went out, and links in them."""

import email
import email.policy
import re
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from shop.auth.client_info import ClientInfo
from shop.jobs import drain

HERE = ClientInfo(ip="192.0.2.7", user_agent="Firefox")


def mails_of(app: Flask) -> list[EmailMessage]:
    """Run the jobs and return all mails so far, the oldest first."""
    drain()
    folder = Path(app.instance_path) / "mail"
    parsed = [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[arg-type]
        for path in sorted(folder.glob("*.eml"), key=lambda path: int(path.name.split("-")[2]))
    ]
    return [mail for mail in parsed if isinstance(mail, EmailMessage)]


def link_in(mail: EmailMessage, site: str = "http://localhost") -> str:
    """Return the path of the secret link in a mail of the shop at `site`."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(
        rf"{re.escape(site)}(/(?:password/reset|account/email)/\S+)", body.get_content()
    )
    assert found
    return found[1]


@pytest.fixture
def mails(app: Flask) -> Callable[[], list[EmailMessage]]:
    def read() -> list[EmailMessage]:
        with app.app_context():
            return mails_of(app)

    return read
