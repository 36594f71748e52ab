"""Fill the shop with the demo, or with many further pieces."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from shop.catalog.queries.counts import count_large
from shop.catalog.services import STEP, store_facets
from shop.core.db import db, end_read, retried, transaction
from shop.seed.basics import (
    ensure_currency,
    ensure_demo_basics,
    ensure_demo_pages,
    is_seeded,
    mark_seeded,
)
from shop.seed.bulk import Placed, Surroundings, known_products, write_products
from shop.seed.demo_data import places_of, read_demo
from shop.seed.pictures import Progress, Stored, store_shots
from shop.seed.recombine import further_products
from shop.seed.sections import SectionIds, ensure_sections
from shop.seed.spread import Spread
from shop.seed.values import Demo, SeedProduct

FURTHER_FROM: Final = 100_000  # where further pieces begin: after all that people have placed


@dataclass(frozen=True)
class Seeded:
    """How many pieces were made, and how many of those asked for were there before."""

    made: int
    present: int


def seed_demo(count: int | None, progress: Progress) -> Seeded | None:
    """Fill the demo shop with `count` pieces: the demo's own, then further ones.

    None for all of the demo's own, once: when that has been done before, nothing happens and None
    is returned. Pieces that are there are left as they are, also when they were renamed. Safe to
    repeat, to interrupt, and to run twice at the same time.
    """
    if count is None and is_seeded():
        return None
    currency = ensure_currency()
    demo = read_demo(currency)
    own = demo.products if count is None else demo.products[:count]
    ids = _ensure_surroundings(demo, currency)
    made = _write_own(own, demo, ids, progress)
    further = max(0, (count or 0) - len(own))
    if further:
        made += _write_further(further, demo, ids, currency, progress)
    ensure_demo_pages()
    mark_seeded()
    return Seeded(made, len(own) + further - made)


def seed_random(count: int, progress: Progress) -> Seeded:
    """See to it that the shop has `count` further pieces; the same ones on every machine."""
    currency = ensure_currency()
    demo = read_demo(currency)
    ids = _ensure_surroundings(demo, currency)
    made = _write_further(count, demo, ids, currency, progress)
    return Seeded(made, count - made)


def _ensure_surroundings(demo: Demo, currency: str) -> SectionIds:
    ids = ensure_sections(demo.categories.values(), demo.brands.values())
    ensure_demo_basics(currency)
    return ids


def _write_own(own: Sequence[SeedProduct], demo: Demo, ids: SectionIds, progress: Progress) -> int:
    """Write the demo's own pieces that are missing; returns how many these were."""
    known = known_products(own)
    end_read()
    missing = [
        Placed(product, rank * STEP)
        for rank, product in enumerate(own, start=1)
        if product.slug not in known
    ]
    stored = store_shots((shot for placed in missing for shot in placed.product.shots), progress)
    made = 0
    for seen, written in write_products(missing, _around(demo, ids, stored)):
        made = written
        progress("pieces", seen, len(missing))
    return made


def _around(demo: Demo, ids: SectionIds, stored: Stored) -> Surroundings:
    section_names = {slug: category.name for slug, category in demo.categories.items()}
    brand_names = {slug: brand.name for slug, brand in demo.brands.items()}
    return Surroundings(ids, brand_names, section_names, stored)


def _write_further(
    count: int, demo: Demo, ids: SectionIds, currency: str, progress: Progress
) -> int:
    products = further_products(count, currency)
    sample = further_products(min(count, 2000), currency)  # every design turns up early
    stored = store_shots((shot for product in sample for shot in product.shots), progress)
    around = _around(demo, ids, stored)
    made = 0
    for seen, written in write_products(_placed(products, demo), around):
        made = written
        progress("pieces", seen, count)
    if made:
        _refresh_statistics()
        facets = count_large()
        if facets is not None:
            store_facets(facets)
    return made


def _placed(products: Iterable[SeedProduct], demo: Demo) -> Iterator[Placed]:
    """Yield the pieces in the order of the lists, those on sale and those sold out apart."""
    shown = places_of(demo, demo.products)
    spreads = {
        is_available: Spread[SeedProduct](p for p in shown if p.is_available is is_available)
        for is_available in (True, False)
    }
    position = FURTHER_FROM
    for product in products:
        (place,) = places_of(demo, [product])
        for fit in spreads[place.is_available].take(place, product):
            yield Placed(fit, position := position + STEP)
    for spread in spreads.values():
        for fit in spread.rest():
            yield Placed(fit, position := position + STEP)


@retried
def _refresh_statistics() -> None:
    """Let the database look at the many new rows, so that it chooses its indexes well."""
    with transaction() as session:
        if db.engine.dialect.name == "sqlite":
            session.execute(text("PRAGMA analysis_limit=200"))
        session.execute(text("ANALYZE"))
