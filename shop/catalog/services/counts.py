"""The stored count of a large catalogue."""

from sqlalchemy import delete

from shop.catalog.facet_storage import to_bytes
from shop.catalog.facets import Facets
from shop.core.clock import now
from shop.core.db import changed, end_read, retried, transaction
from shop.models import FacetIndex


@retried
def store_facets(facets: Facets) -> None:
    """Replace the stored count; each process loads it when its own is another one."""
    data = to_bytes(facets)
    end_read()
    with transaction() as session:
        changed(delete(FacetIndex))
        session.add(FacetIndex(id=1, list_stamp=facets.stamp, built_at=now(), data=data))
