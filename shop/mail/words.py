"""The words of one mail: what staff wrote or what is delivered, with its places filled.

Whatever fills a place is the customer's or the shop's and never markup: it is escaped where the
mail is HTML, put in once where it is text, and is no place itself.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape
from sqlalchemy import select

from shop.core.db import db
from shop.mail.texts import FIELDS, MAIL_TEXTS, PLACE
from shop.models import MailText
from shop.pages.markdown import render_markdown

Sources = Mapping[str, str]  # subject, greeting, intro and closing as they are written
Fill = Mapping[str, object]  # what stands in each place; a function where the language decides

_LINK = re.compile(r"\[([^\]\n]*)\]\(([^)\s]*)\)")


@dataclass(frozen=True)
class MailWords:
    """The words of a mail, for its HTML (`intro`, `closing` are markup) or for its text."""

    greeting: str
    intro: str
    closing: str


def find_sources(kind: str, language: str) -> dict[str, str] | None:
    """Return the words of a kind as they are written, None where it has none that change.

    What staff wrote in this very language counts, then what they wrote in the language that it is
    a variety of (pt for pt_BR); else what is delivered, in that language, field by field. Called
    while that language is the page's.
    """
    if kind not in MAIL_TEXTS:
        return None
    wanted = [language, language.replace("-", "_").partition("_")[0]]
    rows = db.session.scalars(
        select(MailText).where(MailText.kind == kind, MailText.language.in_(wanted))
    )
    found = {row.language: row for row in rows}
    row = found.get(wanted[0]) or found.get(wanted[1])
    delivered = delivered_sources(kind)
    return {name: (getattr(row, name) if row else "") or delivered[name] for name in FIELDS}


def delivered_sources(kind: str) -> dict[str, str]:
    """Return the words of a kind as delivered, in the language of the page."""
    return {name: str(getattr(MAIL_TEXTS[kind], name)) for name in FIELDS}


def fill_line(source: str, fill: Fill) -> str:
    """Return one line with its places filled."""
    return " ".join(_filled(source, fill, str).split())


def html_words(sources: Sources, fill: Fill, home: str) -> MailWords:
    """Return the words for the HTML. `home`: what paths of the shop begin with."""
    return MailWords(
        greeting=fill_line(sources["greeting"], fill),
        intro=_html(sources["intro"], fill, home),
        closing=_html(sources["closing"], fill, home),
    )


def text_words(sources: Sources, fill: Fill, home: str) -> MailWords:
    """Return the words for the plain text; a link is written out behind its words."""
    return MailWords(
        greeting=fill_line(sources["greeting"], fill),
        intro=_text(sources["intro"], fill, home),
        closing=_text(sources["closing"], fill, home),
    )


def _html(source: str, fill: Fill, home: str) -> Markup:
    html = str(render_markdown(source)).replace('href="/', f'href="{escape(home)}/')
    return Markup(_filled(html, fill, _escaped))  # noqa: S704 -- cleaned, and filled with escaped


def _text(source: str, fill: Fill, home: str) -> str:
    def written_out(found: re.Match[str]) -> str:
        words, url = found[1], found[2]
        return f"{words}: {home}{url}" if url.startswith("/") else f"{words}: {url}"

    return _filled(_LINK.sub(written_out, source), fill, str)


def _filled(text: str, fill: Fill, written: Callable[[str], str]) -> str:
    def value(found: re.Match[str]) -> str:
        given = fill.get(found[1], "")
        said = str(given() if callable(given) else given)
        return written(" ".join(said.split()))

    return PLACE.sub(value, text)


def _escaped(text: str) -> str:
    return str(escape(text))
