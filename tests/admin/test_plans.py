"""The plan of a product, typed in the shop's own time, and a product made like another."""

import secrets

from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.models import Product, ProductImage, ProductVariant
from tests.admin.kit import fill_in, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import fresh, make_brand, make_category, make_product, product_again


@both_engines
def test_moments_and_prices_are_planned_once(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product(price=10_000, is_active=False, variants=[{"sku": "A"}])
        variant_id = product.variants[0].id
    url = f"/admin/products/{product.id}/plan"
    typed = {
        "on_at": "2030-03-31T03:30", "off_at": "2030-10-27T02:30", f"sale-{variant_id}": "80",
        f"since-{variant_id}": "2030-07-01T09:00", f"until-{variant_id}": "2030-07-08T09:00",
    }  # fmt: skip
    page = owner.get(url).text
    assert "Times of Europe/Paris" in page
    form = shown(page, f'action="{url}"') | typed
    assert [each.status_code for each in twice(owner, url, form)] == [303, 303]
    with app.app_context():
        planned = product_again(product.id)
        assert str(planned.on_sale_at) == "2030-03-31 01:30:00+00:00"
        assert str(planned.off_sale_at) == "2030-10-27 00:30:00+00:00"
        assert planned.due_at == planned.on_sale_at
        assert planned.variants[0].sale_amount == 8_000
        (entry,) = trail()
        assert entry.after
        assert entry.after["planned"]["A"][0] == 8_000
    again = owner.get(url).text
    assert 'value="2030-03-31T03:30"' in again
    stale = form | {"on_at": "2030-04-01T00:00", "form_token": secrets.token_hex(16)}
    answer = owner.post(url, data=stale)
    assert (answer.status_code, "It says now: 2030-03-31T03:30" in answer.text) == (409, True)
    for name, text, sentence in (
        ("on_at", "2030-03-31T02:30", "there is no such time"),
        ("off_at", "2030-01-01T00:00", "an end after the beginning"),
        (f"sale-{variant_id}", "100", "lower than the price"),
        (f"sale-{variant_id}", "", "Price"),
        (f"since-{variant_id}", "", "Enter when the price begins"),
        (f"until-{variant_id}", "x", "Enter a day and a time"),
    ):
        answer = owner.post(url, data=shown(again, f'action="{url}"') | {name: text})
        assert answer.status_code == 422, name
        assert sentence in answer.text or name.startswith("sale"), (name, text)
        assert f'id="{name}-error"' in answer.text, name
    empty = dict.fromkeys(typed, "")
    assert owner.post(url, data=shown(again, f'action="{url}"') | empty).status_code == 303
    with app.app_context():
        assert product_again(product.id).due_at is None
    assert sign_in(app, ["products.view"]).get(url).status_code == 403


@both_engines
def test_a_product_is_made_like_another_once(app: Flask, owner: ShopClient) -> None:
    sizes = [{"sku": f"A-{each}", "option_values": [each], "barcode": each} for each in "SM"]
    with app.app_context():
        product = make_product(
            "Ambre", category=make_category(), brand=make_brand(), stock=5, pictures=2,
            summary="Warm", description="Long", tags=["new"], details=[("Top", "Bergamot")],
            variants=sizes,
        )  # fmt: skip
        fresh()
        image = db.session.scalars(select(ProductImage)).first()
        assert image
        key, product_id = image.storage_key, product.id
    url = f"/admin/products/{product_id}"
    form = fill_in(owner, url, f"{url}/copies")
    first, second = twice(owner, f"{url}/copies", form)
    assert first.status_code == second.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    with app.app_context():
        fresh()
        assert len(db.session.scalars(select(Product.id)).all()) == 2
        copy = product_again(int(first.headers["Location"].rpartition("/")[2]))
        original = product_again(product_id)
        assert (copy.name, copy.slug, copy.is_active) == ("Ambre (copy)", "ambre-copy", False)
        for column in ("summary", "description", "details", "tags", "category_id", "brand_id"):
            assert getattr(copy, column) == getattr(original, column), column
        assert [v.sku for v in copy.variants] == ["AMBRE-COPY-S", "AMBRE-COPY-M"]
        assert {v.stock_on_hand for v in copy.variants} == {0}
        assert {v.barcode for v in copy.variants} == {None}
        assert [image.storage_key for image in copy.images] == [
            image.storage_key for image in original.images
        ]
        assert trail()[-1].action == "products.duplicate"
    remove = fill_in(owner, url, f"{url}/pictures", act=f"remove-{image.id}")
    assert owner.post(f"{url}/pictures", data=remove).status_code == 303
    with app.app_context():
        assert product_again(copy.id).images[0].storage_key == key
    again = fill_in(owner, url, f"{url}/copies")
    another = owner.post(f"{url}/copies", data=again).headers["Location"]
    assert "Ambre (copy)" in owner.get(another).text
    with app.app_context():
        fresh()
        skus = db.session.scalars(select(ProductVariant.sku)).all()
        assert len(set(skus)) == len(skus) == 6
