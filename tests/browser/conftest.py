"""Chromium, started once; the distribution's own, driven by Playwright without a download."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.boutique import Boutique, furnish
from tests.browser.live import Live, live_shop

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One served shop for all tests of a worker; each test brings its own visitors and pieces."""
    folder = tmp_path_factory.mktemp("live")
    shutil.copy(sqlite_template, folder / "shop.sqlite3")
    with live_shop(folder) as shop:
        yield shop


@pytest.fixture(scope="session")
def boutique(live: Live) -> Boutique:
    with live.app.app_context():
        return furnish(live.folder)
