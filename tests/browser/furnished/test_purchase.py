"""Buying, from the shelf to the mail: as guest and customer, with and without JavaScript."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from shop.core.db import db
from shop.models import Order, PaymentStatus, Product
from tests.browser import steps
from tests.browser.boutique import Boutique
from tests.browser.kit import DESKTOP, PHONE, Window, opened
from tests.browser.live import Live
from tests.factories import fresh, make_product, make_user, product_again


@dataclass
class Way:
    """How somebody shops."""

    size: tuple[int, int]
    scripts: bool


WAYS = [Way(size, scripts) for size in (DESKTOP, PHONE) for scripts in (True, False)]
ways = pytest.mark.parametrize(
    "way", WAYS, ids=[f"{w.size[0]}-{'js' if w.scripts else 'no-js'}" for w in WAYS]
)


def orders_of(live: Live, email: str) -> list[Order]:
    """Return the orders of an address, oldest first."""
    with live.app.app_context():
        fresh()
        return list(db.session.scalars(select(Order).where(Order.email == email).order_by("id")))


@ways
def test_a_guest_buys(
    live: Live, boutique: Boutique, windows: dict[bool, Window], way: Way
) -> None:
    email = steps.an_address()
    with windows[way.scripts].visit(size=way.size) as page:
        page.goto("/")
        page.get_by_role("link", name="See the collection").click()
        page.get_by_role("link", name="Figuier Candle", exact=True).click()
        page.wait_for_url("**/products/piece-1")
        page.locator("#buy").get_by_role("button", name="Add to bag").click()
        go_to_bag(page, way)
        steps.go_to_payment(page, email)
        steps.pay(page)
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
        page.get_by_role("link", name="Follow your order").click()
        expect(page.get_by_text("Payment received")).to_be_visible()
        page.goto("/cart")
        expect(page.get_by_text("Your bag is empty")).to_be_visible()
    (order,) = orders_of(live, email)
    assert order.payment_status is PaymentStatus.PAID
    mail = live.mail(email, order.number)
    assert "Figuier Candle" in mail.get_body(("plain",)).get_content()


def go_to_bag(page: Page, way: Way) -> None:
    """Go on to the bag in the way the shop offers it there."""
    if not way.scripts:
        expect(page.get_by_text("Figuier Candle is in your bag")).to_be_visible()
        page.get_by_role("link", name="Bag, 1 item").click()
    elif way.size == DESKTOP:
        page.locator("#bag-body").get_by_role("link", name="View bag").click()
    else:
        page.locator("#toasts").get_by_role("link", name="View bag").click()


@ways
def test_a_customer_buys(
    live: Live, boutique: Boutique, windows: dict[bool, Window], way: Way
) -> None:
    with live.app.app_context():
        email = make_user().email
    with windows[way.scripts].visit(size=way.size) as page:
        steps.put_into_bag(page, "piece-0")
        page.goto("/checkout")
        page.get_by_role("link", name="Sign in to collect this order").click()
        steps.sign_in(page, email)
        page.wait_for_url("**/checkout")
        expect(page.get_by_label("Email")).to_have_value(email)
        page.goto("/cart")
        steps.go_to_payment(page)
        steps.pay(page)
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
        page.goto("/orders")
        (order,) = orders_of(live, email)
        page.get_by_role("link", name=order.number).click()
        expect(page.get_by_role("heading", name="Arriving")).to_be_visible()
    live.mail(email, order.number)


def test_an_unknown_address_becomes_a_customer_and_keeps_the_bag(
    live: Live, boutique: Boutique, plain_window: Window
) -> None:
    email = steps.an_address()
    with plain_window.visit() as page:
        steps.put_into_bag(page, "piece-1")
        page.goto("/login")
        steps.sign_in(page, email)
        expect(page.get_by_text(f"We have made an account for {email}")).to_be_visible()
        page.goto("/cart")
        expect(page.get_by_role("link", name="Figuier Candle")).to_be_visible()
        page.goto("/account")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("You are signed out")).to_be_visible()


def test_by_keyboard_alone(live: Live, boutique: Boutique, window: Window) -> None:
    """Tab, Enter, Space and arrows buy a piece; every stop is reached in the order of the page."""
    email = steps.an_address()
    with window.visit() as page:
        page.goto("/products/chosen")
        tab_to(page, "input[value=Moss]")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#said")).to_have_text("Wine, S, €210.00")
        expect(page.get_by_role("radio", name="Wine", exact=True)).to_be_focused()
        tab_to(page, "#buy .btn.grow")
        page.keyboard.press("Space")
        bag = page.get_by_role("dialog", name="Your bag")
        expect(bag.get_by_text("Wine, S")).to_be_visible()
        tab_to(page, "#bag a[href='/checkout']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/checkout")
        for name, text in (
            ("email", email), ("name", "Ada Lovelace"), ("line1", "14 rue des Capucins"),
            ("postal_code", "69001"), ("city", "Lyon"),
        ):  # fmt: skip
            tab_to(page, f"#{name}")
            page.keyboard.type(text)
        page.keyboard.press("Enter")
        page.wait_for_url("**/c/pay/**")
        for test_id, text in (("number", "4242424242424242"), ("exp", "1240"), ("cvc", "123")):
            tab_to(page, f"[data-testid=sbx-{test_id}]")
            page.keyboard.type(text)
        tab_to(page, "[data-testid=sbx-pay]")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what `selector` names."""
    wanted = f"document.activeElement.matches({selector!r})"
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(wanted):
            return
    pytest.fail(f"Tab does not reach {selector}")


