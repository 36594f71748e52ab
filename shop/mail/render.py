"""Words and looks of a mail: a pair of templates, in the reader's language, styles written inline.

Mail programs read little CSS: `mail.css` is written into the elements; what must stay a rule
(dark theme, small screens) stays in one <style>.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import current_app

from shop.core.config import config
from shop.core.locales import PageLocale
from shop.mail.message import Mail
from shop.mail.words import (
    Fill,
    Sources,
    delivered_sources,
    fill_line,
    find_sources,
    html_words,
    text_words,
)
from shop.pages.queries import public_pages
from shop.settings.look import shop_look
from shop.settings.queries import shop_settings
from shop.web.locales import long_day, written_as

LOCAL = "http://127.0.0.1:8000"  # where `make run` serves, for shops without SITE_URL


def link(path: str) -> str:
    """Return `path` as an address of this shop. Comes from SITE_URL, never from a request."""
    return f"{config().site_url or LOCAL}{path}"


def compose(
    kind: str,
    *,
    to: str,
    subject: object = "",
    fill: Fill | None = None,
    sources: Sources | None = None,
    template: str = "",
    locale: str = "",
    language: str = "",
    order_id: int | None = None,
    is_secret: bool = False,
    **context: Any,
) -> Mail:
    """Return the mail made of `templates/mail/<template>.html` and `.txt` (default: `kind`).

    `subject` may be a lazy translation; a mail whose words staff may change (`texts.py`) has its
    own, and `fill` is what stands in the places of its words, `sources` the words where they are
    not those in force. `locale` and `language`: how the reader's order or account
    is written; the merchant's where it does not say. The templates know `shop`, `link()`, `day()`,
    `texts`, `words` and `context`.
    """
    shop = shop_settings()
    name = f"mail/{template or kind}"
    known = {
        "shop": shop,
        "look": shop_look(),
        "link": link,
        "day": long_day,
        "texts": public_pages(),
        **context,
    }
    fill = {"shop": shop.name, **(fill or {})}
    page = PageLocale(locale or shop.locale, language or shop.language)
    with written_as(page):
        sources = sources or find_sources(kind, page.language)
        title = fill_line(sources["subject"], fill) if sources else str(subject)
        in_html = html_words(sources, fill, link("")) if sources else None
        in_text = text_words(sources, fill, link("")) if sources else None
        html = _template(f"{name}.html").render(subject=title, words=in_html, **known)
        text = _template(f"{name}.txt").render(subject=title, words=in_text, **known)
    return Mail(
        kind=kind,
        to=to,
        subject=title,
        text=_tidy(text),
        html=_inlined(html),
        order_id=order_id,
        reply_to=shop.contact_email,
        is_secret=is_secret,
    )


def day_in_words(when: date | datetime) -> Callable[[], str]:
    """Return what writes a day in the language of the mail, for a place in its words."""
    return lambda: long_day(when)


def delivered_words(kind: str, language: str) -> dict[str, str]:
    """Return the words of a mail as delivered in a language."""
    with written_as(PageLocale(shop_settings().locale, language)):
        return delivered_sources(kind)


def _template(name: str) -> Any:
    return current_app.jinja_env.get_template(name)


def _tidy(text: str) -> str:
    """Return the text without trailing blanks and with at most one empty line in a row."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _inlined(html: str) -> str:
    return str(_inliner(_css()).inline(html))


def _css() -> str:
    loader = current_app.jinja_env.loader
    if loader is None:
        raise TypeError("templates have no loader")
    return loader.get_source(current_app.jinja_env, "mail/mail.css")[0]


@lru_cache(maxsize=4)
def _inliner(css: str) -> Any:
    import css_inline

    return css_inline.CSSInliner(
        extra_css=css,
        keep_at_rules=True,
        load_remote_stylesheets=False,
        apply_width_attributes=True,
    )
