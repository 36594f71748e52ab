"""Staff type prices, and read them, as their shop writes them."""

from flask import Flask

from shop.settings.queries import shop_settings
from shop.settings.services import set_setting
from tests.admin.kit import fill_in
from tests.admin.test_products import variant_form
from tests.client import ShopClient
from tests.factories import make_product, variant_again


def test_prices_are_typed_as_the_shop_writes_them(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        set_setting("locale", "de_DE", user_id=None)
        variant = make_product().variants[0]
    page = f"/admin/products/{variant.product_id}"
    url = f"{page}/variants/{variant.id}"
    form = variant_form(owner, variant, price="1.250", compare_at="1.300,5")
    assert owner.post(url, data=form).status_code == 303
    shown = owner.get(page).text
    assert "Price: 1.250,00\xa0€, Price before: 1.300,50\xa0€" in shown
    assert 'value="1250,00"' in shown
    refused = owner.post(url, data=variant_form(owner, variant, price="12,500"))
    assert refused.status_code == 422
    assert "can be read in two ways. Write 12,50 or 12.500,00." in refused.text
    with app.app_context():
        after = variant_again(variant.id)
        assert (after.unit_amount, after.compare_at_amount) == (125000, 130050)


def test_a_region_that_the_list_does_not_name_survives_saving(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        set_setting("locale", "en_IN", user_id=None)
    assert (
        '<option selected value="en_IN">English (India)</option>'
        in owner.get("/admin/settings/shop").text
    )
    form = fill_in(owner, "/admin/settings/shop", "/admin/settings/shop", name="A", locale="en_IN")
    assert owner.post("/admin/settings/shop", data=form).status_code == 303
    with app.app_context():
        assert (shop_settings().locale, shop_settings().language) == ("en_IN", "en")
