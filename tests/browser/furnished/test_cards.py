"""Every row of the card table, paid in the browser: what the buyer reads, and what is true."""

import itertools
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from sandboxes.stripe.cards import ACCOUNTS, CARDS, Instrument, message_for
from shop.core.db import db
from shop.models import Attention, Order, PaymentStatus
from shop.orders.services import refund_order
from tests.browser import steps
from tests.browser.boutique import Boutique
from tests.browser.kit import Window
from tests.browser.live import Live
from tests.factories import fresh
from tests.orders import kit
from tests.processes import eventually

THANKS, UNKNOWN_BANK = "Thank you, Camille", "We are unable to authenticate your payment method."
_numbers = itertools.count(1)


def named(found: Instrument) -> str:
    """Return the id of a row's test."""
    return found.name


def rows(**wanted: bool) -> list[Instrument]:
    """Return the cards that do (True) or do not (False) what their fields say."""
    return [c for c in CARDS if all(bool(getattr(c, k)) == v for k, v in wanted.items())]


@dataclass
class Sale:
    """An order that waits for its payment, and the page where it is paid."""

    live: Live
    order_id: int
    ref: str
    link: str

    def order(self) -> Order:
        with self.live.app.app_context():
            fresh()
            return db.session.get_one(Order, self.order_id)

    def open(self, page: Page) -> None:
        """Follow the guest's link and go on to the payment page."""
        page.goto(self.link)
        page.get_by_role("button", name="Pay now").click()
        page.wait_for_url(f"**/{self.ref}")


@pytest.fixture
def sale(live: Live, boutique: Boutique) -> Sale:
    email, ip = steps.an_address(), f"10.30.0.{next(_numbers)}"
    with live.app.app_context():
        order, ref = kit.to_payment(kit.fill_cart(boutique.plain), email=email, ip=ip)
        return Sale(live, order.id, ref, f"/o/{order.access_token}")


@pytest.fixture
def page(plain_window: Window, sale: Sale):
    with plain_window.visit() as page:
        sale.open(page)
        yield page


def confirm_at_bank(page: Page, button: str = "sbx-3ds-ok") -> None:
    page.get_by_test_id(button).click()


@pytest.mark.parametrize("card", rows(decline=False, challenge=False), ids=named)
def test_succeeds(page: Page, sale: Sale, card: Instrument) -> None:
    steps.fill_card(page, card.number, cvc="1234" if card.brand == "amex" else "123")
    page.get_by_test_id("sbx-pay").click()
    expect(page.get_by_role("heading", name=THANKS)).to_be_visible()
    assert sale.order().payment_status is PaymentStatus.PAID
    if card.dispute:
        eventually(lambda: sale.order().is_disputed, what="the dispute")
        page.reload()
        expect(page.get_by_role("heading", name=THANKS)).to_be_visible()


@pytest.mark.parametrize("card", rows(refund=True), ids=named)
def test_money_back(page: Page, live: Live, sale: Sale, card: Instrument) -> None:
    """The buyer reads of the refund; of one that the bank sends back staff must know instead."""
    steps.pay(page, card.number)
    expect(page.get_by_role("heading", name=THANKS)).to_be_visible()
    with live.app.app_context():
        fresh()
        refund_order(sale.order_id, sale.order().amount_total, form_token=sale.ref)
    if card.refund == "failed":
        # For how long the order is shown as refunded depends on the worker's next tick.
        eventually(lambda: sale.order().attention is Attention.REFUND_FAILED)
        page.goto(sale.link)
        expect(page.get_by_text("Paid").first).to_be_visible()
        expect(page.get_by_text("Refund, ")).to_have_count(0)
        return
    eventually(lambda: sale.order().payment_status is PaymentStatus.REFUNDED)
    page.goto(sale.link)
    expect(page.get_by_role("heading", name="This order was refunded")).to_be_visible()


@pytest.mark.parametrize("card", rows(decline=True, challenge=False), ids=named)
def test_is_declined_and_another_card_pays(page: Page, sale: Sale, card: Instrument) -> None:
    assert card.decline
    steps.pay(page, card.number)
    expect(page.get_by_test_id("sbx-error")).to_contain_text(message_for(*card.decline))
    assert sale.order().payment_status is PaymentStatus.PENDING
    steps.pay(page)
    expect(page.get_by_role("heading", name=THANKS)).to_be_visible()


@pytest.mark.parametrize("card", rows(challenge=True, decline=False), ids=named)
def test_the_bank_asks(page: Page, sale: Sale, card: Instrument) -> None:
    steps.pay(page, card.number)
    confirm_at_bank(page, "sbx-3ds-fail")
    expect(page.get_by_test_id("sbx-error")).to_contain_text(UNKNOWN_BANK)
    assert sale.order().payment_status is PaymentStatus.PENDING
    steps.pay(page, card.number)
    confirm_at_bank(page)
    expect(page.get_by_role("heading", name=THANKS)).to_be_visible()
    assert sale.order().payment_status is PaymentStatus.PAID


@pytest.mark.parametrize("card", rows(challenge=True, decline=True), ids=named)
def test_the_bank_asks_and_declines(page: Page, sale: Sale, card: Instrument) -> None:
    assert card.decline
    steps.pay(page, card.number)
    confirm_at_bank(page)
    expect(page.get_by_test_id("sbx-error")).to_contain_text(message_for(*card.decline))
    assert sale.order().payment_status is PaymentStatus.PENDING


@pytest.mark.parametrize(
    ("number", "expires", "sentence"),
    [
        ("4242 4242 4242 4241", "12/40", "Your card number is incorrect."),
        ("4242 4242 4242 4242", "12/20", "expir"),
        ("4532 0151 1283 0366", "12/40", "Sandbox takes test cards only"),
    ],
    ids=["bad number", "past expiry", "real card"],
)
def test_is_refused(page: Page, sale: Sale, number: str, expires: str, sentence: str) -> None:
    steps.fill_card(page, number, expires=expires)
    page.get_by_test_id("sbx-pay").click()
    expect(page.get_by_test_id("sbx-error")).to_contain_text(sentence)
    assert sale.order().payment_status is PaymentStatus.PENDING


@pytest.mark.parametrize("account", ACCOUNTS, ids=named)
def test_a_bank_debit(page: Page, live: Live, sale: Sale, account: Instrument) -> None:
    """The buyer reads that it takes days, then in the same page what became of it."""
    assert account.settle
    succeeds, seconds = account.settle
    page.get_by_test_id("sbx-method-sepa").check()
    page.get_by_test_id("sbx-iban").fill(account.number)
    page.get_by_test_id("sbx-account-holder").fill("Camille Laurent")
    page.get_by_test_id("sbx-pay").click()
    page.wait_for_url("**/checkout/success*")
    if seconds:
        expect(page.get_by_role("heading", name="Your payment is on its way")).to_be_visible()
        assert sale.order().payment_status is PaymentStatus.PROCESSING
        live.sandbox.advance(seconds)
        live.sandbox.deliver_due()
    eventually(lambda: sale.order().payment_status is not PaymentStatus.PROCESSING)
    page.reload()
    said = THANKS if succeeds else "This payment did not go through"
    expect(page.get_by_role("heading", name=said)).to_be_visible()
    wanted = PaymentStatus.PAID if succeeds else PaymentStatus.EXPIRED
    assert sale.order().payment_status is wanted
