"""What the pages of the catalogue cost the database; visitor, settings and navigation included."""

from flask import Flask

from tests.client import ShopClient
from tests.conftest import both_engines, filled_by
from tests.factories import make_brand, make_category, make_product
from tests.sql import counted

# url, at most so many statements when the page is made, and when it is kept already
BUDGETS = [
    ("/", 7, 1),  # its blocks are rows; zones of delivery are read once in a process
    ("/products", 4, 2),
    ("/products?page=2", 4, 2),
    ("/products?sort=price_desc", 4, 2),
    ("/categories/home", 4, 2),
    ("/brands/sorel", 4, 2),
    ("/products/scarf", 8, 2),
    ("/products?brand=sorel&in_stock=1&min_price=5", 4, 4),
    ("/products?q=lampe", 4, 4),
    ("/products?q=lampe&category=lamps&sort=newest", 4, 4),
    ("/products?q=nothing", 4, 4),
    ("/search/suggest?q=lam", 4, 4),
]


def section() -> None:
    home = make_category("Home", slug="home")
    lamps = make_category("Lamps", home, slug="lamps")
    brand = make_brand("Sorel", slug="sorel")
    for n in range(30):
        make_product(f"Lampe {n}", brand=brand, category=lamps, stock=n % 3)
    make_product(
        "Scarf",
        slug="scarf",
        category=home,
        variants=[{"option_values": ["S", "Rouge"]}, {"option_values": ["M", "Bleu"]}],
        pictures=3,
    )


pytestmark = [both_engines, filled_by(section)]


def test_pages_stay_within_their_budgets(app: Flask, client: ShopClient) -> None:
    client.get("/menu")  # settings, sections and this process's counts are known from here on
    client.get("/products?in_stock=1")
    for url, most_made, most_kept in BUDGETS:
        with counted(app) as made:
            assert client.get(url).status_code == 200
        with counted(app) as kept:
            client.get(url)
        assert len(made) <= most_made, (url, made)
        assert len(kept) <= most_kept, (url, kept)


def test_a_list_stays_within_its_budget_when_everything_has_changed(
    app: Flask, client: ShopClient
) -> None:
    client.get("/products")
    with app.app_context():
        make_product("New")
    with counted(app) as made:
        client.get("/products")
    assert len(made) <= 4, made


def test_assets_and_machines_cost_nothing(app: Flask, client: ShopClient) -> None:
    with counted(app) as made:
        client.get("/robots.txt")
    assert made == []
