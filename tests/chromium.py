"""Chromium, started once a worker; the distribution's own, driven without a download."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

# The shell draws the same pages as all of Chromium, without its windows and in half the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--font-render-hinting=none",
]


class ChromiumMissing(Exception):
    """None of NAMES is a command on this machine."""

    def __init__(self) -> None:
        super().__init__(f"Chromium is missing: apt-get install {NAMES[0]}")


def launch(playwright: Playwright) -> Browser:
    """Start the first of NAMES that is there. Raises ChromiumMissing."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise ChromiumMissing
    return playwright.chromium.launch(executable_path=path, args=FLAGS)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except ChromiumMissing as missing:
            if os.environ.get("CI") == "true":
                raise
            pytest.skip(str(missing))
        yield browser
        browser.close()
