"""The products desk: nothing typed is lost, nothing is done twice, nobody is overwritten unseen."""

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from shop.catalog.input_types import ProductFields, VariantFields
from shop.catalog.services import copy_product, describe_picture, update_product, update_variant
from shop.core.db import db, transaction
from shop.jobs import drain
from shop.media.decode import MAX_BYTES
from shop.models import (
    Job,
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
    StockMovement,
)
from tests.admin.kit import fill_in, picture, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_brand, make_category, make_product, product_again, variant_again
from tests.orders import kit

NEW = {
    "name": "Cèdre Candle",
    "sku": "CED-1",
    "price": "64.00",
    "stock": "5",
    "weight": "400",
    "stock_policy": "deny",
    "tax_class": "standard",
}


def new_form(client: ShopClient, **typed: Any) -> dict[str, Any]:
    return fill_in(client, "/admin/products/new", "/admin/products", **{**NEW, **typed})


def edit_form(client: ShopClient, product: Product, **typed: Any) -> dict[str, Any]:
    url = f"/admin/products/{product.id}"
    present = {"name": product.name, "slug": product.slug, **typed}
    return fill_in(client, url, url, **present)


def variant_form(client: ShopClient, variant: ProductVariant, **typed: Any) -> dict[str, Any]:
    page = f"/admin/products/{variant.product_id}"
    values = {
        "sku": variant.sku,
        "price": "148.00",
        "stock_policy": "deny",
        "tax_class": "standard",
        "weight": "0",
        "is_active": "y",
        **{f"value_{n}": value for n, value in enumerate(variant.option_values)},
        **typed,
    }
    prefixed = {f"v{variant.id}-{name}": value for name, value in values.items() if value != ""}
    return fill_in(client, page, f"{page}/variants/{variant.id}", **prefixed)


# ---- Making one


@both_engines
def test_a_product_sent_twice_is_made_once(app: Flask, owner: ShopClient) -> None:
    form = new_form(owner, is_active="1")
    answers = twice(owner, "/admin/products", form)
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    with app.app_context():
        assert db.session.scalar(select(func.count(Product.id))) == 1
        entries = [(e.action, e.after["name"]) for e in trail() if e.after]
        assert entries == [("products.create", "Cèdre Candle")]


def test_a_bad_picture_keeps_the_form(app: Flask, owner: ShopClient) -> None:
    form = new_form(
        owner,
        summary="Cedar and smoke.",
        detail_title=["Notes", "Care"],
        detail_text=["Cedar.", "Trim the wick."],
        is_active="1",
        pictures=[(io.BytesIO(b"<html>"), "page.png")],
    )
    answer = owner.post("/admin/products", data=form)
    assert answer.status_code == 422
    for kept in (
        "Cèdre Candle",
        "Cedar and smoke.",
        "CED-1",
        "64.00",
        "Trim the wick.",
        "page.png",
    ):
        assert kept in answer.text
    assert 'name="is_active" value="1" checked' in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(Product.id))) == 0


def test_a_picture_of_more_than_25_mb_is_too_large(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product()
    url = f"/admin/products/{product.id}"
    answer = post_large(owner, "/admin/products", new_form(owner))
    assert "Cèdre Candle" in answer.text
    post_large(owner, f"{url}/pictures", fill_in(owner, url, f"{url}/pictures"))
    with app.app_context():
        assert db.session.scalar(select(func.count(Product.id))) == 1


def post_large(client: ShopClient, action: str, form: dict[str, Any]) -> TestResponse:
    """Send the form with a picture that is too large, and see that the page says so."""
    large = io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * MAX_BYTES)
    answer = client.post(action, data={**form, "pictures": [(large, "large.png")]})
    answer.request.environ["wsgi.input"].close()  # the client leaves its temporary file open
    assert answer.status_code == 413
    assert "large.png: The picture is larger than 25 MB." in answer.text
    return answer


