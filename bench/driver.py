"""A shop in this very process that answers batches of requests and says what CPU they took.

`python -m bench.driver CHECKOUT PASSWORD SEED` with a shop's settings: the shop is of CHECKOUT,
what asks it is of here. It prints what the searches find, then answers each line of its input, the
name of a page and a number of requests, with CPU seconds and how many answers were not as expected.
"""

import io
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlencode

from bench import pages
from bench.load import Browser, Task
from bench.pages import Page
from bench.shop import Shop, checkout_form

HOST = "127.0.0.1"
FORMS = ("add_to_cart", "place_order", "success", "webhook")
_CARD = re.compile(r'href="(/products/[^"?]+)[^"]*"')
App = Any  # a Flask application of either checkout


class Visitor(Browser):
    """A visitor without a network: requests are calls of the application."""

    app: App

    def request(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, str]:
        """Return status, Location and text."""
        if self.cookies:
            headers["Cookie"] = self.cookie
        status, told, text = called(self.app, environ(self.port, method, path, body, headers))
        for name, value in told:
            if name == "Set-Cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.split(";", 1)[0]
        return status, dict(told).get("Location", ""), text.decode()


@dataclass
class Inside(Shop):
    """A shop whose application is in this process."""

    app: App = None

    def browser(self) -> Browser:
        """Return a visitor who has not been here yet."""
        visitor = Visitor(self.port)
        visitor.app = self.app
        return visitor

    def paid_events(self, number: int) -> list[tuple[str, str]]:
        """Pay so many open pages without a word to the shop; return events and signatures."""
        from bench.inside import paid_events

        return paid_events(self.app, str(number))


def environ(
    port: int, method: str, path: str, body: str | None, headers: dict[str, str]
) -> dict[str, Any]:
    """Return what a server would hand over for a request."""
    sent = (body or "").encode()
    place, _, query = path.partition("?")
    given = {"Content-Type": "application/x-www-form-urlencoded", **headers} if sent else headers
    named = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in given.items()}
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": place,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": HOST,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": HOST,
        "HTTP_HOST": f"{HOST}:{port}",
        "CONTENT_TYPE": named.pop("HTTP_CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(sent)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **named,
    }


def called(app: App, asked: dict[str, Any]) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of the application's answer."""
    told: list[Any] = []
    chunks = app(asked, lambda status, headers, *_more: told.extend((status, headers)))
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return int(told[0].split()[0]), told[1], body


def _more_pages(shop: Inside) -> list[Page]:
    """Return pages beside those of the benchmark's table: the way to an order, account, staff."""
    guest, bag, staff = shop.browser(), pages.filled_bag(shop, 5), shop.signed_in()
    guest.token()
    half = pages.filled_bag(shop, 5)
    half.submit("/checkout", half.token(), **{**checkout_form(half), "city": ""})  # is kept, or not
    paid = "/checkout/success?session_id=" + _paid_page(shop, staff)
    number = shop.rows("SELECT number FROM orders ORDER BY id DESC LIMIT 1")[0][0]
    product = shop.rows("SELECT id FROM product ORDER BY id LIMIT 1")[0][0]
    staff.request("GET", paid)
    return [
        Page("checkout_blank", ["/checkout"], bag.cookie),
        Page("checkout_kept", ["/checkout"], half.cookie),
        Page("success_again", [paid], staff.cookie),
        Page("login", ["/login"], guest.cookie),
        Page("account", ["/account"], staff.cookie),
        Page("account_orders", ["/orders"], staff.cookie),
        Page("admin_today", ["/admin/"], staff.cookie),
        Page("admin_order", [f"/admin/orders/{number}"], staff.cookie),
        Page("admin_product", [f"/admin/products/{product}"], staff.cookie),
        Page("admin_settings", ["/admin/settings"], staff.cookie),
        Page("admin_jobs", ["/admin/jobs"], staff.cookie),
    ]


def _paid_page(shop: Inside, browser: Browser) -> str:
    """Place an order of two lines and pay it without a word to the shop; return its page's id."""
    for variant in shop.variants(2):
        browser.submit("/cart/items", browser.token(), variant_id=str(variant), quantity="1")
    form = {"csrf_token": browser.token(), **checkout_form(browser)}
    _status, place, _text = browser.request("POST", "/checkout", urlencode(form))
    page = place.rsplit("/", 1)[1]
    # Not by bench.inside, which imports modules that an older shop does not have.
    mounted = shop.app.extensions["sandbox"]
    sandbox = mounted.sandbox if hasattr(mounted, "sandbox") else mounted.extensions["sandbox"]
    sandbox.pay(page, deliver=False)
    return page


def _success(shop: Inside, _concurrency: int, number: int) -> list[Task]:
    """Come back from pages that were just paid, of which the shop does not know yet."""

    def task(browser: Browser) -> Task:
        path = f"/checkout/success?session_id={_paid_page(shop, browser)}"
        return lambda: browser.request("GET", path)[0] == 200

    return [task(shop.browser()) for _ in range(number)]


def _reader(shop: Inside, page: Page) -> Callable[[int], list[Task]]:
    """Return a function that prepares so many requests of a page, going on where it left off."""
    headers = {"Cookie": page.cookie} if page.cookie else {}
    paths = cycle(page.paths)

    def task(path: str) -> Task:
        asked = environ(shop.port, "GET", path, None, headers)
        return lambda: called(shop.app, asked)[0] == 200

    return lambda number: [task(path) for path in islice(paths, number)]


def _writer(shop: Inside, name: str) -> Callable[[int], list[Task]]:
    prepare = _success if name == "success" else getattr(pages, name)
    return lambda number: prepare(shop, 1, number)


def _cards(shop: Inside, path: str) -> list[str]:
    """Return the addresses of the products that a page leads to, in their order."""
    return list(dict.fromkeys(_CARD.findall(shop.browser().request("GET", path)[2])))


def main() -> None:
    """Serve lines until there are no more."""
    root, password, seed = sys.argv[1:]
    sys.path.insert(0, root)
    from shop import create_app

    chance = random.Random(int(seed))
    shop = Inside(dict(os.environ), 8000, password=password, chance=chance, app=create_app())
    known = {page.name: page for page in [*pages.pages(shop), *_more_pages(shop)]}
    batches = {name: _reader(shop, page) for name, page in known.items()}
    batches |= {name: _writer(shop, name) for name in FORMS}
    found = {path: _cards(shop, path) for path in known["search"].paths}
    warm = {name: len(known[name].paths) if name in known else 0 for name in batches}
    print(json.dumps({"pages": warm, "found": found}), flush=True)
    for line in sys.stdin:
        name, number = line.split()
        tasks = batches[name](int(number))
        began = time.process_time()
        good = [task() for task in tasks]
        spent = time.process_time() - began
        print(json.dumps({"cpu": spent, "failed": good.count(False)}), flush=True)


if __name__ == "__main__":
    main()
