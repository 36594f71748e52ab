"""What browser tests share: a served application, pages of chosen size and theme, and axe."""

import io
import itertools
import ssl
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    StorageState,
)
from werkzeug.serving import WSGIRequestHandler, make_server

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, PHONE, NARROW = (1440, 1000), (390, 844), (320, 700)
if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_visitors = itertools.count()


class _UntilReset(io.BufferedReader):
    def read(self, size: int | None = -1, /) -> bytes:
        """Read as where the connection ended, if the other end has broken it off."""
        try:
            return super().read(size)
        except ConnectionError:
            return b""


class Quiet(WSGIRequestHandler):
    """Answers without a word: pytest's output is for failures."""

    def setup(self) -> None:
        # Werkzeug reads what is left of a request before it closes the answer. Where a browser
        # that goes elsewhere breaks the connection off, that raises, and the file of the answer
        # stays open until Python warns of it, in whichever test runs then.
        super().setup()
        self.rfile.close()
        self.rfile = _UntilReset(self.connection.makefile("rb", buffering=0))

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def served(app: "WSGIApplication", tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve `app` on a free port in a thread and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def served_by_tls(app: Flask, folder: Path) -> Iterator[str]:
    """Serve `app` as a proxy does that ends TLS, with a certificate made in `folder`."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    wanted = "req -x509 -nodes -days 1 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1"
    files = ["-subj", "/CN=127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *wanted.split(), *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def forward(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ |= {"HTTP_X_FORWARDED_PROTO": "https", "wsgi.url_scheme": "http"}
        return app(environ, start_response)

    with served(forward, context) as url:
        yield url.replace("http", "https")


@contextmanager
def opened(
    browser: Browser,
    base_url: str,
    *,
    size: tuple[int, int] = DESKTOP,
    theme: str = "light",
    scripts: bool = True,
    calm: bool = True,
    touch: bool = False,
    state: StorageState | None = None,
) -> Iterator[Page]:
    """Give a page of a fresh visitor with an internet address of its own.

    Any error that a script or the CSP reports, any file that does not come and any request that
    leaves the shop fails the test.
    size: width and height in CSS pixels; theme: "light", "dark" or "" (the system's);
    calm: as if the visitor had asked for reduced motion; touch: on a screen without a mouse;
    state: cookies to begin with.
    """
    context = _visitor(
        browser, base_url, size=size, theme=theme, scripts=scripts, calm=calm, touch=touch,
        state=state,
    )  # fmt: skip
    page = context.new_page()
    complaints = _complaints_of(page, base_url)
    try:
        yield page
    finally:
        context.close()
    if complaints:
        pytest.fail("\n".join(complaints))


def _visitor(
    browser: Browser,
    base_url: str,
    *,
    size: tuple[int, int] = DESKTOP,
    theme: str = "light",
    scripts: bool = True,
    calm: bool = True,
    touch: bool = False,
    state: StorageState | None = None,
) -> BrowserContext:
    context = browser.new_context(
        base_url=base_url,
        extra_http_headers=_from_elsewhere(),
        viewport={"width": size[0], "height": size[1]},
        java_script_enabled=scripts,
        storage_state=state,
        has_touch=touch,
        is_mobile=touch,
        ignore_https_errors=base_url.startswith("https:"),  # the certificate is of our own making
        reduced_motion="reduce" if calm else "no-preference",
    )
    context.set_default_timeout(10_000)
    if theme:
        context.add_cookies([_choice_of(theme, base_url)])
    return context


class Window:
    """A page that visitors use one after the other: it costs half of a page for each.

    Cookies, internet address, size and theme are each visitor's own; common to all are the files
    that are kept for a year, and what the page can go back to.
    """

    def __init__(self, page: Page, base_url: str) -> None:
        self.page, self.base_url = page, base_url
        self.complaints = _complaints_of(page, base_url)

    @contextmanager
    def visit(
        self, state: StorageState | None = None, *, size: tuple[int, int] = DESKTOP
    ) -> Iterator[Page]:
        """Give the page, light and of `size`, to a visitor with the cookies of `state`.

        What fails the test is the same as in `opened()`.
        """
        self.complaints.clear()
        context = self.page.context
        context.clear_cookies()
        cookies = state.get("cookies", []) if state else []
        context.add_cookies([*cookies, _choice_of("light", self.base_url)])
        context.set_extra_http_headers(_from_elsewhere())
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme="null")
        try:
            yield self.page
        finally:
            self.page.goto("/healthz")  # whatever the visit still does is heard before this comes
        if self.complaints:
            pytest.fail("\n".join(self.complaints))


@contextmanager
def shared(browser: Browser, base_url: str, *, scripts: bool = True) -> Iterator[Window]:
    """Give a window for one visitor after the other."""
    context = _visitor(browser, base_url, scripts=scripts)
    try:
        yield Window(context.new_page(), base_url)
    finally:
        context.close()


def _from_elsewhere() -> dict[str, str]:
    high, low = divmod(next(_visitors), 250)
    return {"X-Forwarded-For": f"10.20.{high}.{low + 1}"}


def _choice_of(theme: str, url: str) -> Any:
    return {"name": "theme", "value": theme, "url": url}


def _complaints_of(page: Page, base_url: str) -> list[str]:
    """Return the list that all which a page may not do is written to, as it happens."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if _is_ours(m.type, m.text) else None)
    page.on("response", lambda r: complaints.append(r.url) if _is_missing(r) else None)
    page.on("request", lambda r: None if _stays(r.url, base_url) else complaints.append(r.url))
    return complaints


def _is_ours(kind: str, text: str) -> bool:
    # A refused request is an answer, not a fault of the page; the test looks at what it shows.
    refusals = ("the server responded with a status of", "Response Status Error Code")
    return kind == "error" and not any(words in text for words in refusals)


def _stays(url: str, base_url: str) -> bool:
    return url.startswith((f"{base_url}/", "data:", "blob:", "about:"))


def _is_missing(response: Response) -> bool:
    kinds = {"stylesheet", "script", "image", "font"}
    return response.status >= 400 and response.request.resource_type in kinds


def violations(page: Page, rules: Sequence[str] = RULES) -> list[str]:
    """Return what axe finds wrong with the page as it is, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE};0")
    run = "rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(r => r.violations)"
    found = page.evaluate(run, list(rules))
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than its window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, width)
