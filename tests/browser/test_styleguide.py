"""Every component: axe finds nothing wide and light, narrow and dark; nothing overflows."""

import pytest
from flask import Flask
from playwright.sync_api import Browser

from shop.styleguide.routes import PAGES
from tests.browser.kit import DESKTOP, NARROW, PHONE, opened, overflow, served, violations

VIEWS = [(DESKTOP, "light"), (PHONE, "dark")]  # as tests/browser/furnished/test_pages.py explains
IDS = [f"{size[0]}-{theme}" for size, theme in VIEWS]


@pytest.mark.parametrize(("size", "theme"), VIEWS, ids=IDS)
def test_components(app: Flask, chromium: Browser, size: tuple[int, int], theme: str) -> None:
    with served(app) as url, opened(chromium, url, size=size, theme=theme) as page:
        for name in (*PAGES, "parts?wrong=1"):
            page.goto(f"/styleguide/{name}")
            assert violations(page) == [], name
            assert overflow(page) == 0, name
            page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
            assert overflow(page) == 0, name
            page.set_viewport_size({"width": size[0], "height": size[1]})


WIDE_SPACING = """() => {
    for (const e of document.querySelectorAll("*")) {
        e.style.lineHeight = "1.5";
        e.style.letterSpacing = ".12em";
        e.style.wordSpacing = ".16em";
    }
}"""
DOUBLE_SIZE = "() => { document.documentElement.style.fontSize = '200%' }"


@pytest.mark.parametrize(
    ("change", "size"),
    [(WIDE_SPACING, NARROW), (DOUBLE_SIZE, (720, 900))],
    ids=["wide-spacing", "double-size"],
)
def test_text_may_grow(app: Flask, chromium: Browser, change: str, size: tuple[int, int]) -> None:
    """WCAG 1.4.12 and 1.4.4: wider spacing and text at 200 % push nothing out of the page."""
    with served(app) as url, opened(chromium, url, size=size) as page:
        for name in PAGES:
            page.goto(f"/styleguide/{name}")
            page.evaluate(change)
            assert overflow(page) == 0, name


# Links in a sentence are excepted, stretched links cover their card, labels are pressed for inputs.
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary, label")]
    .filter(e => e.offsetParent && !e.closest("p, .sr, .skip"))
    .filter(e => !e.matches("label *, .field > label, .card a, .whole"))
    .filter(e => { const b = e.getBoundingClientRect(); return b.height < 24 || b.width < 24; })
    .map(e => e.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_targets_are_large_enough(app: Flask, chromium: Browser, size: tuple[int, int]) -> None:
    """WCAG 2.5.8: nothing to press is under 24 px."""
    with served(app) as url, opened(chromium, url, size=size) as page:
        for name in PAGES:
            page.goto(f"/styleguide/{name}")
            assert page.evaluate(SMALL_TARGETS) == [], name


# What the focus is on: drawn with a ring (its own or its card's), and not under a sticky bar.
# "round" where the focus has come back to the first stop.
FOCUS = """() => {
    const at = document.activeElement;
    if (!at || at === document.body) return null;
    if (at === window.first && at !== window.last) return "round";
    window.first ??= at;
    window.last = at;
    if (at.matches(".skip")) return null;
    const ringed = [at, ...["label", ".card", ".drop"].map(s => at.closest(s))].some(
        e => e && parseFloat(getComputedStyle(e).outlineWidth) >= 2
            && getComputedStyle(e).outlineStyle !== "none");
    const box = at.getBoundingClientRect();
    const x = Math.min(innerWidth - 2, Math.max(2, box.x + box.width / 2));
    const y = box.height > innerHeight ? innerHeight / 2 : box.y + box.height / 2;
    const top = document.elementFromPoint(x, y);
    const shown = top && (at.contains(top) || top.contains(at)
        || at.closest("label, .card")?.contains(top));
    return [at.outerHTML.slice(0, 80), ringed, Boolean(shown)];
}"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_focus_is_seen_at_every_stop(
    app: Flask, chromium: Browser, name: str, size: tuple[int, int]
) -> None:
    """WCAG 2.4.7 and 2.4.11: Tab through the page; each stop has a ring and nothing covers it."""
    with served(app) as url, opened(chromium, url, size=size) as page:
        page.goto(f"/styleguide/{name}")
        stops = 0
        for _ in range(90):
            page.keyboard.press("Tab")
            found = page.evaluate(FOCUS)
            if found == "round":
                break
            if found:
                stops += 1
                assert found[1:] == [True, True], found
        assert stops > 15
