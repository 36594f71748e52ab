"""Lists: what is on them, in which order, and what hostile URLs get."""

import re

import pytest
from flask import Flask

from shop.catalog import handlers
from shop.catalog.queries import counts
from shop.catalog.services import archive_product, deactivate_product, update_category
from shop.models import MovementKind
from shop.stock.services import adjust_stock
from tests.client import ShopClient
from tests.conftest import both_engines, filled_by
from tests.factories import make_brand, make_category, make_product

pytestmark = both_engines

ANSWERS: list[tuple[str, list[str], str]] = [
    ("/products?sort=price_asc", ["Lampe 00", "Lampe 01", "Lampe 02"], "26 pieces"),
    ("/products?sort=price_desc", ["Lampe 24", "Lampe 23", "Lampe 22"], "26 pieces"),
    ("/products?sort=newest", ["Lampe 24", "Lampe 23", "Lampe 22"], "26 pieces"),
    ("/products?sort=evil", ["Lampe 24", "Lampe 23"], "26 pieces"),
    ("/products?in_stock=1", ["Lampe 24"], "22 pieces"),
    ("/products?min_price=12&max_price=13", ["Lampe 02"], "2 pieces"),
    ("/products?min_price=12&max_price=13&in_stock=1", ["Lampe 02"], "1 piece"),
    ("/products?brand=sorel", ["Lampe 24", "Lampe 22"], "13 pieces"),
    ("/products?brand=sorel&brand=aurelia", ["Lampe 24", "Lampe 23"], "26 pieces"),
    ("/products?brand=nobody", ["Lampe 24", "Lampe 23"], "26 pieces"),
    ("/products?category=lamps", ["Lampe 23", "Lampe 21"], "13 pieces"),
    ("/categories/home", ["Lampe 24", "Lampe 23"], "26 pieces"),
    ("/categories/lamps", ["Lampe 23", "Lampe 21"], "13 pieces"),
    ("/categories/tea", ["Lampe 24"], "0 pieces"),
    ("/brands/aurelia", ["Lampe 23", "Lampe 21"], "13 pieces"),
    ("/brands/aurelia?category=lamps&page=1", ["Lampe 23"], "13 pieces"),
    ("/products?q=lampe+sorel", ["Lampe 24", "Lampe 22"], "13 pieces"),
    ("/products?q=LAMPÉ", ["Lampe 24", "Lampe 23"], "26 pieces"),
    ("/products?q=lampe&brand=sorel&sort=price_asc", ["Lampe 00", "Lampe 02"], "13 pieces"),
    ("/products?q=verre", ["Lampe 04"], "1 piece"),
    ("/products?q=%25", ["Lampe 24"], "0 pieces"),
    ("/products?q=_", ["Lampe 24"], "0 pieces"),
    ("/products?q=lamp%25e", ["Lampe 24", "Lampe 23"], "26 pieces"),
    ("/products?q=!", ["Lampe 24"], "0 pieces"),
    ("/products?q='; DROP TABLE product; --", ["Lampe 24"], "0 pieces"),
]
HOSTILE = [
    ("/products?page=0", 404),
    ("/products?page=-1", 404),
    ("/products?page=abc", 404),
    ("/products?page=" + "9" * 31, 404),
    ("/products?page=501", 404),
    ("/products?q=x&page=2", 404),
    ("/products?q=a%00b", 400),
    ("/products?brand=%FF", 200),
    ("/products?min_price=abc", 422),
    ("/products?min_price=-1", 422),
    ("/products?max_price=" + "9" * 40, 422),
    ("/products?min_price=5&max_price=4", 422),
    ("/products?sort=" + "x" * 5000, 200),
    ("/products?q=" + "x" * 5000, 200),
    ("/categories/none", 404),
    ("/categories/lamps/x.css", 404),
    ("/brands/none", 404),
    ("/products/none", 404),
    ("/products/" + "x" * 3000, 404),
]


def names(page: str) -> list[str]:
    return re.findall(r'<h3><a href="/products/[^"]+">([^<]+)</a></h3>', page)


