"""The link that shows a draft to people without an account, until it expires or is revoked."""

import secrets
from datetime import timedelta
from typing import Final

from sqlalchemy import delete

from shop.catalog.services.listings import load_product
from shop.core.clock import now
from shop.core.db import retried, transaction
from shop.core.errors import BadInput
from shop.models import ProductPreview

PREVIEW_LIFETIME: Final = timedelta(days=7)


@retried
def make_preview(product_id: int) -> None:
    """Give a draft a preview link for `PREVIEW_LIFETIME`; the one that it had is dead from now on.

    Raises BadInput where the product is on sale or archived, NotFound.
    """
    with transaction() as session:
        product = load_product(product_id)
        if product.is_active or product.archived_at is not None:
            raise BadInput("Only a product that is not published has a preview link.")
        session.execute(delete(ProductPreview).where(ProductPreview.product_id == product_id))
        session.add(
            ProductPreview(
                product_id=product_id,
                key=secrets.token_urlsafe(32),
                expires_at=now() + PREVIEW_LIFETIME,
            )
        )


@retried
def revoke_preview(product_id: int) -> None:
    """Make the preview link of a product a dead one, if it has one. Raises NotFound."""
    with transaction() as session:
        load_product(product_id)
        session.execute(delete(ProductPreview).where(ProductPreview.product_id == product_id))
