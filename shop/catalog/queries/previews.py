"""Preview links of drafts: which one a product has, and what a link that was followed shows."""

import hmac
from datetime import datetime
from typing import NamedTuple

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select

from shop.catalog.queries.cards import P
from shop.catalog.queries.product import ProductVersion
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import ProductPreview

_PREVIEW = ProductPreview.__table__.c


class PreviewLink(NamedTuple):
    """The live link of a draft: its path, and until when it works."""

    path: str
    expires_at: datetime


def find_preview(product_id: int) -> PreviewLink | None:
    """Return the link of a product that has not expired, None where there is none."""
    row = db.session.execute(
        select(_PREVIEW.key, _PREVIEW.expires_at).where(
            _PREVIEW.product_id == product_id, _PREVIEW.expires_at > now()
        )
    ).one_or_none()
    if row is None:
        return None
    token = _serializer().dumps([product_id, row.key])
    return PreviewLink(f"/preview/{token}", row.expires_at)


def get_previewed(token: str) -> ProductVersion:
    """Return the product that a link shows, which may be on sale by now.

    Raises NotFound for a link that is not genuine, expired or revoked, and for an archived product:
    whoever has one is not told which.
    """
    try:
        product_id, key = _serializer().loads(token)
    except BadData as error:
        raise NotFound from error
    columns = (P[name] for name in ProductVersion._fields)
    row = db.session.execute(
        select(_PREVIEW.key, *columns)
        .join(P.id.table, P.id == _PREVIEW.product_id)
        .where(P.id == product_id, P.archived_at.is_(None), _PREVIEW.expires_at > now())
    ).one_or_none()
    if row is None or not hmac.compare_digest(row.key, key):
        raise NotFound
    return ProductVersion._make(row[1:])


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(config().secret_key, salt="product-preview")
