"""The search sheet: what may be meant stands below while one types, and is reached by keyboard."""

from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.kit import opened, served, violations
from tests.factories import make_product


def test_suggestions_while_typing(app: Flask, chromium: Browser) -> None:
    with app.app_context():
        make_product("Figuier Candle", slug="figuier-candle", pictures=[])
    with served(app) as url, opened(chromium, url) as page:
        page.goto("/products")
        page.get_by_role("link", name="Search").click()
        page.keyboard.type("fig")
        found = page.get_by_role("dialog").get_by_role("link", name="Figuier Candle")
        expect(found).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(found).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/products/figuier-candle")


def test_enter_leads_to_the_results(app: Flask, chromium: Browser) -> None:
    with served(app) as url, opened(chromium, url) as page:
        page.goto("/products")
        page.get_by_role("link", name="Search").click()
        page.keyboard.type("lamp")
        page.keyboard.press("Enter")
        page.wait_for_url("**/products?q=lamp")
