"""A block of the home page as its form shows it. Pure."""

from shop.catalog.blocks import Block
from shop.models import HomeBlock, PieceSource


def block_shown(block: Block | HomeBlock) -> dict[str, str]:
    """Return what the form of a block shows, by field."""
    chosen = str(block.source_id or "")
    return {
        "title": block.title,
        "text": block.text,
        "picture": block.picture,
        "picture_alt": block.picture_alt,
        "link_text": block.link_text,
        "link_url": block.link_url,
        "source": block.source.value,
        "collection": chosen if block.source is PieceSource.COLLECTION else "",
        "category": chosen if block.source is PieceSource.CATEGORY else "",
        "amount": str(block.amount),
        "is_hidden": "yes" if block.is_hidden else "",
    }
