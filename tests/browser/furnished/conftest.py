"""A served shop, furnished once: tests/scheduling.py gives all tests of this folder to one worker.

Whatever needs no pictures, orders or payments is cheaper on a shop of its own, beside this folder.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.boutique import Boutique, furnish
from tests.browser.kit import Window, shared
from tests.browser.live import Live, live_shop
from tests.browser.world import World, invite, populate


@pytest.fixture(scope="session")
def live(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One served shop for all tests; each test brings its own visitors and pieces."""
    folder = tmp_path_factory.mktemp("live")
    shutil.copy(sqlite_template, folder / "shop.sqlite3")
    with live_shop(folder) as shop:
        yield shop


@pytest.fixture(scope="session")
def boutique(live: Live) -> Boutique:
    with live.app.app_context():
        return furnish()


@pytest.fixture(scope="session")
def world(live: Live, boutique: Boutique, chromium: Browser) -> World:
    found = populate(live.app)
    invite(found, chromium, live.url)
    return found


@pytest.fixture(scope="session")
def window(live: Live, chromium: Browser) -> Iterator[Window]:
    """For visitors who do nothing to the browser but what everybody does."""
    with shared(chromium, live.url) as window:
        yield window


@pytest.fixture(scope="session")
def plain_window(live: Live, chromium: Browser) -> Iterator[Window]:
    """The same without JavaScript."""
    with shared(chromium, live.url, scripts=False) as window:
        yield window


@pytest.fixture
def windows(window: Window, plain_window: Window) -> dict[bool, Window]:
    """Both, by whether there are scripts."""
    return {True: window, False: plain_window}
