"""The desk of categories and brands: the tree as the shop shows it, changed by one at a time."""

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.input_types import ProductFields
from shop.catalog.services import update_category, update_product
from shop.core.db import db, transaction
from shop.models import Brand, Category, CouponCategory
from tests.admin.kit import shown, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import coupon
from tests.factories import make_brand, make_category, make_product
from tests.sql import counted


def form_of(client: ShopClient, page: str, action: str, **typed: str) -> dict[str, str]:
    """Return what the form sends, `typed` over it; "-" unticks a box."""
    form = shown(client.get(page).text, f'action="{action}"') | typed
    return {name: value for name, value in form.items() if value != "-"}


def tree(client: ShopClient) -> list[str]:
    """Return the addresses of the categories in the order of the desk."""
    text = client.get("/admin/categories").text
    return [part.split("<")[0] for part in text.split('"muted">/categories/')[1:]]


@both_engines
def test_a_tree_is_made_moved_and_put_in_order(app: Flask, owner: ShopClient) -> None:
    for name in ("Scents", "Home", "Bags"):
        form = form_of(owner, "/admin/categories/new", "/admin/categories", name=name)
        answers = twice(owner, "/admin/categories", form)
        assert [answer.status_code for answer in answers] == [303, 303]
    assert tree(owner) == ["scents", "home", "bags"]
    with app.app_context():
        ids = {c.slug: c.id for c in db.session.scalars(select(Category))}
    below = f"/admin/categories/new?below={ids['home']}"
    assert f'<option selected value="{ids["home"]}">Home</option>' in owner.get(below).text
    candle = form_of(owner, below, "/admin/categories", name="Candles", parent_id=str(ids["home"]))
    assert owner.post("/admin/categories", data=candle).status_code == 303
    place = f"/admin/categories/{ids['bags']}/place"
    for _ in range(3):  # once more than there is room
        owner.post(place, data=form_of(owner, "/admin/categories", place) | {"step": "-1"})
    assert tree(owner) == ["bags", "scents", "home", "candles"]
    page = f"/admin/categories/{ids['home']}"
    moved = form_of(
        owner, page, page, parent_id=str(ids["bags"]), name="House", description="Warm."
    )
    assert owner.post(page, data=moved).status_code == 303
    assert tree(owner) == ["bags", "home", "candles", "scents"]
    assert "Warm." in owner.get("/categories/home").text
    with app.app_context():
        paths = {c.slug: c.path for c in db.session.scalars(select(Category))}
        assert paths["candles"].startswith(f"/{ids['bags']}/{ids['home']}/")
        entry = trail()[-1]
        assert (entry.action, entry.before["name"], entry.after["name"]) == (
            "categories.update", "Home", "House",
        )  # fmt: skip


