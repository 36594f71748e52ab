"""What a shopper does, step by step, as it is done with or without JavaScript."""

import secrets

from playwright.sync_api import Page, expect

from tests.factories import PASSWORD

VISA = "4242 4242 4242 4242"


def an_address() -> str:
    """Return an e-mail address that nobody has used."""
    return f"ada-{secrets.token_hex(4)}@example.com"


def put_into_bag(page: Page, slug: str) -> None:
    """Add one piece from its page and go to the bag."""
    page.goto(f"/products/{slug}")
    page.locator("#buy").get_by_role("button", name="Add to bag").click()
    expect(page.locator("#cart-link")).not_to_have_attribute("aria-label", "Bag, 0 items")
    page.goto("/cart")


def enter_code(page: Page, code: str) -> None:
    """Open the field for a code in the bag and send one."""
    if page.locator("#add-code[open]").count() == 0:
        page.locator("#add-code summary").click()
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Apply").click()


def fill_checkout(page: Page, email: str = "") -> None:
    """Fill the form of `/checkout`; without `email` what stands there stays."""
    if email:
        page.get_by_label("Email").fill(email)
    page.get_by_label("Full name").fill("Ada Lovelace")
    page.get_by_label("Street and number").fill("14 rue des Capucins")
    page.get_by_label("Postcode").fill("69001")
    page.get_by_label("Town or city").fill("Lyon")
    terms = page.get_by_label("I agree to the terms")
    if terms.count():  # where the shop has published some
        terms.check()


def go_to_payment(page: Page, email: str = "") -> str:
    """From the bag through checkout to the payment page; return the session's id."""
    page.locator("#cart").get_by_role("link", name="Check out").first.click()
    page.wait_for_url("**/checkout")
    fill_checkout(page, email)
    page.get_by_role("button", name="Go to payment").click()
    page.wait_for_url("**/c/pay/**")
    return page.url.rsplit("/", 1)[1]


def fill_card(page: Page, number: str = VISA, *, expires: str = "12/40", cvc: str = "123") -> None:
    """Fill the card fields of the payment page."""
    page.get_by_test_id("sbx-number").fill(number)
    page.get_by_test_id("sbx-exp").fill(expires)
    page.get_by_test_id("sbx-cvc").fill(cvc)


def pay(page: Page, number: str = VISA) -> None:
    """Pay with a card."""
    fill_card(page, number)
    page.get_by_test_id("sbx-pay").click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Sign in from the page that asks for it; with an unknown address that makes an account."""
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/login" not in url)


def order_number(page: Page) -> str:
    """Return the number of the order that the thank-you page speaks of."""
    return page.locator("main .eyebrow", has_text="Order").first.inner_text().split()[-1]
