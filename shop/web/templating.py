"""What every template can use: assets, icons, pictures, words, money and times."""

import json
from collections.abc import MutableMapping
from datetime import date, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any

from flask import Flask
from flask.templating import Environment
from flask_babel import (
    format_datetime,
    get_timezone,
    gettext,
)
from jinja2 import StrictUndefined, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from shop.core import money
from shop.core.clock import now
from shop.core.locales import PageLocale
from shop.web.assets import Assets
from shop.web.cookies import list_cookies
from shop.web.holes import cart_label, hole
from shop.web.locales import day_of, day_pattern, long_day, page_locale, short_day


class ShopEnvironment(Environment):
    """Flask's environment of templates, cheaper for templates that import macros.

    Without names of its own a template gets the very globals, not a ChainMap over them, through
    which Jinja compares every name at every import.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template that adds `d` to them."""
        return super().make_globals(d) if d else self.globals


_TIME = Markup('<time datetime="{}">{}</time>')
# htmx without inline style, eval, or copies of pages in the browser (Back loads the page anew).
# Our refusals with a fragment (409, 422) are shown; other failures go to shop.js.
HTMX_CONFIG = Markup(  # noqa: S704 -- ours; stands in single quotes
    json.dumps(
        {
            "includeIndicatorStyles": False,
            "allowEval": False,
            "allowScriptTags": False,
            "historyCacheSize": 0,
            "refreshOnHistoryMiss": True,
            "responseHandling": [
                {"code": "204", "swap": False},
                {"code": "[23]..", "swap": True},
                {"code": "409|422", "swap": True},
                {"code": "[45]..", "swap": False, "error": True},
            ],
        },
        separators=(",", ":"),
    )
)


def init_templating(app: Flask) -> None:
    """Register the globals and filters below and make unknown names an error."""
    env = app.jinja_env
    assets: Assets = app.extensions["assets"]
    env.undefined = StrictUndefined
    env.trim_blocks = True
    env.lstrip_blocks = True
    env.globals.update(
        _=translate,
        asset=assets.url,
        cart_label=cart_label,
        clock_time=clock_time,
        cookies=list_cookies,
        currency_symbol=page_currency_symbol,
        day=day,
        hole=hole,
        htmx_config=HTMX_CONFIG,
        icon=partial(icon, assets),
        lang=lang,
        media_url=media_url,
        moment=moment,
        money=page_money,
        money_short=page_money_short,
        now=now,
        picture_srcset=picture_srcset,
    )
    env.filters.update(day=day, moment=moment)


# ---- Assets, icons and pictures


def icon(assets: Assets, name: str, label: str | None = None, extra: str = "") -> Markup:
    """Return an icon of the sprite; without `label` it is hidden from screen readers."""
    return _icon(assets.url("icons/sprite.svg"), name, label, extra)


@lru_cache(maxsize=512)
def _icon(sprite: str, name: str, label: str | None, extra: str) -> Markup:
    css = f"i {extra}" if extra else "i"
    if label:
        opening = Markup('<svg class="{}" role="img" aria-label="{}">').format(css, label)
    else:
        opening = Markup('<svg class="{}" aria-hidden="true">').format(css)
    return opening + Markup('<use href="{}#{}"/></svg>').format(sprite, name)


def media_url(key: str, width: int) -> str:
    """Return the URL of a stored picture, `width` one of shop.media's WIDTHS (pixels)."""
    return f"/media/{key}-{width}.webp"


def picture_srcset(key: str, *, is_large: bool = False) -> str:
    """Return the `srcset` of a picture: for cards, or with the sizes that fill half a sharp screen.

    A small picture is served in its own size under each name.
    """
    card = f"/media/{key}-400.webp 400w, /media/{key}-800.webp 800w"
    return (
        f"{card}, /media/{key}-1200.webp 1200w, /media/{key}-1600.webp 1600w" if is_large else card
    )


# ---- Words, money, time


@pass_eval_context
def translate(context: EvalContext, message: str, /, **values: object) -> str:
    """Return `_("…")` of a template in the page's language; `values` fill its %(name)s, escaped.

    The same as Jinja's own, which asks for the translations at each of a page's hundred words.
    """
    if values:
        return _translated(page_locale(), message, escaped=context.autoescape) % values
    return _complete(page_locale(), message, escaped=context.autoescape)


@lru_cache(maxsize=4096)
def _translated(page: PageLocale, message: str, *, escaped: bool) -> str:  # noqa: ARG001 -- key
    text: str = gettext(message)
    return Markup(text) if escaped else text  # noqa: S704 -- our own words, as Jinja treats them


@lru_cache(maxsize=4096)
def _complete(page: PageLocale, message: str, *, escaped: bool) -> str:
    return _translated(page, message, escaped=escaped) % {}  # "%%" becomes "%"


def lang() -> str:
    """Return the language of the page's words for <html lang>, such as "en" or "pt-BR"."""
    return page_locale().language.replace("_", "-")


def page_money(amount: int, currency: str) -> str:
    """Return minor units as text in the page's locale: €1,190.00."""
    return money.format_money(amount, currency, page_locale().locale)


def page_money_short(amount: int, currency: str) -> str:
    """Return minor units without empty decimals, for cards: €1,190."""
    return money.format_money_short(amount, currency, page_locale().locale)


def page_currency_symbol(currency: str) -> str:
    """Return the sign of a currency in the page's locale: €."""
    return money.currency_symbol(currency, page_locale().locale)


def day(when: date | datetime, *, short: bool = False) -> Markup:
    """Return a <time> with the day in the shop's zone: 21 November 2026, or Sat 21 Nov."""
    return _day(page_locale(), day_of(when), short=short)


@lru_cache(maxsize=4096)
def _day(_page: PageLocale, when: date, *, short: bool) -> Markup:
    return _TIME.format(when.isoformat(), short_day(when) if short else long_day(when))


def moment(when: datetime) -> Markup:
    """Return a <time> with day and clock time in the shop's zone: 21 Nov 2026, 14:26."""
    return _moment(page_locale(), get_timezone(), when)


@lru_cache(maxsize=4096)
def _moment(_page: PageLocale, _zone: tzinfo, when: datetime) -> Markup:
    text = format_datetime(when, f"{day_pattern()}, HH:mm")
    return _TIME.format(when.isoformat(timespec="seconds"), text)


def clock_time(when: datetime) -> str:
    """Return the clock time in the shop's zone: 14:26."""
    text: str = format_datetime(when, "HH:mm")
    return text
