"""The catalogue's jobs."""

import logging
from typing import Any

from shop.catalog.queries.counts import count_large
from shop.catalog.queries.listings import product_ids_after
from shop.catalog.services import refresh_listings, store_facets
from shop.catalog.services.schedule import apply_due_changes
from shop.catalog.services.sync import sync_product
from shop.core.db import abandon, retried
from shop.core.errors import Busy
from shop.core.isolation import Failure, SomeFailed, each
from shop.core.long_writes import Pace
from shop.jobs import job, register_schedule

_DUE_AT_ONCE = 100

log = logging.getLogger(__name__)


@job("catalog.apply_due_changes", timeout=600)
def apply_due(_payload: dict[str, Any]) -> None:
    """Do what was planned for now, where no visitor has come by since."""
    while apply_due_changes(_DUE_AT_ONCE):
        pass


register_schedule("catalog.apply_due_changes", 60)


@job("catalog.refresh_listings")
def refresh_listings_job(payload: dict[str, Any]) -> None:
    """Write the copies of the products of a section, or of all, a short transaction a chunk."""
    section = {name: payload.get(name) for name in ("brand_id", "category_id")}
    last, pace = 0, Pace(20, 500)
    failures: list[Failure[int]] = []
    while ids := product_ids_after(last, limit=pace.size, **section):
        last = ids[-1]
        try:
            _refresh(ids, pace)
        except Busy:
            raise
        except Exception:  # one of them: the others have their turn
            log.exception("a chunk of listings failed; now one by one")
            abandon()
            failures += each(
                "listings", ids, lambda product_id: _refresh([product_id], pace)
            ).failures
    if failures:
        raise SomeFailed("listings", failures)


@retried
def _refresh(ids: list[int], pace: Pace) -> None:
    with pace.turn(len(ids)):
        refresh_listings(set(ids))


@job("catalog.count", timeout=120)
def count_job(_payload: dict[str, Any]) -> None:
    """Count a large catalogue again when something in its lists has changed."""
    facets = count_large()
    if facets is not None:
        store_facets(facets)


register_schedule("catalog.count", seconds=10)


@job("payments.sync_product", timeout=60)
def sync_product_job(payload: dict[str, Any]) -> None:
    """Bring the payment provider's copy of a product up to date."""
    sync_product(payload["product_id"])
