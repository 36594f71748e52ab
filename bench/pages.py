"""What is measured: the pages of the table, how each is asked for, and what it costs."""

import json
import random
from dataclasses import dataclass

from bench.load import Browser, Load, Task, read
from bench.shop import Shop, checkout_form

WORDS = ["amber", "silk", "candle", "watch", "bag", "noir", "rose", "leather"]


@dataclass(frozen=True)
class Page:
    """A page to read: its paths in turn, with this visitor's cookie."""

    name: str
    paths: list[str]
    cookie: str = ""

    @property
    def is_miss(self) -> bool:
        """Whether no answer of the page is kept."""
        return self.name.endswith("_miss")


def pages(shop: Shop) -> list[Page]:
    """Return the pages to read. A hit is kept by the page cache, a miss never is."""
    guest = shop.browser()
    guest.token()
    bag = filled_bag(shop, 5)
    staff = shop.signed_in()
    slugs = shop.slugs(1200)
    sections = shop.categories()
    return [
        Page("home", ["/"], guest.cookie),
        Page("list_hit", [f"/products?page={n}" for n in range(1, 6)], guest.cookie),
        Page("list_miss", [f"/products?page={n}" for n in range(6, 36)], guest.cookie),
        Page("category", [f"/categories/{slug}" for slug in sections], guest.cookie),
        Page("search", [f"/products?q={word}" for word in WORDS], guest.cookie),
        Page("product_hit", [f"/products/{slug}" for slug in slugs[:40]], guest.cookie),
        Page("product_miss", [f"/products/{slug}" for slug in slugs], guest.cookie),
        Page("cart", ["/cart"], bag.cookie),
        Page("admin_orders", ["/admin/orders"], staff.cookie),
        Page("admin_products", ["/admin/products"], staff.cookie),
    ]


def filled_bag(shop: Shop, lines: int) -> Browser:
    """Return a guest with so many lines in the bag."""
    browser = shop.browser()
    token = browser.token()
    for variant in shop.chance.sample(shop.variants(2000), lines):
        browser.submit("/cart/items", token, variant_id=str(variant), quantity="1")
    return browser


def measure(shop: Shop, page: Page, concurrency: int, seconds: int) -> Load:
    """Read a page for `seconds`, once warm."""
    read(shop.port, page.paths, min(concurrency, 4), 1, page.cookie)
    return read(shop.port, page.paths, concurrency, seconds, page.cookie)


def add_to_cart(shop: Shop, concurrency: int, number: int) -> list[Task]:
    """Add single pieces to as many bags as there are threads."""
    variants = shop.variants(400)
    bags = []
    for _ in range(concurrency):
        browser = shop.browser()
        bags.append((browser, browser.token()))
    chance = random.Random(1)

    def task(n: int) -> Task:
        browser, token = bags[n % concurrency]
        form = {"variant_id": str(chance.choice(variants)), "quantity": "1"}
        return lambda: browser.submit("/cart/items", token, **form) in (303, 409)

    return [task(n) for n in range(number)]


def place_order(shop: Shop, _concurrency: int, number: int) -> list[Task]:
    """Place orders of two lines, each from a bag and a form made before."""
    ready = []
    for _ in range(number):
        browser = filled_bag(shop, 2)
        ready.append((browser, browser.token(), checkout_form(browser)))

    def task(n: int) -> Task:
        browser, token, form = ready[n]
        return lambda: browser.submit("/checkout", token, **form) == 303

    return [task(n) for n in range(number)]


def webhook(shop: Shop, _concurrency: int, number: int) -> list[Task]:
    """Hand over the events of orders that were paid before."""
    for _ in range(number):
        browser = filled_bag(shop, 2)
        browser.submit("/checkout", browser.token(), **checkout_form(browser))
    letters = shop.paid_events(number)
    anybody = shop.browser()

    def task(body: str, signature: str) -> Task:
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        return lambda: anybody.request("POST", "/stripe/webhook", body, **headers)[0] == 200

    return [task(*letter) for letter in letters]


def statements(shop: Shop, known: list[Page]) -> dict[str, int]:
    """Return how many statements each page costs when the process is warm; name → number."""
    asked = {p.name: (p.paths[0], p.paths[-1 if p.is_miss else 0], p.cookie) for p in known}
    found: dict[str, int] = shop.in_process("statements", json.dumps(asked))
    return found
