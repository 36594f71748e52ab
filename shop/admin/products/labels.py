"""What staff did to a product, in words."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from shop.admin.products.queries import Deed
from shop.catalog.input_types import PRODUCT_CONTENT

ACTIONS = {
    "products.create": "Made",
    "products.duplicate": "Made like another",
    "products.plan": "Planned",
    "products.preview": "Preview link made",
    "products.preview_end": "Preview link revoked",
    "products.update": "Changed",
    "products.status": "Status changed",
    "products.options": "Options named",
    "products.variant_add": "Variant added",
    "products.variant": "Variant changed",
    "products.variant_archive": "Variant withdrawn",
    "products.grid": "Prices and stock changed",
    "products.pictures": "Pictures changed",
    "products.sync": "Copy made again",
    "stock.adjust": "Stock corrected",
}
# What staff call a column that is named otherwise.
FIELDS = {"slug": "address", "summary": "sentence", "category_id": "category", "brand_id": "house"}


def product_event_label(deeds: Sequence[Deed]) -> list[tuple[str, datetime, str]]:
    """Return (title, when, detail) of each deed, as the time line shows them."""
    return [
        (_(ACTIONS.get(deed.action, deed.action)), deed.at, ", ".join(_details(deed)))
        for deed in deeds
    ]


def _details(deed: Deed) -> list[str]:
    changed = [name for name in deed.after if name in PRODUCT_CONTENT and deed.before]
    found = [_(FIELDS.get(name, name.replace("_", " "))) for name in changed]
    if "is_active" in deed.after and deed.before:
        found.append(_("on sale") if deed.after["is_active"] else _("off sale"))
    if deed.who:
        found.append(_("by %(name)s", name=deed.who))
    return found