def test_a_double_click_on_pay_buys_once(
    live: Live, boutique: Boutique, plain_window: Window
) -> None:
    """On our own button and on the payment page; without JavaScript, where no script guards it."""
    email = steps.an_address()
    with plain_window.visit() as page:
        steps.put_into_bag(page, "piece-1")
        page.goto("/checkout")
        steps.fill_checkout(page, email)
        page.get_by_role("button", name="Go to payment").dblclick()
        page.wait_for_url("**/c/pay/**")
        steps.fill_card(page)
        page.get_by_test_id("sbx-pay").dblclick()
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
    (order,) = orders_of(live, email)
    assert order.payment_status is PaymentStatus.PAID


def test_back_from_the_payment_page_keeps_bag_and_order(
    live: Live, boutique: Boutique, chromium: Browser
) -> None:
    email = steps.an_address()
    with opened(chromium, live.url) as page:
        steps.put_into_bag(page, "piece-1")
        ref = steps.go_to_payment(page, email)
        page.go_back()
        page.wait_for_url("**/checkout")
        page.goto("/cart")
        expect(page.get_by_role("link", name="Figuier Candle")).to_be_visible()
        assert steps.go_to_payment(page, email) == ref
        page.get_by_test_id("sbx-cancel").click()
        expect(page.get_by_role("heading", name="Nothing was charged")).to_be_visible()
        page.get_by_role("button", name="Continue payment").click()
        page.wait_for_url(f"**/{ref}")
        steps.pay(page)
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
        page.go_back()
        expect(page.get_by_test_id("sbx-pay")).to_be_hidden()
    assert len(orders_of(live, email)) == 1


def test_back_to_the_list_after_adding(live: Live, boutique: Boutique, chromium: Browser) -> None:
    with opened(chromium, live.url) as page:
        page.goto("/products?sort=price")
        page.get_by_role("link", name="Last Candle").first.click()
        page.wait_for_url("**/products/few")
        # Who is faster than the scripts gets a page with the bag instead, at an address of its own.
        expect(page.locator("html")).to_have_attribute("data-scripts", "on")
        page.locator("#buy").get_by_role("button", name="Add to bag").click()
        expect(page.get_by_role("dialog", name="Your bag")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("dialog", name="Your bag")).to_be_hidden()
        assert page.url.endswith("/products/few")
        page.go_back()
        page.wait_for_url("**/products?sort=price")
        expect(page.locator("#cart-link")).to_have_attribute("aria-label", "Bag, 1 item")


def test_the_chosen_size_is_what_is_bought(live: Live, boutique: Boutique, window: Window) -> None:
    with live.app.app_context():
        sizes = [
            {"option_values": ["70 cm"], "unit_amount": 19500},
            {"option_values": ["90 cm"], "unit_amount": 28500},
        ]
        make_product("Square", pictures=[], slug="square", variants=sizes)
    with window.visit() as page:
        page.goto("/products/square")
        page.locator("#buy label").get_by_text("90 cm").click()
        expect(page.locator("#buy")).to_contain_text("€285.00")
        page.locator("#buy").get_by_role("button", name="Add to bag").click()
        bag = page.get_by_role("dialog", name="Your bag")
        expect(bag).to_contain_text("90 cm")
        expect(bag).to_contain_text("€285.00")