@pytest.mark.parametrize("permissions", [None, ["products.view", "orders.view"]])
def test_who_may_not_upload_sends_no_large_bodies(
    app: Flask, permissions: list[str] | None
) -> None:
    client = sign_in(app, permissions)
    for url in ("/admin/products", "/admin/products/1/pictures"):
        answer = client.post(
            url,
            data=b"--x",
            content_type="multipart/form-data; boundary=x",
            environ_overrides={"CONTENT_LENGTH": str(2 * 1024 * 1024)},
        )
        assert answer.status_code == 413


@both_engines
def test_each_combination_of_options_becomes_a_variant(app: Flask, owner: ShopClient) -> None:
    typed = {
        "option_name": ["Size", "Colour"],
        "option_values": ["1/2 l\n1 l", "Amber #b5651d\nJet"],
    }
    form = new_form(owner, **typed, sku="")
    answer = owner.post("/admin/products", data=form)
    assert answer.status_code == 303
    assert answer.location.endswith("/grid"), "their prices and stock are next"
    with app.app_context():
        options = db.session.scalars(select(ProductOption).order_by(ProductOption.position)).all()
        assert [option.name for option in options] == ["Size", "Colour"]
        assert options[1].values[0] == {"label": "Amber", "hex": "#b5651d"}
        made = db.session.scalars(select(ProductVariant).order_by(ProductVariant.position)).all()
        assert [(v.sku, v.option_values) for v in made] == [
            ("CEDRE-CANDLE-12L-AMBER", ["1/2 l", "Amber"]),
            ("CEDRE-CANDLE-12L-JET", ["1/2 l", "Jet"]),
            ("CEDRE-CANDLE-1L-AMBER", ["1 l", "Amber"]),
            ("CEDRE-CANDLE-1L-JET", ["1 l", "Jet"]),
        ]
        assert {(v.unit_amount, v.stock_on_hand) for v in made} == {(6400, 5)}


@pytest.mark.parametrize(
    ("names", "values", "sentence"),
    [
        (["Size"], [""], "Each option needs a name"),
        ([""], ["S\nM"], "Each option needs a name"),
        (["Size"], ["S\ns"], "Size has the same value twice"),
        (["Size"], ["S #12345"], None),
        (["A", "B"], ["\n".join(map(str, range(11)))] * 2, "These make 121 variants"),
        (["A", "B", "C"], ["\n".join(map(str, range(100)))] * 3, "These make 1000000 variants"),
    ],
    ids=["no values", "no name", "twice", "no colour", "121", "a million"],
)
def test_options_that_make_no_variants_are_refused_and_kept(
    app: Flask, owner: ShopClient, names: list[str], values: list[str], sentence: str | None
) -> None:
    form = new_form(owner, option_name=names, option_values=values)
    answer = owner.post("/admin/products", data=form)
    with app.app_context():
        count = db.session.scalar(select(func.count(Product.id)))
    if sentence is None:
        assert (answer.status_code, count) == (303, 1)
        return
    assert (answer.status_code, count) == (422, 0)
    assert sentence in answer.text
    assert f'name="option_name" maxlength="60" value="{names[0]}"' in answer.text


def test_a_sku_is_made_that_no_other_has(app: Flask, owner: ShopClient) -> None:
    """Also where two values look the same without their signs."""
    options = {"option_name": "Size", "option_values": "1/2 l\n12 l"}
    for typed in ({"sku": ""}, {"sku": ""}, {"sku": "CED", **options}, {"sku": "CED", **options}):
        assert owner.post("/admin/products", data=new_form(owner, **typed)).status_code == 303
    with app.app_context():
        skus = db.session.scalars(select(ProductVariant.sku).order_by(ProductVariant.id)).all()
    assert skus == [
        "CEDRE-CANDLE",
        "CEDRE-CANDLE-2",
        "CED-12L",
        "CED-12L-2",
        "CED-12L-3",
        "CED-12L-4",
    ]


# ---- Changing one


