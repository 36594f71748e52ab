"""The catalogue's jobs."""

from typing import Any

from shop.catalog.queries.listings import product_ids_after
from shop.catalog.services import refresh_listings
from shop.db import transaction
from shop.jobs import job


@job("catalog.refresh_listings")
def refresh_listings_job(payload: dict[str, Any]) -> None:
    """Write the copies of the products on a shelf, or of all, a short transaction a chunk."""
    shelf = {name: payload.get(name) for name in ("brand_id", "category_id")}
    last = 0
    while ids := product_ids_after(last, **shelf):
        last = ids[-1]
        with transaction():
            refresh_listings(set(ids))
