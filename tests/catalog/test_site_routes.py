"""What is said about the whole site, and the visitor's preferences."""

from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from shop.catalog.queries import sitemap
from tests.client import ShopClient
from tests.factories import make_brand, make_category, make_product

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(document: str) -> list[str]:
    return [loc.text or "" for loc in ET.fromstring(document).iter(f"{NAMESPACE}loc")]


def test_the_sitemap_names_every_page_on_sale(
    app: Flask, client: ShopClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "SPAN", 2)
    with app.app_context():
        make_category("Home & Garden", slug="home")
        make_brand("Sorel", slug="sorel")
        for n in range(3):
            make_product(slug=f"piece-{n}")
        make_product(slug="draft", is_active=False)
    files = addresses(client.get("/sitemap.xml").text)
    found = [
        address
        for file in files
        for address in addresses(client.get(file.removeprefix("http://localhost")).text)
    ]
    assert sorted(found) == sorted(
        f"http://localhost{path}"
        for path in (
            "/",
            "/products",
            "/categories/home",
            "/brands/sorel",
            "/products/piece-0",
            "/products/piece-1",
            "/products/piece-2",
        )
    )
    assert client.get("/sitemaps/products-0.xml").status_code == 404
    assert client.get("/sitemaps/products-99999999999999999999.xml").status_code == 404


def test_robots_are_kept_from_personal_pages(client: ShopClient) -> None:
    response = client.get("/robots.txt")
    assert response.mimetype == "text/plain"
    assert "Disallow: /checkout" in response.text
    assert "Sitemap: http://localhost/sitemap.xml" in response.text


def test_the_theme_is_kept_and_forgotten(client: ShopClient) -> None:
    assert "data-theme" not in client.get("/").text.partition("<head>")[0]
    response = client.submit("/preferences", {"theme": "dark"}, page="/")
    assert (response.status_code, response.location) == (303, "/")
    assert "HttpOnly" in response.headers["Set-Cookie"]
    assert '<html lang="en" data-theme="dark">' in client.get("/").text
    client.submit("/preferences", {"theme": "evil"}, page="/")
    assert 'data-theme="dark"' in client.get("/").text
    client.submit("/preferences", {"theme": "system"}, page="/")
    assert "data-theme" not in client.get("/").text.partition("<head>")[0]


@pytest.mark.parametrize(
    ("form", "referrer", "location"),
    [
        ({}, "http://localhost/products?page=2", "/products?page=2"),
        ({}, "http://evil.example/products", "/"),
        ({"next": "/cart"}, "http://localhost/products", "/cart"),
        ({"next": "//evil.example"}, None, "/"),
        ({"next": "https://evil.example"}, None, "/"),
        ({"next": "/\\evil.example"}, None, "/"),
    ],
)
def test_preferences_lead_back_on_this_site_only(
    client: ShopClient, form: dict[str, str], referrer: str | None, location: str
) -> None:
    headers = {"Referer": referrer} if referrer else {}
    response = client.submit("/preferences", {"theme": "light", **form}, page="/", headers=headers)
    assert response.location == location


def test_preferences_want_a_token_and_a_post(client: ShopClient) -> None:
    assert client.post("/preferences", data={"theme": "dark"}).status_code == 400
    assert client.get("/preferences").status_code == 405