def total(page: str) -> str:
    found = re.search(r'<span class="muted num" role="status">([^<]+)</span>', page)
    assert found
    return found[1]


def section() -> None:
    """26 lamps in two categories and two brands; the last four are sold out."""
    home = make_category("Home", slug="home")
    lamps = make_category("Lamps", home, slug="lamps")
    make_category("Tea", slug="tea")
    brands = [make_brand("Sorel", slug="sorel"), make_brand("Aurelia", slug="aurelia")]
    for n in range(26):
        make_product(
            f"Lampe {n:02}",
            price=1000 + n * 100,
            stock=0 if n in (3, 5, 7, 25) else 10,
            category=lamps if n % 2 else home,
            brand=brands[n % 2],
            position=100 - n,
            tags=["100 % verre"] if n == 4 else (),
        )


@filled_by(section)
def test_featured_order_puts_sold_out_last_across_pages(client: ShopClient) -> None:
    first, second = client.get("/products").text, client.get("/products?page=2").text
    available = [f"Lampe {n:02}" for n in range(25, -1, -1) if n not in (3, 5, 7, 25)]
    sold_out = [f"Lampe {n:02}" for n in (25, 7, 5, 3)]
    assert names(first) + names(second) == available + sold_out
    assert total(first) == "26 pieces"
    assert client.get("/products?page=3").status_code == 404


@filled_by(section)
def test_filters_and_orders(client: ShopClient) -> None:
    for url, expected, count in ANSWERS:
        response = client.get(url)
        assert response.status_code == 200, url
        assert names(response.text)[: len(expected)] == expected, url
        assert total(response.text) == count, url


@filled_by(section)
def test_hostile_urls_get_an_answer(client: ShopClient) -> None:
    for url, status in HOSTILE:
        assert client.get(url).status_code == status, url


@filled_by(section)
def test_what_was_typed_wrongly_stays_and_is_explained(client: ShopClient) -> None:
    page = client.get("/products?min_price=abc&max_price=20").text
    assert "<title>Error: " in page
    assert 'value="abc"' in page
    assert 'href="#min_price"' in page
    assert names(page)  # the list is still there


@filled_by(section)
def test_empty_fields_of_the_form_leave_the_address(client: ShopClient) -> None:
    response = client.get("/products?min_price=&max_price=&brand=sorel&sort=featured")
    assert (response.status_code, response.location) == (302, "/products?brand=sorel")


@filled_by(section)
def test_filters_in_use_can_be_taken_off(client: ShopClient) -> None:
    page = client.get("/products?brand=sorel&in_stock=1&max_price=20").text
    for url in (
        "/products?max_price=20&amp;in_stock=1",
        "/products?brand=sorel&amp;in_stock=1",
        "/products?brand=sorel&amp;max_price=20",
    ):
        assert f'<a href="{url}">' in page
    assert '<meta name="robots" content="noindex, follow">' in page
    assert '<link rel="canonical" href="http://localhost/products">' in page


@filled_by(section)
def test_counts_stand_beside_the_houses_and_none_is_a_dead_end(client: ShopClient) -> None:
    page = client.get("/products?max_price=10").text
    assert re.search(r'value="sorel">Sorel <span class="end num">1</span>', page)
    assert re.search(r'value="aurelia" disabled>Aurelia <span class="end num">0</span>', page)


@filled_by(section)
def test_no_match_offers_a_way_on(client: ShopClient) -> None:
    page = client.get("/products?q=lamp+unknown").text
    assert "No pieces match" in page
    assert len(names(page)) == 4
    assert '<a class="btn" href="/products">' in page


def test_an_empty_shop_says_so(client: ShopClient) -> None:
    assert "The shelves are being filled" in client.get("/").text
    assert "The shelves are being filled" in client.get("/products").text
    assert client.get("/menu").status_code == 200


