"""The browser has JavaScript, but a filter, a proxy or a bad line keeps our files away."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from tests.browser.boutique import Boutique
from tests.browser.kit import DESKTOP, PHONE, opened
from tests.browser.live import Live
from tests.browser.world import World

EVERY = "**/*.js"


def block(page: Page, files: str) -> None:
    """Let files come empty: the browser does not complain, and nothing runs."""
    page.route(files, lambda route: route.fulfill(content_type="text/javascript", body=""))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_one_finds_chooses_and_buys(
    live: Live, world: World, chromium: Browser, size: tuple[int, int]
) -> None:
    with opened(chromium, live.url, size=size) as page:
        block(page, EVERY)
        page.goto("/products")
        page.get_by_label("Sort").select_option("price_asc")
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url("**sort=price_asc**")
        page.goto(f"/products/{world.chosen}")
        expect(page.get_by_role("button", name="One more")).to_be_hidden()
        page.get_by_text("See it in").first.get_by_role("link").first.click()
        page.wait_for_url("**variant=**")
        page.locator("#buy").get_by_role("spinbutton").fill("2")
        page.locator("#buy").get_by_role("button", name="Add to bag").click()
        page.get_by_role("link", name="View bag").click()
        expect(page.get_by_role("spinbutton")).to_have_value("2")
        page.goto("/checkout")
        page.get_by_label("Country").select_option("JP")
        page.get_by_role("button", name="Show the fields for this country").click()
        expect(page.get_by_label("Prefecture")).to_be_visible()
        page.get_by_label("Country").select_option("FR")
        page.get_by_role("button", name="Show the fields for this country").click()
        steps.fill_checkout(page, steps.an_address())
        page.get_by_role("button", name="Go to payment").click()
        page.wait_for_url("**/c/pay/**")
        ref = page.url.rsplit("/", 1)[1]
        page.goto(f"/checkout/success?session_id={ref}")
        expect(page.get_by_role("heading", name="Your payment is being confirmed")).to_be_visible()
        with live.app.app_context():
            live.sandbox.pay(ref)
        page.get_by_role("link", name="Look again").click()
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()


@pytest.mark.parametrize("files", ["**/js/shop.*.js", "**/htmx.min.*.js"])
def test_one_missing_file_is_as_good_as_none(
    live: Live, boutique: Boutique, chromium: Browser, files: str
) -> None:
    with opened(chromium, live.url) as page:
        block(page, files)
        page.goto("/products")
        expect(page.get_by_role("button", name="Apply")).to_be_visible()


def test_with_all_files_nothing_moves_when_they_come(
    live: Live, boutique: Boutique, chromium: Browser
) -> None:
    """What only pages without scripts need is hidden before the first line of it is drawn."""
    with opened(chromium, live.url) as page:
        page.add_init_script(
            "new MutationObserver(() => { if (document.body) window.early ??="
            " 'scripts' in document.documentElement.dataset; })"
            ".observe(document, { childList: true, subtree: true })"
        )
        page.goto("/products")
        expect(page.get_by_role("button", name="Apply")).to_be_hidden()
        assert page.evaluate("window.early") is True
        assert page.evaluate("document.documentElement.dataset.scripts") == "on"
