"""A forged Host header is seen by nobody but who sent it: not in kept pages, not in mails."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.auth.conftest import mails_of
from tests.client import ShopClient
from tests.factories import make_product, make_user

FORGED = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
KEPT = ("/", "/products", "/products/scarf")
FEEDS = ("/robots.txt", "/sitemap.xml", "/sitemaps/shelves.xml", "/sitemaps/products-1.xml")


@pytest.fixture(params=["", "https://maison.example"], ids=["development", "public"])
def site(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def shop(make_app: Callable[..., Flask], site: str) -> Flask:
    app = make_app(SITE_URL=site)
    with app.app_context():
        make_product("Scarf", slug="scarf")
        make_user("ada@example.com")
    return app


def client_of(shop: Flask) -> ShopClient:
    found = shop.test_client()
    assert isinstance(found, ShopClient)
    return found


def test_kept_pages_know_no_host(shop: Flask) -> None:
    for path in KEPT:
        assert client_of(shop).get(path, headers=FORGED).status_code == 200
        assert "evil" not in client_of(shop).get(path).text


def test_feeds_name_the_public_address_or_are_kept_by_nobody(shop: Flask, site: str) -> None:
    for path in FEEDS:
        answer = client_of(shop).get(path, headers=FORGED)
        if site:
            assert "evil" not in answer.text
            assert f"{site}/" in answer.text
        else:
            assert answer.headers["Cache-Control"] == "no-store"
        assert "evil" not in client_of(shop).get(path).text


def test_mails_know_no_host(shop: Flask) -> None:
    client, forged = client_of(shop), "https://evil.example"
    page = client.get("/password/forgot", base_url=forged).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "email": "ada@example.com"}
    sent = client.post(
        "/password/forgot", data=form, base_url=forged, headers={"Referer": f"{forged}/"}
    )
    assert sent.status_code == 200
    with shop.test_request_context("/", base_url=forged):  # a job that runs within a request
        [mail] = mails_of(shop)
    assert "/password/reset/" in mail.as_string()
    assert "evil" not in mail.as_string()


def test_other_hosts_are_refused_where_the_own_ones_are_named(
    make_app: Callable[..., Flask],
) -> None:
    client = make_app(TRUSTED_HOSTS="maison.example").test_client()
    assert client.get("/robots.txt", headers=FORGED).status_code == 400
    assert client.get("/robots.txt", headers={"Host": "maison.example"}).status_code == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(("header", "status"), [("Origin", 403), ("Referer", 303)])
def test_an_origin_that_is_no_address_is_refused_and_a_referer_decides_nothing(
    app: Flask, scheme: str, header: str, status: int
) -> None:
    client, base = app.test_client(), f"{scheme}://localhost"
    page = client.get("/login", base_url=base).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "theme": "dark"}
    for url in ("/preferences", "/logout"):
        answer = client.post(url, data=form, base_url=base, headers={header: f"{scheme}://[::1"})
        assert (answer.status_code, answer.headers.get("Location", "/")) == (status, "/")
