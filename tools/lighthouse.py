"""`make lighthouse`: Lighthouse on the main pages, the median of three runs each (npm, Chromium).

Chromium may be its headless shell alone, as Playwright installs it.

Scores are measured offline on this machine: compare them with each other, not with the web's. The
reports lie in lighthouse/.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from tools.demo import demo_shop

VERSION = "12.8.2"
FOLDER = Path(__file__).resolve().parent.parent / "lighthouse"
PAGES = {"home": "/", "list": "/products", "search": "/products?q=candle", "cart": "/cart"}
KEPT_OUT = {"search", "cart"}  # of search engines, on purpose: that is not held against them
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync --no-first-run"
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
WANTED = dict(zip(CATEGORIES, (95, 100, 100, 100), strict=True))


def main() -> None:
    """Print a table; exit with 1 when a median is below what is wanted."""
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None or shutil.which("npx") is None:
        sys.exit("Lighthouse needs npm and Chromium.")
    FOLDER.mkdir(exist_ok=True)
    low = 0
    with demo_shop() as shop:
        print(f"{'page':10}" + "".join(f"{name:>16}" for name in CATEGORIES))
        for name, path in {**PAGES, "product": product_path(shop.url)}.items():
            runs = [measure(shop.url + path, f"{name}-{n}", chromium) for n in range(3)]
            medians = {c: round(statistics.median(run[c] for run in runs)) for c in CATEGORIES}
            low += any(medians[category] < WANTED[category] for category in CATEGORIES)
            print(f"{name:10}" + "".join(f"{medians[category]:16}" for category in CATEGORIES))
    sys.exit(1 if low else 0)


def product_path(shop: str) -> str:
    """Return the address of the first piece of the shop's list."""
    with urllib.request.urlopen(f"{shop}/products", timeout=30) as answer:
        found = re.search(r'href="(/products/[a-z0-9-]+)"', answer.read().decode())
    if found is None:
        sys.exit("The demo shop has no piece to look at.")
    return found[1]


def measure(url: str, name: str, chromium: str) -> dict[str, float]:
    """Run Lighthouse once, as a phone; return the scores, 0 to 100."""
    report = FOLDER / f"{name}.json"
    skipped = ["--skip-audits=is-crawlable"] if name.partition("-")[0] in KEPT_OUT else []
    with tempfile.TemporaryDirectory() as profile:
        flags = f"{FLAGS} --user-data-dir={profile}"
        subprocess.run(
            ["npx", "--yes", f"lighthouse@{VERSION}", url, "--quiet", "--output=json",
             f"--output-path={report}", f"--chrome-flags={flags}",
             f"--only-categories={','.join(CATEGORIES)}", *skipped],
            check=True, env={**os.environ, "CHROME_PATH": chromium},
        )  # fmt: skip
    found = json.loads(report.read_text())["categories"]
    return {category: 100 * (found[category]["score"] or 0) for category in CATEGORIES}


if __name__ == "__main__":
    main()
