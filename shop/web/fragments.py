"""Parts of pages that are rendered once for as long as they look the same.

The cards are most of what a list costs. A card depends on nothing but its values, so the values
are the key, and nothing ever has to be made invalid. The shell depends on settings and navigation
alone; the bar above a list on its filters and counts.
"""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, request
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from shop.core.locales import PageLocale
from shop.web.assets import Assets
from shop.web.locales import page_locale
from shop.web.page_cache import kept_part

KEPT = 1024  # cards a process, about 1.5 kB each


def init_parts(app: Flask) -> None:
    """Let templates say `product_cards(…)` and `part(…)`."""
    app.jinja_env.globals.update(product_cards=product_cards, part=part, nav_place=nav_place)


def product_cards(products: Sequence[Any], currency: str, *, eager: int = 0) -> Markup:
    """Return the <li> of each product in a grid; the first `eager` pictures are above the fold.

    Products have the fields that components/card.html names. Those that are no tuples (samples are
    dicts) are drawn each time.
    """
    env = current_app.jinja_env
    assets: Assets = current_app.extensions["assets"]
    look = env, page_locale(), assets.url("icons/sprite.svg"), currency
    return Markup(  # noqa: S704 -- each is Markup
        "".join(
            _kept(*look, product, place < eager)
            if isinstance(product, tuple)
            else _draw(env, product, currency, place < eager)
            for place, product in enumerate(products)
        )
    )


@lru_cache(maxsize=KEPT)
def _kept(
    env: Environment, _locale: PageLocale, _sprite: str, currency: str, product: Any, eager: bool
) -> Markup:
    return _draw(env, product, currency, eager)


def _draw(env: Environment, product: Any, currency: str, eager: bool) -> Markup:
    macros: Any = env.get_template("components/card.html").module
    card: Markup = macros.product_card(product, currency, eager)
    return card


@pass_context
def part(context: Context, template: str, key: Hashable | None) -> Markup:
    """Return what `template` draws with the names of this page, kept as one piece.

    `key`: what its text depends on beside settings, language and holes; None: it is drawn each
    time.
    """
    found = context.environment.get_template(template)

    def draw() -> str:
        return found.render(context.get_all())

    is_kept = key is not None and not g.get("failsafe")  # such a page shows without a database
    text = kept_part((template, key), draw) if is_kept else draw()
    return Markup(text)  # noqa: S704 -- a template with autoescape


@pass_context
def nav_place(context: Context) -> str:
    """Return the address in the navigation that this page is, or ""."""
    path = request.path
    shown = (*context["nav"], *context["nav_collections"])
    places = ("/products", *(item.url for item in shown))
    return path if path in places else ""
