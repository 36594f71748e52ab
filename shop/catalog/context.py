"""Give every page the navigation, and fill the holes that the catalogue owns."""

from collections.abc import Sequence

from flask import Flask, g

from shop.catalog.queries.shelves import Shelf, shelves


def init_catalog(app: Flask) -> None:
    """Make `nav` known to all templates: the main categories."""
    app.context_processor(lambda: {"nav": _navigation()})


def _navigation() -> Sequence[Shelf]:
    """Return the main categories; none on the pages that must show without a database."""
    return () if g.get("failsafe") else shelves().main
