"""The desk of collections, pictures of sections, and the order of pieces."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from shop.catalog.input_types import CollectionFields
from shop.catalog.queries.sections import sections
from shop.catalog.services import (
    choose_products,
    create_collection,
    delete_section,
    list_collection_pieces,
    list_leading,
    update_collection,
)
from shop.catalog.services import leading as leading_service
from shop.core.db import db
from shop.models import Brand, Category, Collection, Product
from tests.admin.kit import picture, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_category, make_product
from tests.sql import counted


def form_of(client: ShopClient, page: str, action: str, **typed: Any) -> dict[str, Any]:
    """Return what the form sends, `typed` over it; "-" unticks a box."""
    form = shown(client.get(page).text, f'action="{action}"') | typed
    form.setdefault("kind", "hand")
    return {name: value for name, value in form.items() if value != "-"}


def order_form(client: ShopClient, page: str, act: str = "") -> dict[str, Any]:
    """Return what the form of the pieces sends when `act` is pressed."""
    text = client.get(page).text
    form = shown(text, 'id="order"')
    form["piece"] = re.findall(r'name="piece" value="(\d+)"', text)
    return {**form, "act": act} if act else form


@both_engines
def test_a_collection_is_made_filled_put_in_order_and_deleted(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        ids = [make_product(name, stock=1).id for name in ("Ambre", "Iris", "Figuier")]
    form = form_of(owner, "/admin/collections/new", "/admin/collections", name="Gifts")
    form |= {"is_active": "y", "in_menu": "y", "kind": "hand"}
    answers = twice(owner, "/admin/collections", form)
    assert {answer.headers["Location"] for answer in answers} == {"/admin/collections/1/pieces"}
    page = "/admin/collections/1/pieces"
    assert "Iris" in owner.get(f"{page}?q=iris").text
    for product_id in ids:
        answer = owner.post(page, data=order_form(owner, page, f"add-{product_id}"))
        assert answer.status_code == 303
    a, b, c = ids
    steps = [(f"top-{c}", [c, a, b]), (f"up-{b}", [c, b, a]), (f"down-{c}", [b, c, a])]
    for act, wanted in steps:
        answers = twice(owner, page, order_form(owner, page, act))
        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["Location"].endswith(f"#piece-{act.partition('-')[2]}")
        with app.app_context():
            assert list_collection_pieces(1) == wanted, act
    dragged = order_form(owner, page) | {"piece": [str(a), str(b), str(c)]}
    assert owner.post(page, data=dragged).status_code == 303
    assert owner.post(page, data=order_form(owner, page, f"drop-{b}")).status_code == 303
    with app.app_context():
        assert list_collection_pieces(1) == [a, c]
        last = trail()[-1]
        assert (last.action, last.before, last.after) == (
            "collections.pieces", {"pieces": [a, b, c]}, {"pieces": [a, c]},
        )  # fmt: skip
    assert "2 pieces" in owner.get("/admin/collections").text
    gone = form_of(owner, "/admin/collections/1", "/admin/collections/1/deletion")
    assert owner.post("/admin/collections/1/deletion", data=gone).status_code == 303
    assert owner.get("/collections/gifts").status_code == 404
    with app.app_context():
        assert db.session.scalars(select(Collection.id)).all() == []


@both_engines
def test_who_was_overtaken_while_ordering_sees_both(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        a, b, c = (make_product(name).id for name in ("Ambre", "Iris", "Figuier"))
        made = create_collection(CollectionFields(name="Gifts"))
        choose_products(made, [a, b])
    page = f"/admin/collections/{made}/pieces"
    form = order_form(owner, page, f"up-{b}")
    with app.app_context():
        choose_products(made, [a, b, c])
    late = owner.post(page, data=form)
    assert late.status_code == 409
    mine = late.text.partition("Your order")[2].partition("</form>")[0]
    assert re.findall(r"<li>(\w+)<", mine) == ["Iris", "Ambre"]
    assert f'id="piece-{c}"' in late.text
    again = shown(late.text, f'method="post" action="{page}">')
    again["piece"] = re.findall(r'name="piece" value="(\d+)"', mine)
    assert owner.post(page, data=again).status_code == 303
    with app.app_context():
        assert list_collection_pieces(made) == [b, a]
    same = order_form(owner, page) | {"was": "1,2,3"}  # as the others left it: nobody is overtaken
    assert owner.post(page, data=same).status_code == 303
    for nonsense in ("up", "eat-1", "up-x"):
        assert owner.post(page, data=form | {"act": nonsense}).status_code == 422


@both_engines
@pytest.mark.parametrize("places", ["apart", "same"])
def test_the_first_pieces_of_a_category_are_put_in_order(
    app: Flask, owner: ShopClient, places: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leading_service, "LEADING", 3)
    with app.app_context():
        home = make_category("Home", slug="home")
        lamps = make_category("Lamps", home)
        fixed = {"position": 7} if places == "same" else {}
        ids = [
            make_product(
                f"Lamp {n}", slug=f"lamp-{n}", category=lamps if n % 2 else home, **fixed
            ).id
            for n in range(6)
        ]
        other = make_product("Other", slug="other", **fixed).id

    def seen() -> list[int]:
        text = owner.get("/categories/home").text.partition('id="pages"')[2]
        return [ids[int(n)] for n in re.findall(r'<h3><a href="/products/lamp-(\d)"', text)]

    page = f"/admin/categories/{home.id}/pieces"
    assert seen() == ids
    a, b, c, d, e, f = ids
    for act, wanted in [
        (f"up-{b}", [b, a, c, d, e, f]),
        (f"top-{c}", [c, b, a, d, e, f]),
        (f"add-{f}", [f, c, b, a, d, e]),
        (f"down-{f}", [c, f, b, a, d, e]),
    ]:
        with counted(app) as statements:
            answer = owner.post(page, data=order_form(owner, page, act))
        assert answer.status_code == 303, answer.text
        assert len([s for s in statements if s.startswith("UPDATE product SET position")]) == 1
        assert seen() == wanted, act
    with app.app_context():
        last = trail()[-1]
        assert last.action == "categories.pieces"
        assert last.after["pieces"] == list_leading(home.id) == [c, f, b]
    stale = order_form(owner, page, f"up-{f}")
    owner.post(page, data=order_form(owner, page, f"top-{b}"))
    late = owner.post(page, data=stale)
    assert late.status_code == 409
    assert "Your order" in late.text
    foreign = order_form(owner, page, f"add-{other}")
    assert owner.post(page, data=foreign).status_code == 422
    assert seen() == [b, c, f, a, d, e]


@both_engines
def test_a_rule_is_typed_saved_and_says_when_it_is_lost(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home")
        make_product("Ambre", price=1250)
    action = "/admin/collections"
    typed = {"name": "Cheap", "kind": "rule", "max_price": "12.50", "new_days": "30"}
    form = form_of(owner, f"{action}/new", action, **typed, is_active="y", category_id=str(home.id))
    assert owner.post(action, data=form).headers["Location"] == "/admin/collections/1"
    page = "/admin/collections/1"
    text = owner.get(page).text
    assert 'value="12.50"' in text
    assert f'<option selected value="{home.id}">Home</option>' in text
    for wrong, sentence in [
        ({"max_price": "x"}, "Enter an amount"),
        ({"min_price": "20"}, "must not be below"),
        ({"new_days": "1000"}, "Enter 1 to 365 days."),
        ({"new_days": "soon"}, "Enter 1 to 365 days."),
        ({"category_id": "x"}, "Choose a category."),
        ({"brand_id": "999"}, "Choose a house."),
        ({"max_price": "", "new_days": "", "category_id": ""}, "one of these at least"),
        ({"name": ""}, "at most 100 characters"),
        ({"picture": "../../etc"}, "Choose the picture again."),
        ({"picture": "b" * 64}, "Choose the picture again."),
    ]:
        form = form_of(owner, page, page, kind="rule", category_id=str(home.id)) | wrong
        answer = owner.post(page, data=form)
        assert answer.status_code == 422, wrong
        assert sentence in answer.text, wrong
    with app.app_context():
        delete_section(Category, home.id)
    assert "finds nothing" in owner.get(action).text
    text = owner.get(page).text
    assert "names what is hidden or deleted" in text
    assert f'<option selected value="{home.id}">One that was deleted</option>' in text
    kept = form_of(owner, page, page, kind="rule", category_id=str(home.id), name="Few")
    assert owner.post(page, data=kept).status_code == 303  # a lost rule does not hold up the rest
    late = form_of(owner, page, page, kind="rule", category_id="", max_price="9")
    with app.app_context():
        update_collection(1, CollectionFields(name="Few", rule=None))
    answer = owner.post(page, data=late)
    assert answer.status_code == 409
    assert "It says now: I choose them" in answer.text


def test_a_picture_is_uploaded_kept_while_the_form_is_wrong_and_taken_away(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        category_id = make_category("Home", slug="home").id
    page = f"/admin/categories/{category_id}"
    wrong = form_of(owner, page, page, name="", seo_title="Homely", picture_alt="A lamp")
    answer = owner.post(page, data={**wrong, "upload": (picture(), "lamp.png")})
    assert answer.status_code == 422
    key = re.search(r'name="picture" value="([0-9a-f]{64})"', answer.text)
    assert key
    again = {**shown(answer.text, f'action="{page}"'), "name": "Home", "upload": (b"", "")}
    del again["upload"]
    assert owner.post(page, data=again).status_code == 303
    text = owner.get("/categories/home").text
    assert f"/media/{key[1]}-800.webp" in text
    assert 'alt="A lamp"' in text
    assert "<title>Homely" in text
    assert f"/media/{key[1]}" not in owner.get("/categories/home?q=lamp").text
    nonsense = form_of(owner, page, page)
    answer = owner.post(page, data={**nonsense, "upload": (picture().__class__(b"no"), "x.png")})
    assert answer.status_code == 422
    assert 'id="upload-error"' in answer.text
    assert owner.post(page, data=form_of(owner, page, page, no_picture="y")).status_code == 303
    with app.app_context():
        category = db.session.get_one(Category, category_id)
        assert (category.picture, category.seo_title) == ("", "Homely")
        assert trail()[-1].before == {"picture": key[1]}
    brands = form_of(owner, "/admin/brands/new", "/admin/brands", name="Nord", seo_title="North")
    assert (
        owner.post("/admin/brands", data={**brands, "upload": (picture(), "x.png")}).status_code
        == 303
    )
    with app.app_context():
        assert len(db.session.scalars(select(Brand.picture)).one()) == 64
    assert "<title>North" in owner.get("/brands/nord").text


def test_lists_of_pieces_cost_few_statements(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        home = make_category("Home")
        ids = [make_product(f"Lamp {n}", category=home).id for n in range(20)]
        made = create_collection(CollectionFields(name="Gifts"))
    pages = [
        "/admin/collections",
        f"/admin/collections/{made}",
        f"/admin/collections/{made}/pieces",
    ]
    pages.append(f"/admin/categories/{home.id}/pieces")
    for chosen in (ids[:1], ids):
        with app.app_context():
            choose_products(made, chosen)
            sections()
        for page in pages:
            owner.get(page)
            with counted(app) as statements:
                assert owner.get(page).status_code == 200
            assert len(statements) <= 6, (page, statements)


def test_who_only_looks_changes_nothing(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        create_collection(CollectionFields(name="Gifts"))
        make_product("Ambre")
    looker = sign_in(app, ["products.view"])
    text = looker.get("/admin/collections").text
    assert "Gifts" in text
    assert 'href="/admin/collections/1' not in text
    assert looker.get("/admin/collections/1/pieces").status_code == 403
    with app.app_context():
        assert db.session.scalars(select(Product.position)).all() == [0]
