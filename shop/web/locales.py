"""How the present page or mail is written: its locale, and dates in its words and order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from babel.dates import format_date
from flask import Flask, current_app, g, has_app_context, has_request_context
from flask_babel import force_locale, to_user_timezone

from shop.core.locales import PageLocale, date_pattern, is_day_first
from shop.web.extensions import babel

_NBSP: Final = "\N{NO-BREAK SPACE}"


def init_locales(app: Flask, chosen: Callable[[], PageLocale], timezone: str) -> None:
    """Let pages of `app` be written as `chosen` says, with times in `timezone` (IANA)."""
    app.extensions["page_locale"] = chosen
    babel.init_app(
        app,
        default_locale="en",
        default_timezone=timezone,
        locale_selector=lambda: page_locale().words,
    )


def page_locale() -> PageLocale:
    """Return how the present page or mail is written; asked of the settings once a request."""
    try:  # the cheapest way to ask, and pages ask at each of their words
        known: PageLocale = g.page_locale
    except (AttributeError, RuntimeError):  # nobody asked before, or this is no application
        return _chosen()
    return known


def _chosen() -> PageLocale:
    if not has_app_context():
        return PageLocale()
    found: PageLocale = current_app.extensions["page_locale"]()
    if has_request_context():
        g.page_locale = found
    return found


@contextmanager
def written_as(found: PageLocale) -> Iterator[None]:
    """Write what is made inside as `found` says, such as a mail about an order."""
    before = g.get("page_locale")
    g.page_locale = found
    try:
        with force_locale(found.words):
            yield
    finally:
        g.pop("page_locale")
        if before is not None:
            g.page_locale = before


# ---- Dates, in the words and the order of the page


def day_of(when: date | datetime) -> date:
    """Return a day as it is, and the day of a moment in the shop's zone."""
    return to_user_timezone(when).date() if isinstance(when, datetime) else when


def long_day(when: date | datetime) -> str:
    """Return 21 November 2026, or November 21, 2026; of a moment in the shop's zone."""
    return _day(page_locale(), "long", day_of(when))


def short_day(when: date | datetime) -> str:
    """Return Sat 21 Nov, or Sat Nov 21; of a moment in the shop's zone."""
    return _day(page_locale(), "MMMEd", day_of(when))


def day_and_month(when: date | datetime) -> str:
    """Return 21 Nov, or Nov 21; of a moment in the shop's zone."""
    return _day(page_locale(), "MMMd", day_of(when))


def day_pattern() -> str:
    """Return the pattern of 21 Nov 2026, for what adds a clock time."""
    return date_pattern(page_locale().words, "yMMMd")


def days_between(first: date, last: date) -> tuple[str, str]:
    """Return two days that stand with a dash between them: Thu 3, Fri 4 Dec; never broken."""
    page = page_locale()
    begin = "Ed" if is_day_first(page.words) else "MMMEd"
    pair = _day(page, begin, first), short_day(last)
    return pair[0].replace(" ", _NBSP), pair[1].replace(" ", _NBSP)


@lru_cache(maxsize=4096)
def _day(page: PageLocale, pattern: str, when: date) -> str:
    return format_date(when, date_pattern(page.words, pattern), page.words)
