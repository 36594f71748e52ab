"""The holes of a page: what a template prints of whoever is asking.

Finished pages are kept and shared between visitors (web/page_cache.py), so a template
never prints who is asking. It prints `{{ hole("cart_count") }}`: the live value, or, while a page
is being recorded (`g.page_recorder`), a marker that the page cache later fills per visitor by
calling the same function. `HOLES` is the one table of both.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import cast

from flask import current_app, g, get_flashed_messages
from flask_babel import gettext, ngettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from shop.core.locales import PageLocale
from shop.web.locales import page_locale
from shop.web.visitor import cart_token, current_visitor, theme

Hole = Callable[[], str]

MARKER = Markup(
    "\x01{}\x01"
)  # no text of ours holds U+0001: input is stripped of control characters
THEME_COLORS = {"light": "#fbf9f5", "dark": "#14120f"}  # --bg of core.css
CALM = ("success", "info", "message", "bag")  # flash categories of toasts ("bag" leads there)
MY_ADDRESS = "{my_address}"  # in a flashed message: the cookie can be read and holds no address


def hole(name: str) -> Markup:
    """Return the visitor's value of `name`, or its marker while a page is being recorded.

    Raises KeyError for a name that is not in HOLES.
    """
    fill = HOLES[name]
    if g.get("page_recorder") is not None:
        return MARKER.format(name)
    return escape(fill())


def register_hole(name: str, fill: Hole) -> None:
    """Let a feature fill a hole that it owns; `fill` returns Markup, or text that gets escaped."""
    HOLES[name] = fill


def _theme() -> Markup:
    chosen = theme()
    return Markup(' data-theme="{}"').format(chosen) if chosen else Markup("")


def _theme_color() -> Markup:
    return _theme_colors(theme())


@lru_cache(maxsize=4)
def _theme_colors(chosen: str) -> Markup:
    if chosen:
        return Markup('<meta name="theme-color" content="{}">').format(THEME_COLORS[chosen])
    meta = Markup('<meta name="theme-color" media="(prefers-color-scheme: {})" content="{}">')
    return Markup("").join(meta.format(name, color) for name, color in THEME_COLORS.items())


def _account_label() -> str:
    visitor = current_visitor()
    signed_in: str = visitor.display_name if visitor.is_authenticated else gettext("Sign in")
    return signed_in


def _staff_link() -> Markup:
    """Return the way to the staff pages for those who have a role; nothing for others."""
    if not current_visitor().is_staff:
        return Markup("")
    return Markup('<a class="only-d small" href="/admin/">{}</a>').format(gettext("Staff"))


def _staff_item() -> Markup:
    """Return the same as an entry of a list of links."""
    if not current_visitor().is_staff:
        return Markup("")
    return Markup('<li><a href="/admin/">{}</a></li>').format(gettext("Staff pages"))


def _cart_count() -> str:
    count = current_visitor().cart_count
    return str(count) if count else ""


def cart_label(count: int) -> str:
    """Return what the bag button says, with `count` pieces in it."""
    return _cart_label(page_locale(), count)


@lru_cache(maxsize=1024)
def _cart_label(_page: PageLocale, count: int) -> str:
    text: str = ngettext("Bag, %(num)d item", "Bag, %(num)d items", count)
    return text


def _flashes() -> Markup:
    return _flash_page("components/_flashes.html", calm=False)


def _toasts() -> Markup:
    return _flash_page("components/_toasts.html", calm=True)


def _flash_page(template: str, *, calm: bool) -> Markup:
    flashed = cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))
    messages = [(kind, text) for kind, text in flashed if (kind in CALM) == calm]
    if not messages:
        return Markup("")
    messages = [(kind, _with_address(text)) for kind, text in messages]
    page = current_app.jinja_env.get_template(template).render(messages=messages)
    return Markup(page)  # noqa: S704 -- a template of ours, with autoescape


def _with_address(text: str) -> str:
    """Return a message with the reader's own address in the place it has for it.

    `replace` of a Markup escapes what it puts in.
    """
    return text.replace(MY_ADDRESS, current_visitor().email)


def _form_token() -> str:
    """Return the token of forms.

    The first cookie names the guest's bag too, which is not made before something is put in: so
    what two clicks put in at once comes into one bag.
    """
    if not current_visitor().is_authenticated:
        cart_token()
    token: str = generate_csrf()
    return token


def _nothing() -> str:
    return ""


HOLES: dict[str, Hole] = {
    "csrf": _form_token,
    "theme": _theme,
    "theme_color": _theme_color,
    "account_label": _account_label,
    "staff_link": _staff_link,
    "staff_item": _staff_item,
    "cart_count": _cart_count,
    "cart_label": lambda: cart_label(current_visitor().cart_count),
    "flashes": _flashes,
    "toasts": _toasts,
    "closed_note": _nothing,
    "recently_seen": _nothing,
    "your_orders": _nothing,
}