def test_hidden_is_hidden_with_all_below_it(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home")
        make_category("Candles", parent=home)
    page = f"/admin/categories/{home.id}"
    answer = owner.post(page, data=form_of(owner, page, page, is_active="-"))
    assert answer.status_code == 303
    assert owner.get("/categories/candles").status_code == 404
    assert "Hidden" in owner.get("/admin/categories").text
    assert 'href="/categories/home"' not in owner.get(page).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "at most 100 characters"),
        ({"name": "x" * 101}, "at most 100 characters"),
        ({"name": "!"}, None),
        ({"description": "x" * 5001}, "Use at most 5000 characters."),
        ({"parent_id": "999"}, "Choose a category."),
        ({"parent_id": "x"}, "Choose a category."),
    ],
)
def test_nonsense_is_refused_at_its_field(
    app: Flask, owner: ShopClient, typed: dict[str, str], sentence: str | None
) -> None:
    with app.app_context():
        home = make_category("Home")
    page = f"/admin/categories/{home.id}"
    answer = owner.post(page, data=form_of(owner, page, page, **typed))
    if sentence is None:  # its address stays what it was
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_category_does_not_stand_below_itself(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home")
        candles = make_category("Candles", parent=home)
    page = f"/admin/categories/{home.id}"
    assert f'value="{candles.id}"' not in owner.get(page).text
    answer = owner.post(page, data=form_of(owner, page, page, parent_id=str(candles.id)))
    assert answer.status_code == 422
    assert "cannot stand below itself" in answer.text


@both_engines
def test_who_was_overtaken_sees_both(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home")
    page = f"/admin/categories/{home.id}"
    form = form_of(owner, page, page, name="House")
    with app.app_context():
        update_category(home.id, name="Maison", parent_id=None)
    late = owner.post(page, data=form)
    assert late.status_code == 409
    assert "It says now: Maison" in late.text
    again = shown(late.text, f'action="{page}"')
    assert owner.post(page, data=again).status_code == 303
    with app.app_context():
        assert db.session.get_one(Category, home.id).name == "House"


def test_being_moved_overtakes_nobody(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home, bags = make_category("Home"), make_category("Bags")
    page = f"/admin/categories/{home.id}"
    form = form_of(owner, page, page, name="House")
    place = f"/admin/categories/{bags.id}/place"
    owner.post(place, data=form_of(owner, "/admin/categories", place) | {"step": "1"})
    assert owner.post(page, data=form).status_code == 303
    assert tree(owner) == ["home", "bags"]


@both_engines
def test_only_what_is_empty_is_deleted(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home, bags, lamps = (make_category(name) for name in ("Home", "Bags", "Lamps"))
        candles = make_category("Candles", parent=home)
        product = make_product("Cèdre", category=candles, brand=make_brand("Nord"))
        sale = coupon("BAGS")
        with transaction() as session:
            session.add(CouponCategory(coupon_id=sale.id, category_id=bags.id))
        brand_id = product.brand_id

    def delete(kind: str, section_id: int | None) -> int:
        page = f"/admin/{kind}/{section_id}"
        form = form_of(owner, page, f"{page}/deletion")
        return owner.post(f"{page}/deletion", data=form).status_code

    assert [delete("categories", c.id) for c in (home, bags, candles)] == [409, 409, 409]
    assert delete("brands", brand_id) == 409
    assert delete("categories", lamps.id) == 303
    with app.app_context():
        update_product(product.id, ProductFields(name="Cèdre"))
    assert [delete("categories", c.id) for c in (candles, home)] == [303, 303]
    assert delete("brands", brand_id) == 303
    with app.app_context():
        assert db.session.scalars(select(Category.slug)).all() == ["bags"]
        assert [entry.action for entry in trail()][-3:] == [
            "categories.delete", "categories.delete", "brands.delete",
        ]  # fmt: skip


@both_engines
def test_brands_are_made_changed_and_put_in_order(app: Flask, owner: ShopClient) -> None:
    for name in ("Nord", "Sud"):
        form = form_of(owner, "/admin/brands/new", "/admin/brands", name=name, country="FR")
        assert owner.post("/admin/brands", data=form).status_code == 303
    with app.app_context():
        nord, sud = db.session.scalars(select(Brand.id).order_by(Brand.id)).all()
    place = f"/admin/brands/{sud}/place"
    owner.post(place, data=form_of(owner, "/admin/brands", place) | {"step": "-1"})
    page = f"/admin/brands/{nord}"
    wrong = owner.post(page, data=form_of(owner, page, page, country="XX"))
    assert wrong.status_code == 422
    saved = owner.post(page, data=form_of(owner, page, page, name="Nordlys", country="DK"))
    assert saved.status_code == 303
    with app.app_context():
        rows = select(Brand.name, Brand.country).order_by(Brand.position)
        assert db.session.execute(rows).all() == [("Sud", "FR"), ("Nordlys", "DK")]


def test_a_hundred_categories_cost_as_few_statements_as_one(app: Flask, owner: ShopClient) -> None:
    counts = []
    with app.app_context():
        make_category("First")
    owner.get("/admin/categories")
    for _ in range(2):
        with counted(app) as statements:
            assert owner.get("/admin/categories").status_code == 200
        counts.append(len(statements))
        with app.app_context():
            for n in range(100):
                make_category(f"Category {n}")
        owner.get("/admin/categories")
    assert counts[0] == counts[1] <= 6, counts
