"""A daily job of staff, counted: what is done with the pointer, and which fields are filled in.

    with job(page, clicks=4, fields=1):
        page.get_by_role("link", name="To send").click()
        …

It begins on the first page of the staff, and fails above its target. What counts is what the
browser reports of the person, not what the test says: a press of the pointer, a choice in a list,
a file that is chosen; a field once, however much is typed. Keys do not count, an address that is
called by the test is refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Page

_LISTEN = """
addEventListener("pointerdown", (e) => e.isTrusted && counted("click", name(e.target)), true);
addEventListener("input", ({ target }) => {
  if (target.matches("select")) counted("click", name(target));
  else if (target.matches("[type=file]")) counted("click", name(target));
  else if (!target.matches("[type=checkbox], [type=radio]")) counted("field", name(target));
}, true);
const name = (el) => {
  const it = el.closest("a, button, label, select, input, textarea, summary") ?? el;
  return `${it.tagName} ${it.name || it.id || it.textContent.trim().slice(0, 40)}`;
};
"""


class Tally:
    """What was done so far, in words: `clicks` one each, `fields` once each."""

    def __init__(self) -> None:
        self.clicks: list[str] = []
        self.fields: dict[str, None] = {}

    def note(self, kind: str, what: str) -> None:
        """Note what the browser reports."""
        if kind == "click":
            self.clicks.append(what)
        else:
            self.fields[what] = None


class _Counter:
    """What the browser reports to: the tally of the job that is being done."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    def note(self, kind: str, what: str) -> None:
        self.tally.note(kind, what)


_counters: WeakKeyDictionary[Page, _Counter] = WeakKeyDictionary()


@contextmanager
def job(page: Page, *, clicks: int, fields: int = 0) -> Iterator[Tally]:
    """Give the first page of the staff to who does a job; fail above `clicks` or `fields`.

    `page`: one of `opened()` with scripts, signed in as staff. One job may follow another.
    """
    tally = Tally()
    if page not in _counters:
        _counters[page] = _Counter(tally)
        page.expose_function("counted", _counters[page].note)
        page.add_init_script(_LISTEN)
    _counters[page].tally = tally
    page.goto("/admin/")
    with _walked(page):
        yield tally
        page.wait_for_load_state()
    assert len(tally.clicks) <= clicks, tally.clicks
    assert len(tally.fields) <= fields, list(tally.fields)


@contextmanager
def _walked(page: Page) -> Iterator[None]:
    """Refuse that a page is called by its address, which nobody counts."""
    whole, again = page.goto, page.reload

    def refuse(*_args: Any, **_more: Any) -> None:
        raise AssertionError("in a job one gets anywhere by what the pages offer")

    page.goto = page.reload = refuse  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        page.goto, page.reload = whole, again  # type: ignore[method-assign]
