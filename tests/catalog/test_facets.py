"""Counting with bitsets agrees with counting one by one, also after it was stored."""

import random
import zlib

import pytest

from shop.catalog.facet_storage import from_bytes, to_bytes
from shop.catalog.facets import (
    Counted,
    Facets,
    Selection,
    Within,
    count_catalogue,
    to_set,
)
from shop.catalog.rules import Rule

PATHS = {1: "/1/", 2: "/1/2/", 3: "/1/2/3/", 4: "/4/"}
CHOSEN = {7: [2, 3, 5, 7, 11, 13, 10**6]}


def catalogue(size: int, seed: int = 7) -> list[Counted]:
    r = random.Random(seed)
    ids = r.sample(range(1, size * 3 + 1), size)
    return [
        Counted(
            i,
            r.choice([None, 1, 2, 3, 4]),
            r.choice([None, 1, 2, 3]),
            r.random() < 0.8,
            r.choice([0, 100, 5000, r.randrange(90_000), 10**10]),
            r.random() < 0.3,
            r.choice([0, 1000, 2000, 10**9]),
        )
        for i in ids
    ]


def fits(product: Counted, asked: Selection, *, but: str = "") -> bool:
    path = PATHS.get(product.category_id or 0, "")
    return (
        (asked.matches is None or bool(asked.matches >> product.id & 1))
        and (but == "category" or not asked.category_id or f"/{asked.category_id}/" in path)
        and (but == "brand" or not asked.brand_ids or product.brand_id in asked.brand_ids)
        and (asked.min_price is None or product.price_from >= asked.min_price)
        and (asked.max_price is None or product.price_from <= asked.max_price)
        and (but == "stock" or not asked.in_stock or product.is_available)
        and (asked.within is None or stands_in(product, asked.within))
    )


def stands_in(product: Counted, asked: Within) -> bool:
    rule = asked.rule
    if rule is None:
        return product.id in CHOSEN.get(asked.collection_id, ())
    path = PATHS.get(product.category_id or 0, "")
    return (
        (rule.category_id is None or f"/{rule.category_id}/" in path)
        and rule.brand_id in (None, product.brand_id)
        and (rule.min_price is None or product.price_from >= rule.min_price)
        and (rule.max_price is None or product.price_from <= rule.max_price)
        and (not rule.is_reduced or product.is_reduced)
        and (not rule.in_stock or product.is_available)
        and (asked.since is None or product.first_sold >= asked.since)
    )


def selections(products: list[Counted]) -> list[Selection]:
    r = random.Random(3)
    found = to_set(product.id for product in r.sample(products, len(products) // 3))
    prices = sorted(product.price_from for product in products)
    made = [Selection()]
    for _ in range(60):
        low, high = sorted(r.choices(prices, k=2))
        made.append(
            Selection(
                category_id=r.choice([None, 1, 2, 3, 4, 99]),
                brand_ids=tuple(r.sample([1, 2, 3, 99], r.randrange(3))),
                min_price=r.choice([None, low]),
                max_price=r.choice([None, high]),
                in_stock=r.random() < 0.3,
                matches=r.choice([None, found, 0]),
                within=r.choice([None, None, Within(7), Within(8), _rule(r, low)]),
            )
        )
    return made


def _rule(r: random.Random, low: int) -> Within:
    rule = Rule(
        category_id=r.choice([None, 1, 99]),
        brand_id=r.choice([None, 1, 99]),
        min_price=r.choice([None, low]),
        is_reduced=r.random() < 0.5,
        in_stock=r.random() < 0.3,
    )
    return Within(rule=rule, since=r.choice([None, 0, 1500, 10**9]))


@pytest.mark.parametrize("size", [1, 50, 3000])
def test_counts_as_one_would_by_hand(size: int) -> None:
    products = catalogue(size)
    facets = count_catalogue(products, PATHS, 5, CHOSEN)
    for facets_again in (facets, from_bytes(to_bytes(facets))):
        for asked in selections(products):
            counts = facets_again.count(asked)
            assert counts.total == sum(fits(p, asked) for p in products), asked
            for category_id in PATHS:
                expected = sum(
                    fits(p, asked, but="category")
                    and f"/{category_id}/" in PATHS.get(p.category_id or 0, "")
                    for p in products
                )
                assert counts.categories.get(category_id, 0) == expected
            for brand_id in (1, 2, 3):
                expected = sum(
                    fits(p, asked, but="brand") and p.brand_id == brand_id for p in products
                )
                assert counts.brands.get(brand_id, 0) == expected
            available = sum(fits(p, asked, but="stock") and p.is_available for p in products)
            assert counts.available == available


def test_keeps_what_fits_available_first() -> None:
    products = catalogue(500)
    facets = count_catalogue(products, PATHS, 5, CHOSEN)
    ids = [product.id for product in products] + [10**6]
    by_id = {product.id: product for product in products}
    for asked in selections(products):
        kept = facets.keep(ids, asked)
        wanted = Selection(**{**asked.__dict__, "matches": None})
        assert set(kept) == {p.id for p in products if fits(p, wanted)}
        states = [by_id[i].is_available for i in kept]
        assert states == sorted(states, reverse=True)
        few = facets.few(wanted, page=24)
        fitting = sorted(p.id for p in products if fits(p, wanted))
        assert few == (fitting if len(fitting) ** 2 < 24 * len(products) else None)


def test_an_empty_catalogue_counts_to_nothing() -> None:
    facets = from_bytes(to_bytes(count_catalogue([], {}, 1)))
    assert facets.count(Selection(min_price=5, brand_ids=(1,))).total == 0
    assert facets.stamp == 1


@pytest.mark.parametrize("blob", [b"", b"nonsense", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_foreign_blob_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match="counted catalogue"):
        from_bytes(blob)


def test_what_was_counted_before_there_were_collections_is_counted_again_soon() -> None:
    facets = count_catalogue(catalogue(50), PATHS, 5)
    whole = zlib.decompress(to_bytes(facets))
    before = zlib.compress(whole.replace(b'"collections"', b'"something_s"'))
    found = from_bytes(before)
    assert (found.stamp, found.prices, found.brands) == (0, facets.prices, facets.brands)
    assert found.few(Selection(), page=24) is None


def test_remembers_only_so_many_answers() -> None:
    facets: Facets = count_catalogue(catalogue(20), PATHS, 1)
    for price in range(500):
        facets.count(Selection(min_price=price))
    assert len(facets._known) == 200
