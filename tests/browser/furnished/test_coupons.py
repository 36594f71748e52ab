"""A code in the bag and a card drawn, with and without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import steps
from tests.browser.boutique import NEVER, Boutique, one_in
from tests.browser.kit import PHONE, Window, opened
from tests.browser.live import Live

scripts = pytest.mark.parametrize("scripts", [True, False], ids=["js", "no-js"])


@pytest.fixture
def everybody_wins(live: Live, boutique: Boutique) -> Iterator[None]:
    with one_in(live.app, 1):
        yield


@scripts
def test_a_winner_pays_less(
    everybody_wins: None, windows: dict[bool, Window], scripts: bool
) -> None:
    with windows[scripts].visit(size=PHONE) as page:
        steps.put_into_bag(page, "piece-2")
        expect(page.get_by_role("heading", name="Every order can win")).to_be_visible()
        page.get_by_role("button", name="Draw a card").click()
        expect(page.get_by_role("heading", name="You drew the lucky card")).to_be_visible()
        code = page.locator("#luck .code").inner_text()
        timer = page.get_by_role("timer")
        left = re.compile(r"^(9:\d\d|10:00)$") if scripts else re.compile(r"^10 minutes$")
        expect(timer).to_have_text(left)
        page.reload()
        expect(timer).to_have_text(left)
        expect(page.locator("#luck .code")).to_have_text(code)
        expect(page.locator("#cart .sum")).to_contain_text(f"Discount {code}")
        steps.go_to_payment(page, steps.an_address())
        steps.pay(page)
        expect(page.get_by_role("heading", name="Thank you, Ada")).to_be_visible()
        expect(page.locator(".sum")).to_contain_text(f"Discount {code}")
        page.get_by_role("link", name="Follow your order").click()
        expect(page.locator(".sum")).to_contain_text(f"Discount {code}")


def test_the_clock_speaks_at_five_at_one_and_at_the_end(
    live: Live, boutique: Boutique, chromium: Browser, everybody_wins: None
) -> None:
    with opened(chromium, live.url, size=PHONE) as page:
        page.clock.install()
        steps.put_into_bag(page, "piece-2")
        page.get_by_role("button", name="Draw a card").click()
        timer, said = page.get_by_role("timer"), page.locator("[data-until-said]")
        expect(timer).to_have_text(re.compile(r"^(9:\d\d|10:00)$"))
        expect(timer).to_have_attribute("aria-live", "off")
        heard = []
        for _ in range(21):  # one more than ten minutes have
            heard.append(said.inner_text())
            page.clock.run_for(30_000)
        words = ("Five minutes left", "One minute left", "The time of your prize is over")
        silent, *spoken = dict.fromkeys(heard)
        assert silent == ""
        assert [text.startswith(word) for text, word in zip(spoken, words, strict=True)] == [
            True
        ] * 3
        expect(timer).to_have_text("0:00")
        expect(said).not_to_have_class(re.compile(r"\bsr\b"))


@scripts
def test_a_loser_is_told_kindly(
    live: Live, boutique: Boutique, windows: dict[bool, Window], scripts: bool
) -> None:
    with one_in(live.app, NEVER), windows[scripts].visit() as page:
        steps.put_into_bag(page, "piece-2")
        page.get_by_role("button", name="Draw a card").click()
        expect(page.get_by_text("Better luck next time")).to_be_visible()
        expect(page.get_by_role("button", name="Draw a card")).to_be_enabled()


@scripts
def test_a_wrong_code_is_heard_and_found(
    boutique: Boutique, windows: dict[bool, Window], scripts: bool
) -> None:
    with windows[scripts].visit() as page:
        steps.put_into_bag(page, "piece-2")
        steps.enter_code(page, "NOPE")
        field = page.get_by_label("Code", exact=True)
        expect(field).to_have_accessible_description(re.compile("This code cannot be used"))
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_value("NOPE")
        expect(field).to_be_focused()
        expect(page.get_by_role("alert")).to_contain_text("This code cannot be used")
        steps.enter_code(page, "winter20")
        expect(page.get_by_text("Applied")).to_be_visible()
        expect(page.locator("#cart .sum")).to_contain_text("Discount WINTER20")
        page.get_by_role("button", name="Take out WINTER20").click()
        expect(page.get_by_text("Applied")).to_have_count(0)
