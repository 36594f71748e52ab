"""All variants of a product at once: what is typed is done whole or not at all, and once."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.input_types import variant_content
from shop.catalog.services import update_variant
from shop.core.db import db
from shop.models import MovementKind, PriceChange, ProductVariant, StockMovement, StockPolicy
from tests.admin.kit import shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product, product_again
from tests.orders import kit
from tests.sql import counted

SIZES = [{"option_values": [size], "sku": f"AMB-{size}"} for size in ("S", "M", "L")]


@pytest.fixture
def variants(app: Flask) -> list[int]:
    """Return the ids of three variants of a product, of 5 pieces at 148.00 each."""
    with app.app_context():
        return [variant.id for variant in make_product("Ambre", variants=SIZES, stock=5).variants]


@pytest.fixture
def url(app: Flask, variants: list[int]) -> str:
    with app.app_context():
        return f"/admin/products/{row(variants[0]).product_id}/grid"


def row(variant_id: int) -> ProductVariant:
    db.session.close()
    return db.session.get_one(ProductVariant, variant_id)


def rows(app: Flask, variants: list[int]) -> list[tuple[int, int | None, int, bool]]:
    """Return price, price before, pieces on hand and whether it is on sale, of each."""
    with app.app_context():
        found = [row(variant_id) for variant_id in variants]
        return [(v.unit_amount, v.compare_at_amount, v.stock_on_hand, v.is_active) for v in found]


def filled(client: ShopClient, url: str, **typed: str) -> dict[str, str]:
    """Return the grid's form as a browser sends it, `typed` over it; "-" unticks a box."""
    form = shown(client.get(url).text, f'action="{url}"') | typed
    return {name: value for name, value in form.items() if value != "-"}


