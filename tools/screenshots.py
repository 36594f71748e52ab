"""`make screenshots`: every kind of page into screenshots/, wide and narrow, light and dark.

Starts the demo shop for itself, buys something in it, and looks at shop and staff pages.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tools.demo import OWNER, Demo, demo_shop

FOLDER = Path(__file__).resolve().parent.parent / "screenshots"
SIZES = {"desktop": (1440, 1000), "phone": (390, 844)}
SHOPPER = {
    "home": "/", "list": "/products", "search": "/products?q=candle", "nothing-found":
    "/products?q=zzz", "cart": "/cart", "checkout": "/checkout", "orders": "/orders",
    "account": "/account", "menu": "/menu", "not-found": "/nowhere",
}  # fmt: skip
GUEST = {"login": "/login", "register": "/register", "password": "/password/forgot",
         "empty-cart": "/cart", "styleguide": "/styleguide"}  # fmt: skip
STAFF = {"admin": "/admin/", "admin-orders": "/admin/orders", "admin-products": "/admin/products",
         "admin-settings": "/admin/settings"}  # fmt: skip
FLAGS = ["--no-sandbox", "--disable-gpu", "--force-color-profile=srgb"]


def main() -> None:
    """Take all of them and say how many there are."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with demo_shop() as shop, sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        signed_in = sign_in(browser, shop, OWNER, shop.password)
        bought = buy(signed_in)
        for context, name in looks(browser, signed_in):
            print(name, flush=True)
            take(context, shop, {**SHOPPER, **STAFF, **bought}, name)
        for context, name in looks(browser, None):
            take(context, shop, GUEST, name)
        browser.close()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER}")


def sign_in(browser: Browser, shop: Demo, email: str, password: str) -> BrowserContext:
    """Return a browser in which `email` is signed in."""
    context = browser.new_context(base_url=shop.url)
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/login")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/login" not in url)
    return context


def buy(context: BrowserContext) -> dict[str, str]:
    """Buy one piece, leave another in the bag; return the pages that come of it."""
    page = context.new_page()
    page.goto("/products?in_stock=1")
    links = page.locator("main a[href^='/products/']")
    pieces = links.evaluate_all("links => links.map(link => link.pathname)")
    product = next(path for path in dict.fromkeys(pieces) if can_add(page, path))
    page.goto("/checkout")
    for label, text in (("Full name", "Ada Lovelace"), ("Street and number", "14 rue des Capucins"),
                        ("Postcode", "69001"), ("Town or city", "Lyon")):  # fmt: skip
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Pay €").click()
    page.wait_for_url("**/c/pay/**")
    payment = page.url
    page.get_by_test_id("sbx-number").fill("4242 4242 4242 4242")
    page.get_by_test_id("sbx-exp").fill("12/40")
    page.get_by_test_id("sbx-cvc").fill("123")
    page.get_by_test_id("sbx-pay").click()
    page.wait_for_url(lambda url: "/checkout/success" in url or "/checkout/status" in url)
    done = page.url
    page.goto("/orders")
    number = re.search(r"/orders/([A-Z0-9-]+)", page.content())
    can_add(page, product)
    if number is None:
        raise RuntimeError("the order is not in the history")
    return {
        "product": product,
        "payment": payment,
        "thanks": done,
        "order": f"/orders/{number[1]}",
        "admin-order": f"/admin/orders/{number[1]}",
    }


def can_add(page: Page, path: str) -> bool:
    """Put the product at `path` into the bag; return whether it has no choice to make first."""
    page.goto(path)
    button = page.locator("#buy").get_by_role("button", name="Add to bag")
    if button.count() == 0 or not button.first.is_enabled():
        return False
    button.first.click()
    page.wait_for_load_state("networkidle")
    page.goto("/cart")
    return page.get_by_role("link", name="Check out").count() > 0


def looks(browser: Browser, like: BrowserContext | None) -> Iterator[tuple[BrowserContext, str]]:
    """Yield a browser for each size and theme, signed in as `like` is."""
    state = like.storage_state() if like else None
    for size, (width, height) in SIZES.items():
        for theme in ("light", "dark"):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme=theme,
                reduced_motion="reduce",
                storage_state=state,
            )
            yield context, f"{size}-{theme}"
            context.close()


def take(context: BrowserContext, shop: Demo, pages: dict[str, str], look: str) -> None:
    """Take a picture of each page."""
    page = context.new_page()
    for name, path in pages.items():
        page.goto(path if path.startswith("http") else shop.url + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}-{look}.png")
    page.close()


if __name__ == "__main__":
    main()