def test_all_details_are_shown_and_kept(app: Flask, owner: ShopClient) -> None:
    details = [(f"Title {n}", f"Text {n}") for n in range(7)]
    with app.app_context():
        product = make_product("Ambre", details=details)
    url = f"/admin/products/{product.id}"
    page = owner.get(url).text
    for title, text in details:
        assert f'value="{title}"' in page
        assert f">{text}</textarea>" in page
    typed = {"detail_title": [t for t, _ in details], "detail_text": [x for _, x in details]}
    assert owner.post(url, data=edit_form(owner, product, **typed)).status_code == 303
    with app.app_context():
        kept = product_again(product.id).details
        assert [(row["title"], row["text"]) for row in kept] == details


def test_search_engines_are_told_what_staff_say_else_name_and_sentence(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        product = make_product("Ambre", summary="A warm sentence.", brand=make_brand("Lumen"))
    url, page = f"/admin/products/{product.id}", f"/products/{product.slug}"
    shown = owner.get(page).text
    assert "<title>Ambre, Lumen — " in shown
    assert '<meta name="description" content="A warm sentence.">' in shown
    typed = {
        "summary": "A warm sentence.",
        "seo_title": 'Amber "No. 5"',
        "seo_description": "x" * 251,
    }
    refused = owner.post(url, data=edit_form(owner, product, **typed))
    assert (refused.status_code, "Use at most 250 characters." in refused.text) == (422, True)
    typed["seo_description"] = "Amber,\r\nby hand."
    assert owner.post(url, data=edit_form(owner, product, **typed)).status_code == 303
    shown = owner.get(page).text
    assert "<title>Amber &#34;No. 5&#34; — " in shown
    assert shown.count('content="Amber, by hand."') == 2
    assert '<meta property="og:title" content="Amber &#34;No. 5&#34;">' in shown
    assert '<p class="seo-title">Amber &#34;No. 5&#34; — ' in owner.get(url).text
    with app.app_context():
        copy = product_again(copy_product(product.id, "(copy)", user_id=None))
        assert (copy.seo_title, copy.seo_description) == ('Amber "No. 5"', "Amber, by hand.")


def test_details_survive_a_refusal(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Ambre")
    url = f"/admin/products/{product.id}"
    typed = {"name": "", "detail_title": ["Notes", "Care"], "detail_text": ["Iris.", ""]}
    answer = owner.post(url, data=edit_form(owner, product, **typed))
    assert answer.status_code == 422
    assert 'value="Notes"' in answer.text
    assert ">Iris.</textarea>" in answer.text
    assert "Enter both a title and a text: Care" in answer.text


@both_engines
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"category_id": "999999"}, "Choose a category."),
        ({"category_id": "abc"}, "Choose a category."),
        ({"brand_id": "-1"}, "Choose a house."),
        ({"tags": "x" * 61}, "Use at most 40 tags"),
        ({"tags": ",".join("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR")}, "Use at most 40 tags"),
        ({"detail_title": ["x" * 121], "detail_text": ["y"]}, "120 characters"),
        ({"detail_title": ["x"] * 21, "detail_text": ["y"] * 21}, "at most 20 details"),
        ({"summary": "x" * 1001}, "1,000 characters"),
    ],
)
def test_what_cannot_be_stored_is_refused_in_words(
    app: Flask, owner: ShopClient, typed: dict[str, Any], sentence: str
) -> None:
    with app.app_context():
        product = make_product("Ambre")
    url = f"/admin/products/{product.id}"
    answer = owner.post(url, data=edit_form(owner, product, **typed))
    assert answer.status_code == 422
    assert sentence in answer.text


@both_engines
@pytest.mark.parametrize(
    "column", [{"summary": "x" * 1001}, {"tags": ["x" * 30_000]}, {"details": ["x" * 1_300_000]}]
)
def test_the_database_knows_the_lengths(app: Flask, column: dict[str, Any]) -> None:
    with app.app_context():
        product = make_product()
        with pytest.raises(IntegrityError), transaction() as session:
            found = session.get_one(Product, product.id)
            for name, value in column.items():
                setattr(found, name, value)


