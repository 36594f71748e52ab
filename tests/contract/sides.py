"""The two sides a conformance test is run on: the sandbox, and Stripe's test mode when
STRIPE_CONTRACT_KEY names a test key (the second is not collected without it)."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe

from sandboxes.stripe import checkout
from sandboxes.stripe.cards import INSTRUMENTS
from sandboxes.stripe.checkout import Payment
from shop.payments.stripe.config import GatewayConfig
from shop.payments.stripe.connection import make_client
from tests.chromium import launch
from tests.contract.bench import Bench
from tests.contract.contract_checker import Judge
from tests.contract.operations_walk import session

KEY = os.environ.get("STRIPE_CONTRACT_KEY", "")
SIDES = ["sandbox", "stripe"] if KEY else ["sandbox"]

EXPAND: Any = {"expand": ["payment_intent.latest_charge", "line_items"]}

CARDS = {"visa": "4242424242424242", "3ds": "4000000000003220", "declined": "4000000000000002"}


@dataclass(frozen=True)
class Side:
    """A client, and the buyer's hands: `pay(session, card)` with a name of CARDS.

    `pay` of "3ds" stops at the challenge.
    """

    client: stripe.StripeClient
    pay: Callable[[Any, str], None]

    def error(self, call: Callable[[stripe.StripeClient], object]) -> stripe.StripeError:
        """Return the error that `call` must end in."""
        try:
            call(self.client)
        except stripe.StripeError as error:
            return error
        raise AssertionError("no error")


def sandbox_side(bench: Bench) -> Side:
    """Return the sandbox; what it says is judged by the bench."""

    def pay(session: Any, card: str) -> None:
        if card == "3ds":
            _stop_at_challenge(bench, session.id)
        else:
            bench.sandbox.pay(session.id, card)

    return Side(bench.client, pay)


def stripe_side() -> Side:
    """Return Stripe's test mode."""
    if not KEY.startswith(("sk_test_", "rk_test_")):
        raise ValueError("STRIPE_CONTRACT_KEY must be a test key")
    return Side(make_client(GatewayConfig(secret_key=KEY)), _pay_in_browser)


def open_page(side: Side, **changes: Any) -> Any:
    """Open a payment page for €149.00 and what `changes` say."""
    return side.client.v1.checkout.sessions.create(session(**changes))


def read_page(side: Side, ref: str) -> Any:
    """Read a page with its payment; judge the answer."""
    found = side.client.v1.checkout.sessions.retrieve(ref, EXPAND)
    assert faults_of(found) == []
    return found


def make_coupon(side: Side, **terms: Any) -> str:
    """Make a coupon for one payment; return its id."""
    given: Any = {"duration": "once", **terms}
    if "amount_off" in terms:
        given["currency"] = "eur"
    return side.client.v1.coupons.create(given).id


def priced(*amounts: int, currency: str = "eur") -> list[dict[str, Any]]:
    """Return one line per amount, in minor units."""
    return [
        {
            "quantity": 1,
            "price_data": {
                "currency": currency,
                "unit_amount": amount,
                "product_data": {"name": "Scarf"},
            },
        }
        for amount in amounts
    ]


def faults_of(answer: stripe.StripeObject) -> list[str]:
    """Judge one answer leniently: Stripe leaves out what is not asked for."""
    return Judge().answer(answer.to_dict(for_json=True))


def _stop_at_challenge(bench: Bench, session_id: str) -> None:
    payment = Payment(INSTRUMENTS["3ds"], email="buyer@example.com")
    with bench.sandbox.store.write() as tx:
        row = tx.get("checkout.session", session_id)
        checkout.pay(bench.sandbox.call(tx), row, payment, challenge_url="sandbox:challenge")


def _pay_in_browser(session: Any, card: str) -> None:
    """Fill Stripe's own page. Its field names are Stripe's and may change."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_page()
        page.route("https://shop.example/**", lambda route: route.fulfill(body="Thank you"))
        page.goto(session.url)
        if page.locator("#email").is_editable():
            page.fill("#email", "buyer@example.com")
        page.fill("#cardNumber", CARDS[card])
        page.fill("#cardExpiry", "12 / 40")
        page.fill("#cardCvc", "123")
        page.fill("#billingName", "A Buyer")
        page.get_by_test_id("hosted-payment-submit-button").click()
        if card == "3ds":
            page.wait_for_selector("iframe[src*='three-ds']")
        elif card == "declined":
            page.wait_for_selector(".FieldError")
        else:
            page.wait_for_url("https://shop.example/**")
        browser.close()
