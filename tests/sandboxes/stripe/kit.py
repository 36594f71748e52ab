"""What the sandbox's tests are made of: the real library, a shop that keeps its post, a browser."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import stripe
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from sandboxes.stripe import Sandbox, SandboxApp, SandboxConfig
from sandboxes.stripe.cards import INSTRUMENTS
from sandboxes.transport import call
from shop.payments.stripe.transport import InProcessTransport

KEY = "sk_test_sandbox0123456789abcdef"
SECRET = "whsec_sandbox0123456789abcdef"
SHOP = "http://shop.test"
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{64})"')


@dataclass
class Letterbox:
    """The shop's end of the webhooks: keeps every delivery and answers as it is told."""

    letters: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    on_letter: Callable[[dict[str, Any]], None] | None = None

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self.letters.append((url, body, headers))
        if self.on_letter:
            self.on_letter(json.loads(body))
        return (self.statuses.pop(0) if self.statuses else 200), b"thanks"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.letters]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


class World:
    """One sandbox with its client, its letterbox and a browser."""

    def __init__(self, database: Path | str, **settings: Any) -> None:
        self.letterbox = Letterbox()
        self.app = SandboxApp(config(database, **settings), self.letterbox)
        self.sandbox: Sandbox = self.app.sandbox
        self.stripe = connect(self.app)
        self.browser = Browser(self.app.pages.test_client())
        self.http = Client(self.app)

    def session(self, amount: int = 2500, **params: Any) -> stripe.checkout.Session:
        """A new session over one line of that many minor units of EUR."""
        return self.stripe.v1.checkout.sessions.create(session_params(amount, **params))

    def reload(self, session: stripe.checkout.Session, *expand: str) -> stripe.checkout.Session:
        return self.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": list(expand)})

    def paid(self, instrument: str = "visa", **params: Any) -> stripe.checkout.Session:
        """A session that was paid without a browser, with its payment expanded."""
        session = self.session(**params)
        self.sandbox.pay(session.id, instrument)
        return self.reload(session, "payment_intent.latest_charge")


class Browser:
    """Opens the payment page and fills it in."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, session: stripe.checkout.Session) -> TestResponse:
        return self.client.get(path_of(session))

    def pay(
        self, session: stripe.checkout.Session, number: str = "4242424242424242", **fields: str
    ) -> TestResponse:
        values = {"email": "ada@example.com", "number": number, "exp": "12/40", "cvc": "123"}
        return self.submit(path_of(session), values | fields)

    def submit(self, path: str, fields: dict[str, str], page: str = "") -> TestResponse:
        """Send a form to ``path`` with the token found on ``page`` (the same by default)."""
        found = TOKEN.search(self.client.get(page or path).text)
        assert found, f"no form at {path}"
        return self.client.post(path, data={"csrf_token": found[1], **fields})


def shop_name() -> str:
    return "Maison Test"


def config(database: Path | str, **settings: Any) -> SandboxConfig:
    values: dict[str, Any] = {
        "secret_key": KEY,
        "webhook_secret": SECRET,
        "shop_name": shop_name,
        "shop_url": SHOP,
        **settings,
    }
    return SandboxConfig(database, **values)


def connect(app: Any, key: str = KEY, retries: int = 0) -> stripe.StripeClient:
    transport = InProcessTransport(partial(call, app), pause_scale=0)
    return stripe.StripeClient(key, http_client=transport, max_network_retries=retries)


def session_params(amount: int = 2500, **params: Any) -> dict[str, Any]:
    line = {
        "price_data": {
            "currency": "eur",
            "unit_amount": amount,
            "product_data": {"name": "Candle"},
        },
        "quantity": 1,
    }
    return {
        "mode": "payment",
        "line_items": [line],
        "success_url": f"{SHOP}/done?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{SHOP}/cart",
        **params,
    }


def path_of(session: stripe.checkout.Session) -> str:
    return f"/c/pay/{session.id}"


def number_of(instrument: str) -> str:
    return INSTRUMENTS[instrument].number


def clock_at(start: float | None = None) -> Callable[[], float]:
    """A clock that stands still."""
    now = time.time() if start is None else start
    return lambda: now