@both_engines
def test_prices_and_stock_are_typed_through_once(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    first, second, third = variants
    typed = {
        f"price-{first}": "150", f"stock-{first}": "12",
        f"before-{second}": "160.00", f"stock-{second}": "0",
        f"sold-{third}": "-",
    }  # fmt: skip
    form = filled(owner, url, **typed)
    assert [answer.status_code for answer in twice(owner, url, form)] == [303, 303]
    assert rows(app, variants) == [
        (15000, None, 12, True),
        (14800, 16000, 0, True),
        (14800, None, 5, False),
    ]
    with app.app_context():
        moved = select(StockMovement.variant_id, StockMovement.quantity)
        counted_anew = moved.where(StockMovement.kind == MovementKind.CORRECTION)
        assert db.session.execute(counted_anew).all() == [(first, 7), (second, -5)]
        prices = select(PriceChange.new_amount, PriceChange.user_id).where(
            PriceChange.variant_id == first, PriceChange.old_amount.is_not(None)
        )
        assert [price for price, who in db.session.execute(prices) if who] == [15000]
        entry = trail()[-1]
        assert entry.action == "products.grid"
        assert entry.before["variants"]["AMB-S"][0] == 14800
        assert entry.after["variants"]["AMB-S"][0] == 15000


def test_a_grid_that_is_sent_as_it_is_changes_nothing(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    with app.app_context():
        versions = [row(variant_id).version for variant_id in variants]
    assert owner.post(url, data=filled(owner, url)).status_code == 303
    with app.app_context():
        assert [row(variant_id).version for variant_id in variants] == versions
        assert db.session.scalars(select(StockMovement.kind).distinct()).all() == ["initial"]


@pytest.mark.parametrize(
    ("cell", "typed", "sentence"),
    [
        ("price", "free", "148.00"),
        ("price", "-1", "148.00"),
        ("before", "100", "must be higher than the price"),
        ("stock", "-1", "how many pieces"),
        ("stock", "1.5", "how many pieces"),
        ("stock", "9999999", "At most 1000000 pieces"),
        ("stock", "", "how many pieces"),
    ],
)
def test_nonsense_in_a_cell_is_said_there_and_nothing_is_saved(
    app: Flask,
    owner: ShopClient,
    variants: list[int],
    url: str,
    cell: str,
    typed: str,
    sentence: str,
) -> None:
    before = rows(app, variants)
    first, second, _third = variants
    form = filled(
        owner, url, **{f"price-{first}": "99", f"stock-{first}": "3", f"{cell}-{second}": typed}
    )
    form[f"{cell}-{second}"] = typed
    answer = owner.post(url, data=form)
    assert answer.status_code in {409, 422}
    assert sentence in answer.text
    assert f'id="{cell}-{second}-error"' in answer.text
    assert f'name="price-{first}" value="99"' in answer.text, "what was typed stays"
    assert rows(app, variants) == before
    with app.app_context():
        assert [entry.action for entry in trail()] == []


def test_the_last_variant_stays_on_sale_while_the_product_is(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    form = filled(owner, url, **{f"sold-{variant_id}": "-" for variant_id in variants})
    answer = owner.post(url, data=form)
    assert answer.status_code == 422
    assert "Take the product off sale first" in answer.text
    assert f'id="sold-{variants[0]}" name="sold-{variants[0]}" value="1">' in answer.text


@both_engines
def test_a_sale_meanwhile_is_not_undone(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    """Who counts 7 where 5 were shown found two more, whatever was sold since."""
    form = filled(owner, url, **{f"stock-{variants[0]}": "7"})
    with app.app_context():
        _order, ref = kit.to_payment(
            kit.fill_cart(product_again(row(variants[0]).product_id), quantity=1)
        )
        kit.pay(ref)
    assert owner.post(url, data=form).status_code == 303
    assert rows(app, variants)[0] == (14800, None, 6, True)


@both_engines
def test_a_price_that_others_changed_is_shown_and_not_overwritten(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    first, second, _third = variants
    form = filled(owner, url, **{f"price-{first}": "150", f"stock-{second}": "9"})
    with app.app_context():
        dearer = replace(variant_content(row(first)), unit_amount=15500)
        update_variant(first, dearer, user_id=None)
    answer = owner.post(url, data=form)
    assert answer.status_code == 409
    assert "It says now: 155.00" in answer.text
    assert rows(app, variants)[:2] == [(15500, None, 5, True), (14800, None, 5, True)]
    again = shown(answer.text, f'action="{url}"')
    assert again[f"price-{first}"] == "150"
    assert owner.post(url, data=again).status_code == 303
    assert rows(app, variants)[:2] == [(15000, None, 5, True), (14800, None, 9, True)]


def test_each_changes_what_they_may(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    typed = {f"price-{variants[0]}": "150", f"stock-{variants[0]}": "9"}
    form = filled(owner, url, **typed)
    for permissions, status, becomes in (
        (["products.view"], 403, (14800, None, 5, True)),
        (["products.view", "stock.edit"], 303, (14800, None, 9, True)),
        (["products.view", "products.edit"], 303, (15000, None, 9, True)),
    ):
        client = sign_in(app, permissions)
        page = client.get(url).text
        assert ('name="price-' in page) == ("products.edit" in permissions)
        assert ('name="stock-' in page) == ("stock.edit" in permissions)
        token = {"csrf_token": client.token("/cart"), "form_token": secrets.token_hex(16)}
        answer = client.post(url, data={**form, **token, f"seen-{variants[0]}": "5"})
        assert answer.status_code == status, permissions
        assert rows(app, variants)[0] == becomes


def test_what_is_not_counted_has_no_number(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        card = make_product(
            "Gift card", variants=[{"stock_policy": StockPolicy.UNTRACKED, "stock": 0}]
        )
        variant_id = card.variants[0].id
    url = f"/admin/products/{card.id}/grid"
    assert (
        owner.post(url, data=filled(owner, url, **{f"price-{variant_id}": "25"})).status_code == 303
    )
    assert rows(app, [variant_id]) == [(2500, None, 0, True)]


@both_engines
def test_missing_combinations_are_made_in_one_step(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        one = {
            "option_values": ["S", "Red"],
            "sku": "RING-S-RED",
            "weight_grams": 40,
            "barcode": "1",
        }
        product = make_product("Ring", variants=[one], stock=3)
    page = f"/admin/products/{product.id}"
    options = {"option_name": ["Size", "Colour"], "option_values": ["S\nM", "Red\nJet"]}
    version = shown(owner.get(f"{page}/options").text, f'action="{page}/options"')
    answer = owner.post(f"{page}/options", data={**version, **options})
    assert answer.location == f"{page}/grid"
    grid = owner.get(answer.location).text
    assert "3 combinations of the options are no variants yet." in grid
    form = shown(grid, f'action="{page}/combinations"')
    answers = twice(owner, f"{page}/combinations", form)
    assert [each.status_code for each in answers] == [303, 303]
    assert "Make" not in owner.get(f"{page}/grid").text
    with app.app_context():
        made = db.session.scalars(select(ProductVariant).order_by(ProductVariant.position)).all()
        assert [
            (v.sku, v.stock_on_hand, v.unit_amount, v.weight_grams, v.barcode) for v in made
        ] == [
            ("RING-S-RED", 3, 14800, 40, "1"),
            ("RING-S-JET", 0, 14800, 40, None),
            ("RING-M-RED", 0, 14800, 40, None),
            ("RING-M-JET", 0, 14800, 40, None),
        ]
        assert [entry.action for entry in trail()][-1] == "products.variant_add"


def test_a_grid_of_a_hundred_costs_as_few_statements_as_one_of_one(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        many = [{"option_values": [str(n)]} for n in range(100)]
        ids = [make_product("One").id, make_product("Many", variants=many).id]
    counts: list[int] = []
    owner.get("/admin/products")
    for product_id in ids:
        with counted(app) as statements:
            assert owner.get(f"/admin/products/{product_id}/grid").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10, counts


def test_a_variant_withdrawn_meanwhile_stops_nobody(
    app: Flask, owner: ShopClient, variants: list[int], url: str
) -> None:
    form: dict[str, Any] = filled(owner, url, **{f"price-{variants[0]}": "150"})
    page = url.removesuffix("/grid")
    archive = f"{page}/variants/{variants[2]}/archive"
    assert (
        owner.post(archive, data=shown(owner.get(page).text, f'action="{archive}"')).status_code
        == 303
    )
    assert owner.post(url, data=form).status_code == 303
    assert rows(app, variants)[0][0] == 15000
