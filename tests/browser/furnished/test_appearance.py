"""Theme, motion and the content policy, as a browser applies them."""

import base64
import io
from typing import Any

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Page, expect

from tests.browser import steps
from tests.browser.boutique import Boutique
from tests.browser.kit import PHONE, opened
from tests.browser.live import Live

DARKEST_WHITE = 60  # of 255: more is a flash of the other theme


def frames_of(page: Page, path: str) -> list[Image.Image]:
    """Load `path` over a slow line and return what the screen showed meanwhile, from black on."""
    frames: list[Image.Image] = []
    page.goto("data:text/html,<style>html{background:%23000}</style>")
    devtools = page.context.new_cdp_session(page)

    def keep(event: dict[str, Any]) -> None:
        frames.append(Image.open(io.BytesIO(base64.b64decode(event["data"]))).convert("L"))
        devtools.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    devtools.on("Page.screencastFrame", keep)
    slow = {"offline": False, "latency": 100, "downloadThroughput": 4e5, "uploadThroughput": 1e5}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", slow)
    devtools.send("Page.startScreencast", {"format": "png", "maxWidth": 195, "maxHeight": 422})
    page.goto(path)
    page.wait_for_load_state("networkidle")
    devtools.send("Page.stopScreencast")
    return frames


def brightness(frame: Image.Image) -> float:
    """Return the median luminance of the page below the header, 0 to 255."""
    body = frame.crop((0, frame.height // 5, frame.width, frame.height // 3))
    return float(ImageStat.Stat(body).median[0])


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "no-js"])
def test_dark_never_flashes_light(
    live: Live, boutique: Boutique, chromium: Browser, scripts: bool
) -> None:
    """Chosen dark on a light system: no frame shows the light theme first."""
    with opened(chromium, live.url, size=PHONE, theme="dark", scripts=scripts) as page:
        page.emulate_media(color_scheme="light")
        frames = frames_of(page, f"{live.url}/cart")
    assert frames
    assert max(brightness(frame) for frame in frames) < DARKEST_WHITE


def test_a_flash_would_be_seen(live: Live, boutique: Boutique, chromium: Browser) -> None:
    with opened(chromium, live.url, size=PHONE, theme="light") as page:
        frames = frames_of(page, f"{live.url}/cart")
    assert max(brightness(frame) for frame in frames) > DARKEST_WHITE


def test_theme_without_scripts(live: Live, boutique: Boutique, chromium: Browser) -> None:
    with opened(chromium, live.url, theme="", scripts=False) as page:
        page.goto("/products/few")
        root = page.locator("html")
        page.get_by_role("contentinfo").get_by_role("button", name="Dark").click()
        page.wait_for_url("**/products/few")
        expect(root).to_have_attribute("data-theme", "dark")
        page.goto("/cart")
        expect(root).to_have_attribute("data-theme", "dark")
        page.get_by_role("contentinfo").get_by_role("button", name="System").click()
        expect(root).not_to_have_attribute("data-theme", "dark")


MOVES = """() => document.getAnimations()
    .filter(a => a.effect.getComputedTiming().endTime > 1)
    .map(a => `${a.effect.target.className} ${a.transitionProperty ?? a.animationName}`)"""


def test_nothing_moves_for_who_asked_for_calm(
    live: Live, boutique: Boutique, chromium: Browser
) -> None:
    with opened(chromium, live.url, calm=True) as page:
        page.goto("/products")
        page.locator(".card").first.hover()
        assert page.evaluate(MOVES) == []
        page.locator(".card").get_by_role("button", name="Add").first.click()
        expect(page.locator("#toasts .toast")).to_be_visible()
        assert page.evaluate(MOVES) == []
        page.locator("#cart-link").click()
        expect(page.locator("#bag").get_by_role("link", name="Check out")).to_be_visible()
        assert page.evaluate(MOVES) == []


def test_who_did_not_ask_sees_movement(live: Live, boutique: Boutique, chromium: Browser) -> None:
    with opened(chromium, live.url, calm=False) as page:
        page.goto("/products")
        page.locator(".card").first.hover()
        assert page.evaluate(MOVES) != []


@pytest.mark.parametrize(
    "offence",
    [
        "document.body.innerHTML = '<style>a { color: red }</style>'",
        "document.body.innerHTML = '<img src=https://elsewhere.example/x.png>'",
        "fetch('/static/js/none.js').then(() => console.error('broken'))",
    ],
    ids=["inline style", "foreign picture", "error"],
)
def test_an_offence_would_be_noticed(
    live: Live, boutique: Boutique, chromium: Browser, offence: str
) -> None:
    """The control of what every other browser test asserts on the side."""
    with pytest.raises(pytest.fail.Exception), opened(chromium, live.url) as page:
        page.goto("/cart")
        with page.expect_console_message():
            page.evaluate(offence)


def test_a_failed_bag_update_shows_the_bag_and_why(
    live: Live, boutique: Boutique, chromium: Browser
) -> None:
    """A piece that another tab took out: the bag as it is comes instead of a silent failure."""
    with opened(chromium, live.url) as page:
        steps.put_into_bag(page, "piece-1")
        other = page.context.new_page()
        other.goto("/cart")
        other.get_by_role("button", name="Remove").click()
        expect(other.get_by_text("Your bag is empty")).to_be_visible()
        page.get_by_role("button", name="One more").click()
        expect(page.get_by_role("alert")).to_contain_text("not in your bag any more")
        expect(page.get_by_role("heading", name="Your bag is empty")).to_be_visible()
