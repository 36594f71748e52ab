"""Where the shop is and what it speaks. Two choices: a region's marks, a language's words.

`locale` decides how amounts are written and in which order a date stands; `language` the words and
the names of months. A shop in Germany that speaks English writes 6,90 € and 4 Dec.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, localedata
from babel.dates import format_date
from flask import Flask, current_app, g, has_app_context, has_request_context
from flask_babel import force_locale

from shop.extensions import babel

_PLAIN_ENGLISH: Final = "en_IE"  # what plain "en" means here: it would write like in the USA
_NBSP: Final = "\N{NO-BREAK SPACE}"


class PageLocale(NamedTuple):
    """How a page or mail is written: `locale` like "de_DE", `language` one of shop/languages.py."""

    locale: str = "en_IE"
    language: str = "en"

    @property
    def words(self) -> Locale:
        """The locale of words and dates: the language, with the region's order of dates."""
        return words_locale(self.language, self.locale)


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


@lru_cache(maxsize=256)
def words_locale(language: str, locale: str) -> Locale:
    """Return the Babel locale of `language` that writes dates in the order of `locale`.

    The language in that country, where CLDR knows it (en_DE), else a variant of the language that
    puts day and month in the same order (en_001 or en).
    """
    region = Locale.parse(_PLAIN_ENGLISH if locale == "en" else locale)
    if region.language == Locale.parse(language).language:
        return region
    near = f"{language}_{region.territory}"
    if region.territory and localedata.exists(near):
        return Locale.parse(near)
    variants = [name for name in (language, f"{language}_001") if localedata.exists(name)]
    known = [Locale.parse(name) for name in variants]
    return next((one for one in known if _is_day_first(one) == _is_day_first(region)), known[0])


def _is_day_first(locale: Locale) -> bool:
    pattern: str = locale.date_formats["short"].pattern
    return pattern.index("d") < pattern.index("M")


# ---- Dates, in the words and the order of the page


def long_day(when: date) -> str:
    """Return 21 November 2026, or November 21, 2026."""
    return _day(page_locale(), "long", when)


def short_day(when: date) -> str:
    """Return Sat 21 Nov, or Sat Nov 21."""
    return _day(page_locale(), "MMMEd", when)


def day_and_month(when: date) -> str:
    """Return 21 Nov, or Nov 21."""
    return _day(page_locale(), "MMMd", when)


def day_pattern() -> str:
    """Return the pattern of 21 Nov 2026, for what adds a clock time."""
    return _pattern(page_locale().words, "yMMMd")


def days_between(first: date, last: date) -> tuple[str, str]:
    """Return two days that stand with a dash between them: Thu 3, Fri 4 Dec; never broken."""
    page = page_locale()
    begin = "Ed" if _is_day_first(page.words) else "MMMEd"
    pair = _day(page, begin, first), short_day(last)
    return pair[0].replace(" ", _NBSP), pair[1].replace(" ", _NBSP)


@lru_cache(maxsize=4096)
def _day(page: PageLocale, pattern: str, when: date) -> str:
    return format_date(when, _pattern(page.words, pattern), page.words)


@lru_cache(maxsize=256)
def _pattern(locale: Locale, name: str) -> str:
    if name == "long":
        return str(locale.date_formats["long"].pattern)
    return str(locale.datetime_skeletons[name].pattern).replace("E, ", "E ")
