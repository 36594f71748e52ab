"""The link that shows a draft: who sees what, for how long, and what it never does."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.catalog.queries.previews import find_preview
from shop.catalog.services import (
    PREVIEW_LIFETIME,
    activate_product,
    archive_product,
    make_preview,
    revoke_preview,
)
from shop.core import clock
from shop.core.db import db
from shop.core.errors import BadInput
from shop.models import Product, VisitSum
from tests.client import ShopClient
from tests.factories import make_product

TWO = [{"option_values": ["A"]}, {"option_values": ["B"]}]


def draft(**fields: object) -> tuple[Product, str]:
    """Return a draft and the path of its link."""
    product = make_product("Ambre", slug="ambre", is_active=False, **fields)  # type: ignore[arg-type]
    make_preview(product.id)
    return product, link_of(product.id)


def link_of(product_id: int) -> str:
    link = find_preview(product_id)
    assert link
    return link.path


def test_a_draft_is_shown_to_whoever_has_the_link(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        _, path = draft(variants=TWO)
    assert client.get("/products/ambre").status_code == 404
    answer = client.get(path)
    assert answer.status_code == 200
    assert "This is a preview" in answer.text
    assert '<meta name="robots" content="noindex, nofollow">' in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    for told in ("ld+json", "canonical", "og:title", "/products/ambre"):
        assert told not in answer.text


def test_a_choice_stays_on_the_preview(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product, path = draft(variants=TWO, stock=0)
    other = product.variants[1].id
    assert f'href="{path}?variant={other}"' in client.get(path).text
    chosen = client.get(f"{path}?variant={other}").text
    assert re.search(rf'value="{other}" checked', chosen)
    assert "Sold out" not in chosen  # although nothing lies there yet


def test_nothing_on_it_can_be_bought(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product, path = draft()
    page = client.get(path).text
    assert 'id="buy" data-address' in page
    assert 'name="from" value="product"' not in page
    assert "Add to bag" not in page
    client.post("/cart/items", data={"variant_id": product.variants[0].id, "quantity": "1"})
    assert "Ambre" not in client.get("/cart").text


def test_it_is_no_visit(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        _, path = draft()
        make_product("Iris", slug="iris")

    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

    def counted() -> int:
        app.extensions["visits"].store()
        with app.app_context():
            return db.session.scalar(select(func.sum(VisitSum.visitors))) or 0

    client.get(path)
    assert counted() == 0
    client.get("/products/iris")
    assert counted() == 1


def test_links_that_are_wrong_replaced_or_revoked_are_not_found(
    app: Flask, client: ShopClient
) -> None:
    with app.app_context():
        product, first = draft()
        make_preview(product.id)
        second = link_of(product.id)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    for wrong in (f"{second}x", "/preview/x", "/preview/é", second[:-4]):
        assert client.get(wrong).status_code == 404
    with app.app_context():
        revoke_preview(product.id)
        assert find_preview(product.id) is None
    assert client.get(second).status_code == 404


def test_it_expires(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product, path = draft()
    clock.move(PREVIEW_LIFETIME.total_seconds() - 60)
    assert client.get(path).status_code == 200
    clock.move(61)
    with app.app_context():
        assert find_preview(product.id) is None
    assert client.get(path).status_code == 404


def test_it_leads_to_the_piece_once_that_is_on_sale(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        product, path = draft()
        activate_product(product.id)
        with pytest.raises(BadInput):
            make_preview(product.id)
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, "/products/ambre")
    with app.app_context():
        archive_product(product.id)
    assert client.get(path).status_code == 404
