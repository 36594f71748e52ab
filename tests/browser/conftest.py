"""Tests that drive a browser. Chromium itself is the fixture of tests/chromium.py."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.admin.kit import sign_in
from tests.browser.kit import opened, served
from tests.orders import kit


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def desk(app: Flask, chromium: Browser) -> Iterator[Page]:
    """A browser at which the owner of an open shop is signed in."""
    with app.app_context():
        kit.open_shop()
    cookie = sign_in(app, is_owner=True).get_cookie("session")
    assert cookie
    with served(app) as url:
        # What cookies are given as has no public name in Playwright.
        kept: Any = {"name": "session", "value": cookie.value, "url": url}
        with opened(chromium, url) as page:
            page.context.add_cookies([kept])
            yield page
