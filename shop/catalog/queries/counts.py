"""The counted catalogue: counted in the process while the shop is small, else by a job."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Select, select, true

from shop.catalog.facet_storage import from_bytes
from shop.catalog.facets import Counted, Facets, count_catalogue
from shop.catalog.queries.sections import sections
from shop.core.db import db
from shop.models import CollectionProduct, FacetIndex, Product, ShopState
from shop.web.visitor import current_visitor

SMALL = 2000  # products that are counted in the process when the list stamp has moved (10 ms)


class _State:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.facets: Facets | None = None
        self.is_large = False


_states: WeakKeyDictionary[Engine, _State] = WeakKeyDictionary()
_states_lock = threading.Lock()


def current_facets() -> Facets | None:
    """Return the counted catalogue; its `stamp` tells whether it is the present one.

    With more than SMALL products it may be some seconds old, and None before the first count.
    """
    with _states_lock:
        state = _states.setdefault(db.engine, _State())
    stamp = current_list_stamp()
    if state.facets is not None and state.facets.stamp == stamp:
        return state.facets
    with state.lock:  # one thread counts or loads, the others wait for it
        if state.facets is None or state.facets.stamp != stamp:
            if not state.is_large:
                _count(state, stamp)
            if state.is_large:
                _load(state)
        return state.facets


def current_list_stamp() -> int:
    """Return the stamp of all lists; inside a request it costs nothing."""
    return current_visitor().list_stamp or db.session.scalar(select(ShopState.list_stamp)) or 0


def _count(state: _State, stamp: int) -> None:
    rows = [_counted_row(*row) for row in db.session.execute(_counted().limit(SMALL + 1))]
    if len(rows) > SMALL:
        state.is_large = True
    else:
        state.facets = count_catalogue(rows, _paths(), stamp, _chosen())


def _load(state: _State) -> None:
    query = select(FacetIndex.data)
    if state.facets is not None:
        query = query.where(FacetIndex.list_stamp != state.facets.stamp)
    blob = db.session.scalar(query)
    if blob is not None:
        state.facets = from_bytes(blob)


def count_large() -> Facets | None:
    """Count the whole catalogue for the job; None while it is small or the count is present."""
    known = db.session.scalar(select(FacetIndex.list_stamp))
    stamp = db.session.scalar(select(ShopState.list_stamp)) or 0
    if known == stamp or db.session.scalar(_counted().offset(SMALL).limit(1)) is None:
        return None
    return count_catalogue(_stream(), _paths(), stamp, _chosen())


def _stream() -> Iterator[Counted]:
    rows = db.session.execute(_counted(), execution_options={"yield_per": 5000})
    for row in rows:
        yield _counted_row(*row)


def _counted() -> Select[*tuple[Any, ...]]:
    p = Product
    return select(
        p.id,
        p.category_id,
        p.brand_id,
        p.is_available,
        p.price_from,
        p.compare_at,
        p.published_at,
    ).where(p.is_active == true())


def _counted_row(*row: Any) -> Counted:
    compare_at, first_sold = row[5:]
    return Counted._make(
        (*row[:5], compare_at is not None, int(first_sold.timestamp()) if first_sold else 0)
    )


def _chosen() -> dict[int, list[int]]:
    """Return the products that staff chose, by collection; no statement while there are none."""
    found: dict[int, list[int]] = defaultdict(list)
    if not sections().has_chosen:
        return found
    columns = CollectionProduct.collection_id, CollectionProduct.product_id
    for collection_id, product_id in db.session.execute(select(*columns)):
        found[collection_id].append(product_id)
    return found


def _paths() -> dict[int, str]:
    return {category.id: category.path for category in sections().categories.values()}
