"""static/js/shop.js in Chromium: what it adds, and that nothing is lost without it."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.kit import DESKTOP, PHONE, opened, served, violations
from tests.browser.stage import Stage, build_stage

# Three ways of sending at once; gives the state of the button after the browser had a turn.
SEND_THREE_TIMES = """async () => {
    const form = document.querySelector("#plain");
    const button = form.querySelector("button");
    form.requestSubmit(button);
    form.requestSubmit(button);
    button.click();
    await new Promise(done => setTimeout(done));
    return [button.disabled, button.getAttribute("aria-busy")];
}"""


@pytest.fixture
def stage(app: Flask) -> Iterator[Stage]:
    stage = build_stage(app)
    with served(app) as stage.url:
        yield stage
        stage.gate.set()


@pytest.fixture
def page(stage: Stage, chromium: Browser) -> Iterator[Page]:
    with opened(chromium, stage.url) as page:
        yield page


class TestSentOnce:
    def test_second_click_and_enter_send_nothing(self, stage: Stage, page: Page) -> None:
        page.goto("/stage/forms")
        assert page.evaluate(SEND_THREE_TIMES) == [True, "true"]
        stage.gate.set()
        page.wait_for_url("**/stage/list*")
        assert stage.posts == ["go"]

    def test_button_is_free_again_after_back(self, stage: Stage, page: Page) -> None:
        stage.gate.set()
        page.goto("/stage/forms")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/stage/list*")
        page.go_back()
        button = page.get_by_role("button", name="Send")
        expect(button).to_be_enabled()
        button.click()
        page.wait_for_url("**/stage/list*")
        assert stage.posts == ["go", "go"]

    def test_partial_update_keeps_the_focus(self, stage: Stage, page: Page) -> None:
        page.goto("/stage/forms")
        button = page.get_by_role("button", name="Add", exact=True)
        button.focus()
        page.keyboard.press("Enter")
        expect(button).to_be_disabled()
        page.evaluate("document.querySelector('#partial').requestSubmit()")
        stage.gate.set()
        expect(page.get_by_role("link", name="Bag, 4 items")).to_be_visible()
        expect(button).to_be_enabled()
        expect(button).to_be_focused()
        assert stage.posts == ["partial"]


def test_change_of_the_bag_shows_a_toast(stage: Stage, page: Page) -> None:
    stage.gate.set()
    page.goto("/stage/forms")
    for _ in range(4):
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_role("button", name="Add", exact=True)).to_be_enabled()
    toasts = page.locator("#toasts .toast")
    expect(toasts).to_have_count(3)
    expect(toasts.first).to_contain_text("Figuier Candle is in your bag")
    assert violations(page) == []


def test_refusal_shows_its_page(stage: Stage, page: Page) -> None:
    page.goto("/stage/forms")
    page.get_by_role("button", name="Try").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Something has changed in the meantime"
    )
    expect(page.get_by_text("Only 2 left.")).to_be_visible()
    assert stage.posts == ["7", "7"]


class TestForms:
    def test_plus_and_minus_stay_in_bounds_and_send(self, page: Page) -> None:
        page.goto("/stage/forms")
        expect(page.get_by_role("button", name="Update")).to_be_hidden()
        page.get_by_role("button", name="One more").click()
        page.wait_for_url("**/stage/forms?quantity=3")

    def test_limit_is_not_passed(self, page: Page) -> None:
        page.goto("/stage/forms")
        more, number = page.get_by_role("button", name="One more"), page.get_by_role("spinbutton")
        more.dblclick()
        more.click()
        expect(number).to_have_value("3")

    def test_error_summary_has_the_focus(self, page: Page) -> None:
        page.goto("/styleguide/parts?wrong=1")
        expect(page.locator("[data-error-summary]")).to_be_focused()
        assert page.title().startswith("Error: ")


class TestDialogs:
    def test_menu_opens_and_back_closes(self, stage: Stage, chromium: Browser) -> None:
        with opened(chromium, stage.url, size=PHONE) as page:
            page.goto("/stage/forms")
            page.get_by_role("link", name="Menu").click()
            menu = page.get_by_role("dialog", name="Menu")
            expect(menu.get_by_role("link", name="Leather")).to_be_visible()
            assert violations(page) == []
            page.go_back()
            expect(menu).to_be_hidden()
            assert page.url.endswith("/stage/forms")

    def test_escape_closes_the_search_and_returns_the_focus(self, page: Page) -> None:
        page.goto("/stage/forms")
        opener = page.get_by_role("link", name="Search")
        opener.click()
        expect(page.get_by_role("searchbox")).to_be_focused()
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(opener).to_be_focused()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_theme_changes_without_a_reload(
    stage: Stage, chromium: Browser, size: tuple[int, int]
) -> None:
    with opened(chromium, stage.url, size=size) as page:
        page.goto("/stage/forms")
        page.evaluate("window.stayed = true")
        footer = page.get_by_role("contentinfo")
        with page.expect_request("**/preferences") as sent:
            footer.get_by_role("button", name="Dark").click()
        assert "dark" in (sent.value.post_data or "")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("meta[name=theme-color]")).to_have_attribute(
            "content", "rgb(20, 18, 15)"
        )
        footer.get_by_role("button", name="System").click()
        expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))
        assert page.evaluate("window.stayed") is True


class TestLongList:
    def test_button_shows_more_and_the_keyboard_lands_on_the_first_new_piece(
        self, page: Page
    ) -> None:
        page.goto("/stage/list?auto=0")
        expect(page.locator("#pages li")).to_have_count(24)
        page.get_by_role("link", name="Show 24 more").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Showing 48 of 240 pieces")).to_be_visible()
        expect(page.get_by_role("link", name="Piece 25", exact=True)).to_be_focused()

    def test_three_pages_come_by_themselves_then_the_button(self, page: Page) -> None:
        page.goto("/stage/list")
        for _ in range(12):
            page.mouse.wheel(0, 1500)
        expect(page.get_by_text("Showing 96 of 240 pieces")).to_be_visible()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(page.get_by_role("contentinfo")).to_be_in_viewport()
        expect(page.get_by_text("Showing 96 of 240 pieces")).to_be_visible()

    def test_pages_out_of_sight_keep_their_height_not_their_nodes(self, page: Page) -> None:
        page.goto("/stage/list?auto=0")
        for shown in range(2, 8):
            page.locator(".more a[rel=next]").dispatch_event("click")
            expect(page.get_by_text(f"Showing {shown * 24} of 240 pieces")).to_be_attached()
        height = page.evaluate("document.querySelector('#pages').offsetHeight")
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        for far in range(3):
            expect(page.locator("#pages ul").nth(far).locator("li")).to_have_count(0)
        assert page.evaluate("document.querySelector('#pages').offsetHeight") == height
        page.wait_for_url("**page=*")
        page.evaluate("scrollTo(0, 0)")
        expect(page.locator("#pages ul").first.locator("li")).to_have_count(24)

    def test_page_opened_in_the_middle_offers_the_earlier_ones(self, page: Page) -> None:
        page.goto("/stage/list?auto=0&page=3")
        page.get_by_role("link", name="Show earlier pieces").click()
        page.wait_for_url("**page=2")


def test_without_scripts_everything_has_a_page(stage: Stage, chromium: Browser) -> None:
    stage.gate.set()
    with opened(chromium, stage.url, size=PHONE, scripts=False) as page:
        page.goto("/stage/list?auto=3")
        page.get_by_role("link", name="Show 24 more").click()
        page.wait_for_url("**page=2")
        assert page.get_by_role("link", name="Menu").get_attribute("href") == "/menu"
        page.goto("/stage/forms")
        expect(page.get_by_role("button", name="One more")).to_be_hidden()
        page.get_by_role("spinbutton").fill("3")
        page.get_by_role("button", name="Update").click()
        page.wait_for_url("**/stage/forms?quantity=3")
        page.get_by_role("button", name="Send").click()
        page.wait_for_url("**/stage/list*")
        assert stage.posts == ["go"]
