"""The bag in the drawer: filled from a list, changed in place, closed in every way."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.kit import DESKTOP, PHONE, opened, served, violations
from tests.factories import make_product

LIST = "/styleguide/product"  # its quick-add buttons add variant 1


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with app.app_context():
        product = make_product("Figuier Candle", price=6400, stock=5, pictures=[])
        assert product.variants[0].id == 1
    with served(app) as url:
        yield url


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    with opened(chromium, address) as page:
        yield page


def _add(page: Page) -> None:
    page.goto(LIST)
    page.get_by_role("button", name="Add Néroli Eau de Parfum to bag").click()
    expect(page.get_by_role("link", name="Bag, 1 item")).to_be_visible()


def _open(page: Page) -> Locator:
    _add(page)
    page.get_by_role("link", name="Bag, 1 item").click()
    drawer = page.get_by_role("dialog", name="Your bag")
    expect(drawer.get_by_role("link", name="Figuier Candle")).to_be_visible()
    return drawer


def test_quick_add_counts_and_says_so_without_leaving_the_list(page: Page) -> None:
    _add(page)
    expect(page.locator("#toasts")).to_contain_text("Figuier Candle is in your bag")
    assert page.url.endswith(LIST)
    assert violations(page) == []


def test_drawer_changes_the_bag_and_keeps_the_focus(page: Page) -> None:
    drawer = _open(page)
    assert violations(page) == []
    more = drawer.get_by_role("button", name="One more")
    more.focus()
    page.keyboard.press("Enter")
    expect(drawer.get_by_role("spinbutton")).to_have_value("2")
    expect(drawer.get_by_text("€128.00").first).to_be_visible()
    expect(more).to_be_focused()
    expect(page.locator("#cart-link")).to_have_attribute("aria-label", "Bag, 2 items")


def test_drawer_closes_by_escape_and_returns_the_focus(page: Page) -> None:
    drawer = _open(page)
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    expect(page.locator("#cart-link")).to_be_focused()


def test_drawer_closes_by_back_and_by_the_backdrop(page: Page) -> None:
    drawer = _open(page)
    page.go_back()
    expect(drawer).to_be_hidden()
    assert page.url.endswith(LIST)
    page.locator("#cart-link").click()
    expect(drawer).to_be_visible()
    page.mouse.click(100, 500)
    expect(drawer).to_be_hidden()


def test_emptied_drawer_says_so(page: Page) -> None:
    drawer = _open(page)
    drawer.get_by_role("button", name="Remove Figuier Candle").click()
    expect(drawer.get_by_text("Your bag is empty")).to_be_visible()
    expect(page.locator("#cart-link")).to_have_attribute("aria-label", "Bag, 0 items")


def test_without_scripts_the_list_leads_to_the_bag(address: str, chromium: Browser) -> None:
    with opened(chromium, address, size=PHONE, scripts=False) as page:
        page.goto(LIST)
        page.get_by_role("button", name="Add Néroli Eau de Parfum to bag").click()
        expect(page.get_by_role("link", name="Figuier Candle")).to_be_visible()
        page.get_by_role("spinbutton").fill("3")
        page.get_by_role("button", name="Update").click()
        expect(page.get_by_role("spinbutton")).to_have_value("3")


def test_with_script_files_blocked_less_and_more_work(address: str, chromium: Browser) -> None:
    """The browser has JavaScript, but a filter or a bad line keeps the files away."""
    with opened(chromium, address, size=PHONE) as page:
        page.route("**/*.js", lambda route: route.fulfill(content_type="text/javascript", body=""))
        page.goto(LIST)
        page.get_by_role("button", name="Add Néroli Eau de Parfum to bag").click()
        number = page.get_by_role("spinbutton")
        for button, found in (("One more", "2"), ("One more", "3"), ("One less", "2")):
            page.get_by_role("button", name=button).click()
            expect(number).to_have_value(found)
        number.fill("4")
        number.press("Enter")
        expect(number).to_have_value("4")


COVERED = """() => {
  const toast = document.querySelector("#toasts .toast").getBoundingClientRect();
  const root = document.querySelector("dialog[open]") ?? document;
  return [...root.querySelectorAll("h1, h2, h3, .num, .btn, dd, .stick, input, select, summary")]
    .filter((part) => !part.closest("#toasts"))
    .map((part) => [part, part.getBoundingClientRect()])
    .filter(([, r]) => r.width > 1 && r.bottom > toast.top && r.top < toast.bottom
      && r.right > toast.left && r.left < toast.right)
    .map(([part]) => part.outerHTML.slice(0, 80));
}"""
ON_TOP = """() => {
  const box = document.querySelector("#toasts .toast").getBoundingClientRect();
  const found = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return found?.closest(".toast") !== null;
}"""


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_toast_covers_nothing_and_nothing_covers_it(
    address: str, chromium: Browser, size: tuple[int, int]
) -> None:
    with opened(chromium, address, size=size) as page:
        page.goto(LIST)
        page.get_by_role("button", name="Add Néroli Eau de Parfum to bag").click()
        expect(page.locator("#toasts .toast")).to_be_visible()
        assert page.evaluate(COVERED) == []
        page.goto("/cart")
        page.get_by_role("button", name="One more").click()
        expect(page.locator("#toasts .toast")).to_be_visible()
        assert page.evaluate(COVERED) == []
        page.goto(LIST)
        page.locator("#cart-link").click()
        drawer = page.get_by_role("dialog", name="Your bag")
        drawer.get_by_role("button", name="One less").click()
        expect(page.locator("#toasts .toast")).to_be_visible()
        assert page.evaluate(COVERED) == []
        assert page.evaluate(ON_TOP)


def test_the_focus_returns_to_what_was_pressed(app: Flask, address: str, page: Page) -> None:
    with app.app_context():
        other = make_product("Rhône Tote", price=72000, stock=5, pictures=[])
    page.goto(f"/products/{other.slug}")
    add = page.locator("#buy").get_by_role("button", name="Add to bag")
    add.click()
    expect(page.get_by_role("dialog", name="Your bag")).to_be_visible()
    page.keyboard.press("Escape")
    expect(add).to_be_focused()
    _add_to(page)
    page.goto("/cart")
    page.get_by_role("button", name="Remove Rhône Tote").click()
    expect(page.get_by_role("button", name="Remove Figuier Candle")).to_be_focused()
    page.get_by_role("button", name="Remove Figuier Candle").click()
    expect(page.get_by_role("heading", name="Your bag is empty")).to_be_focused()


def _add_to(page: Page) -> None:
    page.goto(LIST)
    page.get_by_role("button", name="Add Néroli Eau de Parfum to bag").click()
    expect(page.get_by_role("link", name="Bag, 2 items")).to_be_visible()