def test_the_last_piece_goes_to_who_pays_first(
    live: Live, boutique: Boutique, chromium: Browser
) -> None:
    with live.app.app_context():
        product = make_product("Lone Vase", stock=1, pictures=[], slug="lone-vase")
    with opened(chromium, live.url) as first, opened(chromium, live.url) as second:
        steps.put_into_bag(second, "lone-vase")
        steps.put_into_bag(first, "lone-vase")
        steps.go_to_payment(first, steps.an_address())
        second.reload()
        expect(second.locator("#cart").get_by_text("Sold out")).to_be_visible()
        expect(second.locator("#cart").get_by_role("link", name="Check out")).to_have_count(0)
        steps.pay(first)
        expect(first.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
        second.get_by_role("button", name="Fit my bag").click()
        expect(second.get_by_text("Your bag is empty")).to_be_visible()
    assert left(live, product) == 0


def left(live: Live, product: Product) -> int:
    """Return how many pieces lie on the shelf."""
    with live.app.app_context():
        return product_again(product.id).variants[0].stock_on_hand


def test_country_and_delivery_change_the_total_at_once(
    live: Live, boutique: Boutique, window: Window
) -> None:
    with window.visit() as page:
        steps.put_into_bag(page, "piece-1")
        page.goto("/checkout")
        page.get_by_label("Email").fill("ada@example.com")
        expect(page.locator("#address-form .tot")).to_contain_text("€70.00")
        page.get_by_label("Country").focus()
        page.get_by_label("Country").select_option("CH")
        expect(page.locator("#address-form .tot")).to_contain_text("€83.00")
        expect(page.get_by_label("Email")).to_have_value("ada@example.com")
        expect(page.get_by_label("Country")).to_be_focused()
        expect(page.locator("#duties")).to_contain_text("crosses a customs border")
        page.get_by_label("Country").select_option("FR")
        expect(page.locator("#duties")).to_be_empty()
        page.get_by_label("Postcode").fill("97400")
        page.get_by_label("Town or city").press_sequentially("Saint")
        expect(page.locator("#duties")).to_contain_text("leaves our VAT area")
        expect(page.get_by_label("Town or city")).to_have_value("Saint")


def test_wrong_fields_are_listed_and_kept(live: Live, boutique: Boutique, window: Window) -> None:
    with window.visit(size=PHONE) as page:
        steps.put_into_bag(page, "piece-1")
        page.goto("/checkout")
        page.get_by_label("Town or city").fill("Lyon")
        page.get_by_label("Email").fill("nobody")
        page.get_by_role("button", name="Go to payment").click()
        problems = page.get_by_role("alert")
        expect(problems).to_be_focused()
        assert page.title().startswith("Error: ")
        problems.get_by_role("link", name="Enter a full name").click()
        expect(page.get_by_label("Full name")).to_be_focused()
        expect(page.get_by_label("Full name")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Town or city")).to_have_value("Lyon")


def test_on_phones_total_and_button_are_in_sight_from_the_start(
    live: Live, boutique: Boutique, window: Window
) -> None:
    """The order stands folded above the form; beside it on wide screens, with the button."""
    with window.visit(size=PHONE) as page:
        steps.put_into_bag(page, "piece-1")
        page.goto("/checkout")
        assert page.evaluate("scrollY") == 0
        button, summary = page.get_by_role("button", name="Go to payment"), page.locator("summary")
        bar = page.locator(".stick")
        for part in (bar, button):
            expect(part).to_be_in_viewport(ratio=1)
        expect(bar).to_contain_text("€70.00")
        expect(summary).to_have_text("Your order, 1 piece€70.00")
        expect(page.locator("#address-form .tot")).to_be_hidden()
        assert bottom(summary) < top(page.get_by_label("Email"))
        summary.click()
        expect(page.locator("#address-form .tot")).to_contain_text("€70.00")
        page.get_by_label("A note for us").focus()
        assert bottom(page.get_by_label("A note for us")) <= top(bar)
        page.set_viewport_size({"width": 1440, "height": 1000})
        expect(summary).to_be_hidden()
        expect(page.locator("#address-form .tot")).to_be_visible()
        expect(bar).to_be_hidden()
        expect(button).to_be_visible()
        page.evaluate("scrollTo(0, 0)")
        assert top(page.locator("aside .box")) < bottom(page.get_by_label("Email"))


def top(part: Locator) -> float:
    """Return how far below the window's upper edge something begins, in pixels."""
    box = part.bounding_box()
    assert box
    return box["y"]


def bottom(part: Locator) -> float:
    """Return how far below the window's upper edge something ends, in pixels."""
    box = part.bounding_box()
    assert box
    return box["y"] + box["height"]
