"""Collections: pieces chosen by hand in an order, or all that fit a rule, as lists like others."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from shop.catalog.handlers import count_job
from shop.catalog.input_types import CollectionFields, LookFields
from shop.catalog.queries import counts
from shop.catalog.rules import Rule, rule_of
from shop.catalog.services import (
    choose_products,
    create_collection,
    delete_section,
    update_category,
    update_collection,
)
from shop.core.clock import now
from shop.core.db import db
from shop.core.errors import BadInput
from shop.models import Category, Collection
from tests.client import ShopClient
from tests.conftest import both_engines, filled_by
from tests.factories import make_brand, make_category, make_product
from tests.sql import counted

KEY = "a" * 64


def shelves() -> None:
    """Thirty lamps of a house below Home, and a scarf; some reduced, old or sold out."""
    home = make_category("Home", slug="home")
    lamps = make_category("Lamps", home, slug="lamps")
    sorel, nord = make_brand("Sorel", slug="sorel"), make_brand("Nord", slug="nord")
    for n in range(30):
        make_product(
            f"Lamp {n:02}",
            slug=f"lamp-{n:02}",
            brand=sorel if n % 2 else nord,
            category=lamps,
            stock=0 if n % 5 == 0 else 3,
            published_at=now() - timedelta(days=n),
            variants=[{"unit_amount": 1000 + n, "compare_at_amount": 5000 if n % 3 == 0 else None}],
        )
    make_product(
        "Scarf",
        slug="scarf",
        category=home,
        price=90_000,
        published_at=now() - timedelta(days=99),
    )


pytestmark = [both_engines, filled_by(shelves)]


def by_rule(rule: Rule, **fields: object) -> str:
    """Make a published collection; return its address."""
    made = create_collection(CollectionFields(name="Some", rule=rule, is_active=True, **fields))
    return f"/collections/{db.session.get_one(Collection, made).slug}"


def pieces(client: ShopClient, address: str) -> list[str]:
    """Return the slugs of the pieces on a page."""
    text = client.get(address).text
    return re.findall(r'<h3><a href="/products/([^"]+)"', text.partition('id="pages"')[2])


def lamps(fits: Callable[[int], bool]) -> set[str]:
    return {f"lamp-{n:02}" for n in range(30) if fits(n)}


def id_of(model: type, slug: str) -> int:
    return int(db.session.query(model.id).filter_by(slug=slug).scalar())


def test_a_rule_finds_what_fits_all_of_it(app: Flask, client: ShopClient) -> None:
    from shop.models import Brand

    with app.app_context():
        home, sorel = id_of(Category, "home"), id_of(Brand, "sorel")
        cases = [
            (Rule(category_id=home, max_price=50_000), lambda n: True),
            (Rule(brand_id=sorel), lambda n: n % 2 == 1),
            (Rule(is_reduced=True), lambda n: n % 3 == 0),
            (Rule(new_days=4), lambda n: n <= 4),
            (Rule(in_stock=True, max_price=50_000), lambda n: n % 5 != 0),
            (Rule(min_price=1010, max_price=1012), lambda n: 10 <= n <= 12),
            (
                Rule(category_id=home, brand_id=sorel, is_reduced=True, in_stock=True),
                lambda n: n % 6 == 3 and n % 5 != 0,
            ),
        ]
        made = [(by_rule(rule), lamps(fits)) for rule, fits in cases]
    for address, wanted in made:
        found = pieces(client, address) + pieces(client, f"{address}?sort=newest&page=2")
        first = pieces(client, f"{address}?sort=newest")
        assert len(first) == min(24, len(wanted))
        assert set(first) | (set(found) - set(first)) == wanted or len(wanted) > 24
        text = client.get(address).text
        assert f"{len(wanted)} piece" in text, address
        for sort in ("price_asc", "price_desc"):
            listed = pieces(client, f"{address}?sort={sort}&in_stock=1")
            available = sorted(slug for slug in wanted if int(slug[-2:]) % 5)
            expected = available if sort == "price_asc" else available[::-1]
            assert listed == expected[:24]


def test_a_rule_is_the_same_in_a_large_shop(
    app: Flask, client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "SMALL", 3)
    with app.app_context():
        address = by_rule(Rule(is_reduced=True))
        chosen = create_collection(CollectionFields(name="Chosen", is_active=True))
        choose_products(chosen, [3, 2])
        before = pieces(client, address)
        count_job({})
    reduced = lamps(lambda n: n % 3 == 0)
    assert set(before) == reduced
    assert set(pieces(client, f"{address}?sort=newest")) == reduced
    assert "10 pieces" in client.get(f"{address}?brand=sorel&brand=nord").text
    assert pieces(client, "/collections/chosen") == ["lamp-02", "lamp-01"]


def test_pieces_chosen_by_hand_stand_in_their_order(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        made = create_collection(CollectionFields(name="Gifts", is_active=True, in_menu=True))
        choose_products(made, [9, 3, 6, 31])  # 6 is sold out
    assert pieces(client, "/collections/gifts") == ["lamp-08", "lamp-02", "scarf", "lamp-05"]
    assert pieces(client, "/collections/gifts?sort=price_asc") == [
        "lamp-02", "lamp-08", "scarf", "lamp-05",
    ]  # fmt: skip
    assert pieces(client, "/collections/gifts?category=lamps&in_stock=1") == ["lamp-08", "lamp-02"]
    assert "4 pieces" in client.get("/collections/gifts").text
    with app.app_context(), counted(app) as statements:
        choose_products(made, [31, 3, 9])
    writes = [s for s in statements if s.startswith(("UPDATE", "DELETE", "INSERT"))]
    assert len([s for s in writes if "collection_product" in s]) == 2, writes
    assert pieces(client, "/collections/gifts") == ["scarf", "lamp-02", "lamp-08"]
    with app.app_context(), pytest.raises(BadInput):
        choose_products(made, [31, 999])
    assert client.get("/Collections/Gifts/").headers["Location"] == "/collections/gifts"


def test_it_is_linked_where_staff_want_it_and_nowhere_while_it_is_hidden(
    app: Flask, client: ShopClient
) -> None:
    look = LookFields(KEY, "A ribbon", "Gifts to give", "Chosen for you.")
    fields = CollectionFields(name="Gifts", description="One.\n\nTwo.", look=look)
    with app.app_context():
        made = create_collection(fields)
    assert client.get("/collections/gifts").status_code == 404
    assert "/collections/gifts" not in client.get("/sitemaps/shelves.xml").text
    with app.app_context():
        shown = CollectionFields(**{**vars(fields), "is_active": True, "in_menu": True})
        update_collection(made, shown)
        choose_products(made, [3])
    text = client.get("/collections/gifts").text
    assert "<title>Gifts to give" in text
    assert '<meta name="description" content="Chosen for you."' in text
    assert "<p>One.</p>" in re.sub(r"\s+<p>", "<p>", text)
    assert f"/media/{KEY}-800.webp" in text.partition('property="og:image"')[2][:200]
    assert 'alt="A ribbon"' in text
    assert client.get("/").text.count('href="/collections/gifts"') == 3  # head, menu, foot
    assert 'href="/collections/gifts"' in client.get("/menu").text
    assert "/collections/gifts" in client.get("/sitemaps/shelves.xml").text


def test_a_rule_that_names_what_is_gone_finds_nothing(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        empty = make_category("Empty")
        address = by_rule(Rule(category_id=empty.id))
        lamps_id = id_of(Category, "lamps")
        other = by_rule(Rule(category_id=lamps_id))
    assert len(pieces(client, other)) == 24
    with app.app_context():
        delete_section(Category, empty.id)
        update_category(lamps_id, name="Lamps", parent_id=None, is_active=False)
    for gone in (address, other):
        assert "Nothing here yet" in client.get(gone).text
        assert pieces(client, gone) == []


def test_a_collection_costs_the_statements_of_a_category(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        address = by_rule(Rule(is_reduced=True))
        chosen = create_collection(CollectionFields(name="Chosen", is_active=True))
        choose_products(chosen, [3, 2])
    client.get("/products")
    for page in (address, f"{address}?brand=sorel&in_stock=1&min_price=5", "/collections/chosen"):
        with counted(app) as made:
            assert client.get(page).status_code == 200
        assert len(made) <= 4, made


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (Rule(), "form"),
        (Rule(min_price=-1), "min_price"),
        (Rule(min_price=5, max_price=4), "max_price"),
        (Rule(new_days=366), "new_days"),
        (Rule(new_days=0), "new_days"),
        (Rule(category_id=999), "category_id"),
        (Rule(brand_id=999), "brand_id"),
    ],
)
def test_a_rule_without_sense_is_refused(ctx: Flask, rule: Rule, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        create_collection(CollectionFields(name="Some", rule=rule))
    assert set(refused.value.fields) == {field}


def test_a_rule_is_kept_as_it_is(ctx: Flask) -> None:
    rule = Rule(category_id=1, min_price=0, max_price=10**10, is_reduced=True, new_days=365)
    assert rule_of(rule.stored()) == rule