@both_engines
def test_a_form_that_was_overtaken_shows_both_and_changes_nothing(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        product = make_product("Before", category=make_category("Rings"))
        category = make_category("Lamps").id
    url = f"/admin/products/{product.id}"
    form = edit_form(owner, product, name="Mine", summary="My words", category_id="")
    with app.app_context():
        fields = ProductFields(name="Theirs", slug=product.slug, summary="", category_id=category)
        update_product(product.id, fields)
    stale = owner.post(url, data=form)
    assert stale.status_code == 409
    for words in ("It says now: Theirs", "It says now: Lamps", 'value="Mine"', "My words"):
        assert words in stale.text
    with app.app_context():
        assert product_again(product.id).name == "Theirs"
    again = {**form, **fill_in_again(stale.text, url)}
    assert owner.post(url, data=again).status_code == 303, "sent once more, it wins"
    with app.app_context():
        assert product_again(product.id).name == "Mine"


def fill_in_again(text: str, action: str) -> dict[str, str]:
    from tests.admin.kit import hidden

    return hidden(text, f'action="{action}"')


@both_engines
def test_the_history_says_who_did_what(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Before")
    url = f"/admin/products/{product.id}"
    assert "<h2>History" not in owner.get(url).text
    form = edit_form(owner, product, name="After", tags="new")
    assert owner.post(url, data=form).status_code == 303
    off = fill_in(owner, url, f"{url}/status", status="draft")
    assert owner.post(f"{url}/status", data=off).status_code == 303
    page = owner.get(url).text
    assert "name, tags, by ada-" in page
    assert "off sale, by ada-" in page


def test_a_new_picture_overtakes_no_words(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Before")
    form = edit_form(owner, product, name="After")
    with app.app_context():
        image = db.session.scalars(select(ProductImage.id)).first()
        assert image
        describe_picture(image, "A bottle")
    assert owner.post(f"/admin/products/{product.id}", data=form).status_code == 303


# ---- Variants and stock


@both_engines
def test_a_simple_product_gets_a_second_variant(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Ambre")
    url = f"/admin/products/{product.id}"
    options = fill_in(
        owner,
        f"{url}/options",
        f"{url}/options",
        option_name=["Size", "", ""],
        option_values=["1/2 l #a1b2c3\n1 l", "", ""],
    )
    assert owner.post(f"{url}/options", data=options).status_code == 303
    new = {"sku": "AMB-2", "price": "99", "value_0": "2 l", "weight": "0", "stock": "3"}
    new |= {"stock_policy": "deny", "tax_class": "reduced", "is_active": "y", "barcode": "4006381"}
    typed = {f"new-{name}": value for name, value in new.items()}
    form = fill_in(owner, url, f"{url}/variants", **typed)
    assert [a.status_code for a in twice(owner, f"{url}/variants", form)] == [303, 303]
    with app.app_context():
        variants = product_again(product.id).variants
        assert [v.option_values for v in variants] == [["1/2 l"], ["2 l"]]
        assert variants[1].barcode == "4006381"
        assert [entry.action for entry in trail()] == ["products.options", "products.variant_add"]
        values = db.session.scalars(select(ProductOption.values)).one()
        assert values[0] == {"label": "1/2 l", "hex": "#a1b2c3"}


def test_options_that_others_changed_are_not_overwritten(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Ambre")
    url = f"/admin/products/{product.id}/options"
    forms = [
        fill_in(owner, url, url, option_name=[name], option_values=["A"])
        for name in ("Size", "Colour")
    ]
    assert owner.post(url, data=forms[0]).status_code == 303
    stale = owner.post(url, data=forms[1])
    assert stale.status_code == 409
    assert 'value="Colour"' in stale.text
    lost = fill_in(owner, url, url, option_name=[""], option_values=[""])
    assert owner.post(url, data=lost).status_code == 303, "one variant needs no option"


@both_engines
def test_a_variant_is_changed_taken_off_sale_and_withdrawn(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product(variants=[{"option_values": ["50 ml"]}, {"option_values": ["1/2"]}])
        first, second = product.variants
    url = f"/admin/products/{product.id}/variants"
    form = variant_form(owner, second, price="12.00", is_active="", barcode="123")
    assert owner.post(f"{url}/{second.id}", data=form).status_code == 303
    with app.app_context():
        after = variant_again(second.id)
        assert (after.unit_amount, after.is_active, after.barcode) == (1200, False, "123")
        assert after.option_values == ["1/2"]
    wrong = variant_form(owner, second, price="abc")
    bad = owner.post(f"{url}/{second.id}", data=wrong)
    assert bad.status_code == 422
    assert "Enter an amount" in bad.text
    page = f"/admin/products/{product.id}"
    away = fill_in(owner, page, f"{url}/{second.id}/archive")
    assert [a.status_code for a in twice(owner, f"{url}/{second.id}/archive", away)] == [303, 303]
    with app.app_context():
        assert variant_again(second.id).archived_at is not None
        actions = [entry.action for entry in trail()]
        assert actions == ["products.variant", "products.variant_archive"]
    last = owner.submit(f"{url}/{first.id}/archive", page="/cart")
    assert last.status_code == 422


def test_a_variant_that_others_changed_is_not_overwritten(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        variant = make_product().variants[0]
    url = f"/admin/products/{variant.product_id}/variants/{variant.id}"
    form = variant_form(owner, variant, price="10.00", weight="5")
    with app.app_context():
        fields = VariantFields(sku=variant.sku, unit_amount=2000)
        update_variant(variant.id, fields, user_id=None)
    stale = owner.post(url, data=form)
    assert stale.status_code == 409
    assert "It says now: 20.00" in stale.text
    assert 'value="10.00"' in stale.text
    with app.app_context():
        assert variant_again(variant.id).unit_amount == 2000


def test_a_sale_overtakes_no_form(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product("Before", stock=5)
        variant = product.variants[0]
    edit, price = edit_form(owner, product, name="After"), variant_form(owner, variant, price="9")
    with app.app_context():
        ref = kit.to_payment(kit.fill_cart(product))[1]
        kit.pay(ref)
        drain()
    url = f"/admin/products/{product.id}"
    assert owner.post(url, data=edit).status_code == 303
    assert owner.post(f"{url}/variants/{variant.id}", data=price).status_code == 303


@both_engines
def test_stock_booked_twice_counts_once(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        variant = make_product(stock=3).variants[0]
    page = f"/admin/products/{variant.product_id}"
    form = fill_in(owner, page, f"{page}/stock", delta="+10", reason="Box")
    assert [a.status_code for a in twice(owner, f"{page}/stock", form)] == [303, 303]
    with app.app_context():
        assert variant_again(variant.id).stock_on_hand == 13
        reasons = db.session.scalars(select(StockMovement.reason)).all()
        assert reasons.count("Box") == 1
        assert [entry.action for entry in trail()] == ["stock.adjust"]


def test_a_form_that_one_went_back_to_is_another_booking(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        variant = make_product(stock=3).variants[0]
    page = f"/admin/products/{variant.product_id}"
    form = fill_in(owner, page, f"{page}/stock", delta="+10")
    for delta in ("+10", "+5", "+5"):
        answer = owner.post(f"{page}/stock", data={**form, "delta": delta})
        assert answer.status_code == 303
    with app.app_context():
        assert variant_again(variant.id).stock_on_hand == 18


def test_another_products_variant_is_not_found(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        mine, other = make_product(), make_product()
    foreign = other.variants[0].id
    url = f"/admin/products/{mine.id}"
    for path, form in (
        (f"{url}/variants/{foreign}/archive", {}),
        (f"{url}/stock", {"variant_id": foreign, "delta": "1"}),
    ):
        assert owner.submit(path, form, page="/cart").status_code == 404


# ---- Lists


@both_engines
def test_many_products_go_on_and_off_sale_at_once(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        products = [make_product(f"Piece {n}", is_active=False) for n in range(3)]
        ended = make_product("Gone", is_active=False, variants=[{"is_active": False}])
    ids = [str(p.id) for p in (*products, ended)]
    form = fill_in(owner, "/admin/products", "/admin/products/bulk", product_id=ids, status="sale")
    answer = owner.post("/admin/products/bulk", data=form, follow_redirects=True)
    assert "3 products changed." in answer.text
    assert "Gone: Put at least one variant on sale first." in answer.text
    with app.app_context():
        assert [product_again(p.id).is_active for p in products] == [True] * 3
        assert [entry.action for entry in trail()] == ["products.status"] * 3
    nothing = {**form, "product_id": []}
    assert owner.post("/admin/products/bulk", data=nothing).status_code == 422


@both_engines
def test_lists_fold_accents_and_take_shelves_with_what_is_below(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        category = make_category("Scent")
        make_product("Néroli", category=make_category("Perfume", parent=category))
        make_product("Ambre", category=make_category("Rings"))
    for query in ("q=neroli", "q=N%C3%89ROLI", f"category={category.id}"):
        page = owner.get(f"/admin/products?{query}").text
        assert "Néroli</a>" in page, query
        assert "Ambre</a>" not in page, query
    assert owner.get("/admin/find?q=neroli").location.startswith("/admin/products?")


def test_the_providers_copy_is_made_again(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product()
        jobs = select(func.count(Job.id)).where(Job.name == "payments.sync_product")
        before = db.session.scalar(jobs) or 0
    url = f"/admin/products/{product.id}"
    answers = twice(owner, f"{url}/sync", fill_in(owner, url, f"{url}/sync"))
    assert [answer.status_code for answer in answers] == [303, 303]
    with app.app_context():
        assert db.session.scalar(jobs) == before + 1


@both_engines
def test_pictures_are_described_moved_and_removed_with_their_trail(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        product = make_product(pictures=2)
        first, second = [image.id for image in product.images]
    url = f"/admin/products/{product.id}"
    form = fill_in(owner, url, f"{url}/pictures", act=f"earlier-{second}")
    form |= {f"alt-{first}": "Front", "pictures": [(picture("#123456"), "third.png")]}
    assert owner.post(f"{url}/pictures", data=form).status_code == 303
    with app.app_context():
        images = product_again(product.id).images
        assert [image.alt for image in images][1] == "Front"
        assert [image.id for image in images][:2] == [second, first]
        assert len(images) == 3
        entry = trail()[-1]
        assert entry.action == "products.pictures"
        assert len(entry.after["pictures"]) == 3


def test_a_picture_says_which_variant_it_shows(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product(pictures=2, variants=[{}, {}, {}])
        foreign = make_product().variants[0].id
        second = product.images[1].id
        chosen = product.variants[2].id
    url = f"/admin/products/{product.id}"

    def send(value: object) -> int:
        form = fill_in(owner, url, f"{url}/pictures") | {f"shows-{second}": str(value)}
        return owner.post(f"{url}/pictures", data=form).status_code

    def shown() -> list[int | None]:
        with app.app_context():
            return [image.variant_id for image in product_again(product.id).images]

    assert send(chosen) == 303
    assert shown() == [None, chosen]
    with app.app_context():
        assert trail()[-1].after["pictures"][1][2] == chosen
        key = product_again(product.id).images[1].storage_key
    page = owner.get(f"/products/{product.slug}?variant={chosen}").text
    assert f'data-first="{key}"' in page
    for wrong in (foreign, 10**6, "x", "-1"):
        assert send(wrong) in {404, 422}, wrong
        assert shown() == [None, chosen], wrong
    assert send("") == 303
    assert shown() == [None, None]
