"""Every template of every feature: compiles, is small, is clean of inline script and style."""

import re
from pathlib import Path

import pytest
from flask import Flask

SHOP = Path(__file__).resolve().parents[2] / "shop"
TEMPLATES = sorted(p for p in SHOP.rglob("*.html") if "templates" in p.parts)
# Mail programs need their style inline; the sandbox is no part of the shop.
PAGES = [p for p in TEMPLATES if not {"mail", "sandbox"} & set(p.relative_to(SHOP).parts)]
LINES = 180  # the budget is 120; a test fails above one and a half times that

FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline script": re.compile(
        r"<script\b(?![^>]*\bsrc=)(?![^>]*application/ld\+json)", re.IGNORECASE
    ),
    "event attribute": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "hx-on": re.compile(r"\shx-on", re.IGNORECASE),
    "javascript in hx-vals": re.compile(r"hx-vals=[\"']js:", re.IGNORECASE),
    "javascript address": re.compile(r"javascript:", re.IGNORECASE),
    "foreign address": re.compile(r"(src|href)=[\"']https?://(?!checkout\.stripe\.com)"),
}


def _name(path: Path) -> str:
    return path.relative_to(SHOP).as_posix()


def _without_comments(text: str) -> str:
    return re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)


def test_all_compile(app: Flask) -> None:
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_is_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LINES


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_has_nothing_inline(path: Path) -> None:
    text = _without_comments(path.read_text())
    assert not [what for what, pattern in FORBIDDEN.items() if pattern.search(text)]


@pytest.mark.parametrize("path", PAGES, ids=_name)
def test_every_form_that_writes_carries_the_token(path: Path) -> None:
    text = _without_comments(path.read_text())
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL):
        assert re.search(r"\b(csrf|submit|savebar)\(|hole\(\"csrf\"\)", form), form[:200]
