"""The shop as `make run` serves it: gunicorn with its real settings and a job worker, on SQLite.

Tests fill it through the same services as the commands do, from an application of their own on
the same instance folder.
"""

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from flask import Flask

from sandboxes.stripe import Sandbox
from shop import create_app
from shop.core.db import db
from tests.conftest import settings_for
from tests.processes import PATIENCE, environment, eventually, free_port, running


@dataclass
class Live:
    """A running shop. `app` sees the same rows as the processes that serve it."""

    url: str
    app: Flask
    folder: Path

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that plays Stripe for it: same rows, same clock."""
        sandbox: Sandbox = self.app.extensions["sandbox"].sandbox
        return sandbox

    def mails(self, address: str) -> list[EmailMessage]:
        """Return what was sent to `address` so far, oldest first."""
        parser = BytesParser(policy=policy.default)
        found = []
        for path in sorted((self.folder / "mail").glob("*.eml")):
            mail = parser.parsebytes(path.read_bytes())
            if address in str(mail["To"]):
                found.append(mail)
        return found

    def mail(self, address: str, subject: str) -> EmailMessage:
        """Wait for a mail to `address` whose subject contains `subject`."""

        def wanted() -> list[EmailMessage]:
            return [mail for mail in self.mails(address) if subject in str(mail["Subject"])]

        eventually(wanted, what=f"a mail {subject!r} to {address}")
        return wanted()[0]


def settings_of(folder: Path) -> dict[str, str]:
    """Return the settings of a shop as `make run` has them, in the instance `folder`."""
    return settings_for(folder, SHOP_ENV="development", SITE_URL="", JOBS="process")


@contextmanager
def live_shop(folder: Path) -> Iterator[Live]:
    """Serve the migrated shop of the instance `folder` on a free port while the block runs."""
    settings = settings_of(folder)
    port, log = free_port(), folder / "gunicorn.log"
    url = f"http://127.0.0.1:{port}"
    app = create_app({**settings, "SITE_URL": url})  # nobody calls it, so it must be told
    with running("-m", "gunicorn", env=environment(settings, PORT=str(port)), log=log) as process:
        eventually(lambda: _answers(url), what=f"an answer; see {log}")
        yield Live(url, app, folder)
        process.terminate()
        process.wait(timeout=PATIENCE)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