def test_what_is_not_on_sale_is_on_no_list(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        section = make_category("Home", slug="home")
        ids = [make_product(f"Piece {n}", category=section).id for n in range(3)]
        make_product("Draft", is_active=False)
        deactivate_product(ids[1])
        archive_product(ids[2])
    for url in ("/products", "/categories/home", "/products?q=piece"):
        page = client.get(url).text
        assert names(page) == ["Piece 0"]
        assert total(page) == "1 piece"


def test_a_hidden_category_is_gone_with_all_below_it(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home", slug="home")
        make_category("Lamps", home, slug="lamps")
    assert client.get("/categories/lamps").status_code == 200
    with app.app_context():
        update_category(home.id, name="Home", parent_id=None, is_active=False)
    assert client.get("/categories/lamps").status_code == 404
    assert "/categories/home" not in client.get("/").text


def test_badges(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product = make_product("Few", stock=2)
        make_product("Gone", stock=0)
        make_product("Fresh", stock=50)
    page = client.get("/products").text
    assert '<span class="tag low">Only 2 left</span>' in page
    assert '<span class="tag">Sold out</span>' in page
    assert '<span class="tag">New</span>' in page
    assert f'value="{product.single_variant_id}" aria-label="Add Few to bag"' in page
    with app.app_context():
        adjust_stock(product.variants[0].id, 10, MovementKind.RESTOCK, "", None)
    assert "Only 2 left" not in client.get("/products").text


def test_a_large_shop_is_counted_by_a_job(
    app: Flask, client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "SMALL", 20)
    with app.app_context():
        section = make_category("Home", slug="home")
        for n in range(30):
            make_product(f"Piece {n}", category=section, price=1000 + n)
    page = client.get("/products").text  # not counted yet: the total comes from SQL
    assert total(page) == "30 pieces"
    assert total(client.get("/products?q=piece&sort=newest").text) == "30 pieces"
    with app.app_context():
        handlers.count_job({})
        handlers.count_job({})
    assert total(client.get("/products?max_price=10.05").text) == "6 pieces"
    with app.app_context():
        make_product("Piece 30", category=section)
    assert (
        total(client.get("/products?max_price=9999&sort=newest").text) == "30 pieces"
    )  # lags, at most 10 s
    assert names(client.get("/products?max_price=9999&sort=newest").text)[0] == "Piece 30"
    with app.app_context():
        handlers.count_job({})
    assert total(client.get("/products?max_price=9999&sort=newest").text) == "31 pieces"


def test_more_pieces_come_as_a_part(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        for n in range(30):
            make_product(f"Piece {n}")
    part = client.get("/products?page=2", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert len(names(part)) == 6
    assert 'id="more"' in part


def test_suggestions(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_category("Lamps", slug="lamps")
        for n in range(9):
            make_product(f"Lampe {n}", slug=f"lampe-{n}")
    page = client.get("/search/suggest?q=lamp").text
    assert page.count('href="/products/') == 6
    assert 'href="/categories/lamps"' in page
    assert "7 suggestions" in page
    for q in ("l", "", "%25%25%25", "x" * 9000):
        assert "0 suggestions" in client.get(f"/search/suggest?q={q}").text


def test_words_are_found_whatever_sign_touches_them(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        make_product("Bath towel, cotton", slug="towel")
        make_product("Eau No. 5", slug="eau")
    for query, slug in (
        ("cotton.", "towel"),
        ("bath-towel", "towel"),
        ("bath/towel!", "towel"),
        ("no.5", "eau"),
        ("(no 5)", "eau"),
    ):
        page = client.get("/products", query_string={"q": query}).text
        grid = page[page.index('<ul class="grid">') : page.index("</ul>", page.index('"grid"'))]
        assert set(re.findall(r'href="/products/([a-z]+)"', grid)) == {slug}, query
        part = client.get("/search/suggest", query_string={"q": query}).text
        assert f"/products/{slug}" in part


def test_search_leads_to_the_list(client: ShopClient) -> None:
    response = client.get("/search?q=  rose  noire ")
    assert (response.status_code, response.location) == (302, "/products?q=rose+noire")
    assert client.get("/search").location == "/products"
