"""Give every page the texts that can be read, for the footer and whatever links to them."""

from flask import Flask, g

from shop.pages.queries import PublicPages, public_pages


def init_pages(app: Flask) -> None:
    """Make `texts`, the pages that are public, known to templates."""
    app.context_processor(lambda: {"texts": _texts()})


def _texts() -> PublicPages:
    """Return the public pages; none on the pages that must show without a database."""
    return PublicPages() if g.get("failsafe") else public_pages()
