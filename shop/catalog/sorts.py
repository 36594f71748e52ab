"""The orders that a list can be read in, as addresses call them, in the order of their menu."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from shop.models import Product

_P = Product.__table__.c


class Sort(NamedTuple):
    """What a customer reads of an order, and the columns that make it."""

    words: LazyString
    columns: tuple[ColumnElement[Any], ...]


# Each is served by an index of `Product` that begins with (is_active, is_available).
SORTS: Final[Mapping[str, Sort]] = {
    "featured": Sort(_("Featured"), (_P.position, _P.id)),
    "newest": Sort(_("Newest"), (_P.published_at.desc(), _P.id.desc())),
    "price_asc": Sort(_("Price, low to high"), (_P.price_from, _P.id)),
    "price_desc": Sort(_("Price, high to low"), (_P.price_from.desc(), _P.id.desc())),
}
