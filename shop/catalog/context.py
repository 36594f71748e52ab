"""Give every page the navigation, and fill the holes that the catalogue owns."""

import json
from collections.abc import Sequence

from flask import Flask, current_app, g
from markupsafe import Markup

from shop.catalog.queries.product import Head, list_neighbours, nearest
from shop.catalog.queries.shelves import Shelf, shelves
from shop.config import config
from shop.pagecache import kept_fragment
from shop.templating import register_hole
from shop.visitor import current_visitor


def init_catalog(app: Flask) -> None:
    """Make `nav`, the main categories, and `site_url`, for canonical links, known to templates."""
    app.context_processor(lambda: {"nav": _navigation(), "site_url": config().site_url})
    register_hole("related", _related)


def _navigation() -> Sequence[Shelf]:
    """Return the main categories; none on the pages that must show without a database."""
    return () if g.get("failsafe") else shelves().main


def _related() -> Markup:
    """Return pieces like the one on the page: same category, nearest in price.

    They are a hole because they change with the lists, and product pages do not. The cards of a
    category are kept as a fragment, from which each piece takes its own neighbours.
    """
    head: Head = g.product_head
    key = ("neighbours", head.category_id, current_visitor().list_stamp)
    kept = json.loads(kept_fragment(key, lambda: _neighbours(head.category_id)))
    places = nearest(head.id, head.price_from, [(i, price) for i, price, _ in kept])
    if not places:
        return Markup("")
    template = current_app.jinja_env.get_template("catalog/_related.html")
    cards = [Markup(kept[place][2]) for place in places]  # noqa: S704 -- our own card.html
    return Markup(template.render(cards=cards))  # noqa: S704 -- a template with autoescape


def _neighbours(category_id: int | None) -> str:
    card = current_app.jinja_env.get_template("catalog/_card.html")
    currency = config().currency
    return json.dumps(
        [
            (piece.id, piece.price_from, card.render(piece=piece, currency=currency))
            for piece in list_neighbours(category_id, shelves())
        ]
    )
