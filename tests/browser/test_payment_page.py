"""The pages in a real browser: paying with and without JavaScript, and axe on every page."""

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.browser.kit import Quiet, overflow, violations
from tests.sandboxes.stripe.kit import World, session_params

pytestmark = pytest.mark.browser

SIZES = {"desk": (1440, 1000), "phone": (320, 700)}


class Site:
    """A sandbox on a socket that is its own shop: /done is the way back."""

    def __init__(self, folder: Path) -> None:
        self.server = make_server("127.0.0.1", 0, self.serve, threaded=True, request_handler=Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.world = World(folder / "s.sqlite3", shop_url=self.url, public_url=self.url)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def serve(self, environ, start_response):
        if environ["PATH_INFO"] in {"/done", "/cart"}:
            start_response("200 OK", [("Content-Type", "text/html")])
            return [b"<!doctype html><title>Shop</title><h1>Shop</h1>"]
        return self.world.app(environ, start_response)

    def session(self, **params: object):
        urls = {
            "success_url": f"{self.url}/done?session_id={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{self.url}/cart",
        }
        return self.world.stripe.v1.checkout.sessions.create({**session_params(), **urls, **params})

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.world.sandbox.store.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp())
    made = Site(folder)
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture(params=[True, False], ids=["javascript", "no javascript"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=request.param)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_typing_a_test_card_pays(site: Site, page: Page) -> None:
    session = site.session()
    page.goto(session.url)

    page.get_by_test_id("sbx-email").fill("ada@example.com")
    page.get_by_test_id("sbx-number").fill("4242 4242 4242 4242")
    page.get_by_test_id("sbx-exp").fill("12/40")
    page.get_by_test_id("sbx-cvc").fill("123")
    page.keyboard.press("Enter")

    page.wait_for_url(f"{site.url}/done?session_id={session.id}")
    assert site.world.reload(session).payment_status == "paid"


def test_a_decline_says_so_and_another_card_pays(site: Site, page: Page) -> None:
    session = site.session()
    page.goto(session.url)

    page.get_by_role("button", name="No funds").click()
    page.get_by_test_id("sbx-pay").click()
    assert "Your card has insufficient funds." in page.get_by_test_id("sbx-error").inner_text()
    page.get_by_test_id("sbx-fill-visa").click()
    page.get_by_test_id("sbx-pay").click()

    page.wait_for_url(f"{site.url}/done*")


def test_the_bank_asks(site: Site, page: Page) -> None:
    session = site.session()
    page.goto(session.url)
    page.get_by_test_id("sbx-fill-3ds").click()

    page.get_by_test_id("sbx-pay").click()
    page.get_by_test_id("sbx-3ds-fail").click()
    assert "unable to authenticate" in page.get_by_test_id("sbx-error").inner_text()
    assert page.get_by_test_id("sbx-email").input_value() == "buyer@example.com"
    page.get_by_test_id("sbx-fill-3ds").click()
    page.get_by_test_id("sbx-pay").click()
    page.get_by_test_id("sbx-3ds-ok").click()

    page.wait_for_url(f"{site.url}/done*")


def test_a_debit_is_a_choice(site: Site, page: Page) -> None:
    session = site.session()
    page.goto(session.url)
    assert page.get_by_test_id("sbx-iban").is_hidden()

    page.get_by_test_id("sbx-method-sepa").check()
    assert page.get_by_test_id("sbx-number").is_hidden()
    page.get_by_test_id("sbx-email").fill("ada@example.com")
    page.get_by_test_id("sbx-iban").fill("AT32 1904 3002 3547 3204")
    page.get_by_test_id("sbx-account-holder").fill("Ada")
    page.get_by_test_id("sbx-pay").click()

    page.wait_for_url(f"{site.url}/done*")
    assert site.world.reload(session).payment_status == "unpaid"


def test_the_way_back(site: Site, page: Page) -> None:
    page.goto(site.session().url)

    page.get_by_test_id("sbx-cancel").click()

    page.wait_for_url(f"{site.url}/cart")


# The colours do not depend on the width, nor the layout on the colours.
@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_axe_finds_nothing_and_nothing_overflows(
    site: Site, chromium: Browser, scheme: str, size: str
) -> None:
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    problems: list[str] = []

    for name, address in addresses(site).items():
        page.goto(address)
        if name == "errors":
            page.get_by_test_id("sbx-pay").click()
            page.locator("summary").click()
        if name == "challenge":
            page.get_by_test_id("sbx-fill-3ds").click()
            page.get_by_test_id("sbx-pay").click()
        problems += [f"{name}: {problem}" for problem in violations(page)]
        if overflow(page):
            problems.append(f"{name}: wider than the window")

    context.close()
    assert problems == []


def addresses(site: Site) -> dict[str, str]:
    """Every page of the sandbox, in its states."""
    full = site.session(
        shipping_address_collection={"allowed_countries": ["FR", "DE"]}, allow_promotion_codes=True
    )
    gone, disputed = site.session(), site.session()
    site.world.sandbox.expire(gone.id)
    site.world.sandbox.pay(disputed.id, "dispute_fraudulent")
    event = site.world.sandbox.deliveries()[0]["event"]
    return {
        "pay": full.url,
        "errors": full.url,
        "challenge": site.session().url,
        "gone": str(gone.url),
        "unknown": f"{site.url}/c/pay/cs_none",
        "desk": f"{site.url}/admin",
        "session": f"{site.url}/admin/sessions/{disputed.id}",
        "events": f"{site.url}/admin/events",
        "event": f"{site.url}/admin/events/{event}",
        "faults": f"{site.url}/faults",
    }
