"""The whole round: staff adds a product with a picture, a shopper buys it, staff sends, refunds."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from tests.browser.boutique import BAKED
from tests.browser.kit import PHONE, opened, violations
from tests.browser.live import Live
from tests.browser.world import World


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "no-js"])
def test_from_a_new_product_to_its_refund(
    live: Live, world: World, chromium: Browser, scripts: bool
) -> None:
    name, email = f"Étoile Ring {secrets.token_hex(3)}", steps.an_address()
    staff_state = world.visitors["staff"]
    with (
        opened(chromium, live.url, scripts=scripts, state=staff_state) as staff,
        opened(chromium, live.url, size=PHONE, scripts=scripts) as shopper,
    ):
        add_product(staff, name)
        number = buy(shopper, name, email)
        live.mail(email, number)
        send(staff, number)
        shopper.goto(f"/orders/{number}")
        expect(shopper.get_by_text("6A 1948 2207 315").first).to_be_visible()
        assert "6A 1948 2207 315" in text_of(live, email, "on its way")
        refund(staff, number)
        shopper.reload()
        expect(shopper.get_by_text("Refund, ")).to_be_visible()
        assert "€98" in text_of(live, email, "refund")


def add_product(staff: Page, name: str) -> None:
    """Make a product with its first variant and a picture, and put it on sale."""
    staff.goto("/admin/products")
    staff.get_by_role("link", name="New product").first.click()
    staff.get_by_label("Name", exact=True).fill(name)
    staff.get_by_label("In one sentence").fill("A ring that catches the light.")
    staff.get_by_label("SKU").fill(f"RING-{secrets.token_hex(3)}")
    staff.get_by_label("Price", exact=True).fill("98.00")
    staff.get_by_label("Pieces on hand").fill("3")
    staff.get_by_label("Choose pictures").set_input_files(BAKED / "ring-02-800.webp")
    staff.get_by_label("Put it on sale at once").check()
    staff.get_by_role("button", name="Make product").click()
    expect(staff.get_by_role("heading", name=name)).to_be_visible()
    expect(staff.locator("#pictures img").first).to_be_visible()


def buy(shopper: Page, name: str, email: str) -> str:
    """Find the product by its name, buy it as a guest, return the order's number."""
    shopper.goto(f"/search?q={name}")
    shopper.get_by_role("link", name=name, exact=True).click()
    expect(shopper.locator(".gal img").first).to_be_visible()
    shopper.locator("#buy").get_by_role("button", name="Add to bag").click()
    expect(shopper.get_by_text(f"{name} is in your bag")).to_be_visible()
    shopper.goto("/cart")
    steps.go_to_payment(shopper, email)
    steps.pay(shopper)
    expect(shopper.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
    return steps.order_number(shopper)


def send(staff: Page, number: str) -> None:
    """Find the order among those to send and mark it as sent, with a tracking number."""
    staff.goto("/admin/orders")
    staff.get_by_role("link", name=number).click()
    staff.get_by_label("Carrier").select_option("Colissimo")
    staff.get_by_label("Tracking number", exact=True).fill("6A 1948 2207 315")
    staff.get_by_role("button", name="Mark as sent").click()
    expect(staff.get_by_role("button", name="Mark as delivered")).to_be_visible()


def refund(staff: Page, number: str) -> None:
    """Refund everything on the page that asks once more."""
    staff.goto(f"/admin/orders/{number}")
    staff.get_by_role("link", name="Refund…").click()
    staff.get_by_role("button", name="Refund €").click()
    staff.wait_for_url(f"**/admin/orders/{number}")
    expect(staff.get_by_text("Refund, ").first).to_be_visible()


def text_of(live: Live, email: str, subject: str) -> str:
    """Return the plain text of the mail to the shopper that speaks of `subject`."""
    body = live.mail(email, subject).get_body(("plain",))
    assert body
    return str(body.get_content())


def test_who_is_not_staff_is_refused(live: Live, world: World, chromium: Browser) -> None:
    with opened(chromium, live.url, state=world.visitors["customer"]) as page:
        page.goto("/admin/orders")
        expect(page.get_by_role("heading", level=1)).to_have_text("You may not do that")
        assert violations(page) == []
    with opened(chromium, live.url) as page:
        page.goto("/admin/orders")
        expect(page).to_have_url(re.compile(r"/login\?next="))
