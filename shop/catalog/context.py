"""Give every page the navigation, and fill the holes that the catalogue owns."""

import json
from collections.abc import Sequence
from functools import partial

from flask import Flask, current_app, g
from markupsafe import Markup

from shop.catalog.queries.product import ProductVersion, list_neighbours, nearest
from shop.catalog.queries.sections import Section, sections
from shop.catalog.services.schedule import apply_due_changes
from shop.core.config import config
from shop.web.fragments import product_cards
from shop.web.holes import register_hole
from shop.web.page_cache import kept_part
from shop.web.public_url import public_url
from shop.web.visitor import WHEN_DUE, current_visitor

MOST_AT_A_REQUEST = 20  # products whose moment has come; the worker does the rest
_BETWEEN = "\x02"  # no text of ours holds it: input is stripped of control characters


def init_catalog(app: Flask) -> None:
    """Make known to templates: `nav`, the main categories; `nav_collections`, those in the menu;
    `site_url`, for canonical links.
    """
    app.context_processor(
        lambda: {
            "nav": _navigation(),
            "nav_collections": _collections(),
            "site_url": public_url(),
        }
    )
    register_hole("related", _related)
    app.extensions[WHEN_DUE] = partial(apply_due_changes, MOST_AT_A_REQUEST)


def _navigation() -> Sequence[Section]:
    """Return the main categories; none on the pages that must show without a database."""
    return () if g.get("failsafe") else sections().main


def _collections() -> Sequence[Section]:
    return () if g.get("failsafe") else sections().in_menu


def _related() -> Markup:
    """Return pieces like the one on the page: same category, nearest in price.

    They are a hole because they change with the lists, and product pages do not. The cards of a
    category are kept as a fragment, from which each piece takes its own neighbours.
    """
    head: ProductVersion = g.product_head
    key = ("neighbours", head.category_id, current_visitor().list_stamp)
    priced, *cards = kept_part(key, lambda: _neighbours(head.category_id)).split(_BETWEEN)
    places = nearest(head.id, head.price_from, json.loads(priced))
    if not places:
        return Markup("")
    template = current_app.jinja_env.get_template("catalog/_related.html")
    shown = [Markup(cards[place]) for place in places]  # noqa: S704 -- our own card.html
    return Markup(template.render(cards=shown))  # noqa: S704 -- a template with autoescape


def _neighbours(category_id: int | None) -> str:
    """Return the (id, price) pairs of a category's pieces as JSON, and each one's card."""
    found = list_neighbours(category_id, sections())
    priced = json.dumps([(product.id, product.price_from) for product in found])
    cards = [product_cards([product], config().currency) for product in found]
    return _BETWEEN.join([priced, *cards])
