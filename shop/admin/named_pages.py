"""Pages of the desks that are found by the name of what stands on them."""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from shop.admin.settings.rooms import rooms, search_rooms
from shop.catalog.queries.sections import sections
from shop.catalog.text import fold
from shop.core.db import db
from shop.models import Page


def find_named(text: str, may: Callable[[str], bool]) -> str | None:
    """Return where the one is whose name is `text`, whatever its case and accents; None for none.

    Categories, houses, collections, pages, rooms of the settings and settings, in this order; only
    where `may` says that the asker is let in.
    """
    wanted = fold(text)
    return next((url for name, url in _named(wanted, may) if fold(name) == wanted), None)


def _named(text: str, may: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    if may("products.view") and may("products.edit"):
        here = sections()
        for kind, found in (
            ("categories", here.categories),
            ("brands", here.brands),
            ("collections", here.collections),
        ):
            yield from ((row.name, f"/admin/{kind}/{row.id}") for row in found.values())
    if may("pages.edit"):
        pages = db.session.execute(select(Page.title, Page.id).order_by(Page.id))
        yield from ((title, f"/admin/pages/{page_id}") for title, page_id in pages)
    if may("settings.edit"):
        yield from ((room.name, room.url) for room in rooms())
        _rooms, settings = search_rooms(text)
        yield from ((found.definition.label, found.url) for found in settings)
