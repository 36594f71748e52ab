"""The bag in the drawer: filled from a list, changed in place, closed in every way."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.kit import PHONE, opened, served, violations
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
