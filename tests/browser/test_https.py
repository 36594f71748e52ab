"""Over TLS in a real browser: what it tells of a page that keeps its address to itself."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, expect

from shop.auth.services import make_proof_token, make_reset_token
from tests.browser.kit import opened, served_by_tls
from tests.client import PUBLIC
from tests.factories import PASSWORD, make_user

NEW = "a quite different teapot"


def test_links_of_mails_set_a_password_and_prove_an_address(
    chromium: Browser, make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    app = make_app(SITE_URL=PUBLIC)
    with app.app_context():
        ada = make_user("ada@example.com")
        proof = make_proof_token(make_user("bo@example.com"), "bo@example.com")
        reset = make_reset_token(ada.email_key)
        assert reset
    with served_by_tls(app, tmp_path) as url, opened(chromium, url) as page:
        page.goto(f"/password/reset/{reset[1]}")
        page.get_by_label("New password", exact=True).fill(NEW)
        with page.expect_request("**/password/reset") as sent:
            page.locator("main form button:not([data-reveal])").last.click()
        page.wait_for_url("**/login")
        headers = sent.value.all_headers()
        assert ("referer" in headers, headers["origin"]) == (False, "null")
        expect(page.get_by_text("Your password is changed.")).to_be_visible()
        page.goto(f"/account/email/{proof}")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main form button:not([data-reveal])").last.click()
        page.wait_for_url("**/login")
        expect(page.get_by_text("The address is confirmed.")).to_be_visible()
