"""A served shop for browsers. Chromium itself is the fixture of tests/chromium.py."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.boutique import Boutique, furnish
from tests.browser.live import Live, live_shop
from tests.browser.world import World, invite, populate


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)


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


@pytest.fixture(scope="session")
def world(live: Live, boutique: Boutique, chromium: Browser) -> World:
    found = populate(live.app)
    invite(found, chromium, live.url)
    return found
