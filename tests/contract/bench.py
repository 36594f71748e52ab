"""A sandbox on the bench: a gateway and the bare library in front of it, a witness between."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import stripe
from werkzeug.serving import make_server

from sandboxes.stripe.app import SandboxApp
from sandboxes.stripe.config import SandboxConfig
from sandboxes.stripe.control import Sandbox
from sandboxes.transport import call
from shop.core import clock
from shop.payments.gateway import GatewayEvent, PaymentGateway, SessionState
from shop.payments.page_request import Line, Shipping
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.connection import make_client
from shop.payments.stripe.gateway import StripeGateway
from shop.payments.stripe.params import session_params
from tests.contract.contract_checker import Judge
from tests.contract.recording_proxy import Witness

KEY = "sk_test_sandbox0123456789abcdef"
SECRET = "whsec_sandbox0123456789abcdef"
SHOP = "https://shop.example"

KINDS = (
    "checkout.session payment_intent charge refund dispute product price coupon promotion_code "
    "customer event webhook_endpoint balance_transaction shipping_rate tax_rate payment_method"
).split()


@dataclass
class Bench:
    """What a test works with. `letters` are the webhooks the shop got: body and signature."""

    sandbox: Sandbox
    witness: Witness
    gateway: PaymentGateway
    client: stripe.StripeClient
    letters: list[tuple[bytes, str]] = field(default_factory=list)

    def params(self, **changes: Any) -> dict[str, Any]:
        """Return the parameters of a page for €149.00 and what `changes` say."""
        lines = changes.setdefault("lines", [Line("Scarf", 1, 14900)])
        shipping = changes.get("shipping")
        delivery = shipping.amount if isinstance(shipping, Shipping) else 0
        total = sum(line.amount for line in lines) - changes.get("discount_amount", 0) + delivery
        given = {
            "reference": "MF-1001",
            "attempt_id": str(uuid4()),
            "currency": "EUR",
            "total": total,
            "expires_at": clock.epoch() + 3600,
            "success_url": f"{SHOP}/checkout/success",
            "cancel_url": f"{SHOP}/checkout/cancel",
        }
        return session_params(**{**given, **changes})

    def open_page(self, **changes: Any) -> SessionState:
        """Open a payment page; see `params`."""
        params = self.params(**changes)
        return self.gateway.create_session(params, params["metadata"]["attempt_id"])

    def paid_page(self, instrument: str = "visa", **changes: Any) -> SessionState:
        """Open a page, pay it, return its state."""
        page = self.open_page(**changes)
        self.sandbox.pay(page.ref, instrument)
        return self.gateway.get_session(page.ref)

    def events(self) -> list[GatewayEvent]:
        """Return the events that reached the shop, each checked by the gateway."""
        self.sandbox.deliver_due()
        return [
            self.gateway.parse_event(body, {"Stripe-Signature": signature}, clock.now())
            for body, signature in self.letters
        ]

    def faults(self) -> list[str]:
        """Return what is wrong with all that was said and all that is stored."""
        judge = self.witness.judge
        stored = [body for kind in KINDS for body in self.sandbox.objects(kind)]
        wrong = [f"{one['id']}: {f}" for one in stored for f in judge.answer(one, strict=True)]
        return [*self.witness.request_faults, *self.witness.faults, *wrong]


@contextmanager
def working_bench(folder: Path, *, shop_url: str = SHOP) -> Iterator[Bench]:
    """Give a bench with a sandbox of its own in `folder`, which was told the shop's address."""
    letters: list[tuple[bytes, str]] = []

    def deliver(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        letters.append((body, headers["Stripe-Signature"]))
        return 200, b""

    config = SandboxConfig(
        database=folder / "sandbox.sqlite3",
        secret_key=KEY,
        webhook_secret=SECRET,
        shop_name=lambda: "Maison Flux",
        shop_url=shop_url,
        time_source=lambda: clock.now().timestamp(),
    )
    app = SandboxApp(config, deliver)
    witness = Witness(app, Judge())
    settings = GatewayConfig(
        secret_key=KEY,
        provider="sandbox",
        webhook_secret=SECRET,
        in_process=partial(call, witness),
        pause_scale=0,
    )
    with clock.restored():
        yield Bench(app.sandbox, witness, StripeGateway(settings), make_client(settings), letters)


@contextmanager
def serving(bench: Bench) -> Iterator[str]:
    """Serve the sandbox on a socket of this machine; give its address."""
    server = make_server("127.0.0.1", 0, bench.witness, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
