"""The desk of coupons: made, changed, paused, ended; batches; what each brought."""

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from shop.core.clock import now
from shop.core.db import db
from shop.models import Coupon
from tests.admin.kit import fill_in, shown, sign_in, trail, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted

NEW, LIST = "/admin/coupons/new", "/admin/coupons"


def only() -> Coupon:
    db.session.close()
    return db.session.scalars(select(Coupon)).one()


def bought(code: str = "WINTER") -> None:
    """Pay an order of two pieces with a coupon."""
    cart_id = kit.fill_cart(make_product("Iris", price=5000, stock=9), quantity=2)
    apply(cart_id, code)
    _order, ref = kit.to_payment(cart_id)
    kit.pay(ref)


@both_engines
def test_a_coupon_as_the_form_opens_is_made_once(app: Flask, owner: ShopClient) -> None:
    form = shown(owner.get(NEW).text, f'action="{LIST}"') | {"kind": "percent"}
    first, second = twice(owner, LIST, form)
    assert (first.status_code, first.location) == (303, second.location)
    with app.app_context():
        made = only()
        assert (made.code, made.percent_bp) == (form["code"], 1000)
        assert timedelta(29) < (made.ends_at or now()) - now() < timedelta(32)
        entry = trail()[-1]
        assert (entry.action, entry.object_id) == ("coupons.create", str(made.id))
    assert "Made" in owner.get(first.location).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"percent": "0"}, "Enter a percentage above 0"),
        ({"kind": "amount", "amount_off": "x"}, 'href="#amount_off"'),
        ({"kind": "everything"}, "Choose what it takes off."),
        ({"ends": "soon"}, "Enter a day as"),
        ({"ends": "2001-01-01"}, "over already"),
        ({"limit": "0"}, "A limit is"),
        ({"limit": "-1"}, "Enter a whole number."),
        ({"holder": "ada"}, 'href="#holder"'),
        ({"category": "nowhere"}, "none with the slug nowhere"),
        ({"minimum": "x"}, 'href="#minimum"'),
    ],
)
def test_wrong_terms_are_said_and_make_nothing(
    app: Flask, owner: ShopClient, typed: dict[str, str], said: str
) -> None:
    form = shown(owner.get(NEW).text, f'action="{LIST}"') | {"kind": "percent"} | typed
    answer = owner.post(LIST, data=form)
    assert answer.status_code == 422
    assert said in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count(Coupon.id))) == 0


@both_engines
def test_a_used_coupon_gets_other_bounds_and_shows_what_it_brought(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        page = f"{LIST}/{coupon(usage_limit=5).id}"
        bought()
        bought()
    form = shown(owner.get(page).text, f'action="{page}"')
    refused = owner.post(page, data=form | {"limit": "1"})
    assert (refused.status_code, "used 2 times" in refused.text) == (422, True)
    assert owner.post(page, data=form | {"limit": "2"}).status_code == 303
    stale = owner.post(page, data=form | {"limit": "9"})
    assert (stale.status_code, "It says now: 2" in stale.text) == (409, True)
    html = owner.get(page).text
    assert "2 paid orders" in html
    assert html.count("Paid</span>") == 2
    assert "€20.00" in html  # 10 % of two times €100
    with app.app_context():
        assert only().usage_limit == 2
        assert only().version == 2


@both_engines
def test_paused_let_go_on_and_ended(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        page = f"{LIST}/{coupon().id}"
    tabs = {}
    for action, typed in (("state", {"state": "off"}), ("state", {"state": "on"}), ("end", {})):
        form = fill_in(owner, page, f"{page}/{action}", **typed)
        assert owner.post(f"{page}/{action}", data=form).status_code == 303
        tabs[action, typed.get("state")] = [
            view
            for view in ("active", "planned", "paused", "ended")
            if page in owner.get(f"{LIST}?view={view}").text
        ]
    assert list(tabs.values()) == [["paused"], ["active"], ["ended"]]
    with app.app_context():
        assert [entry.action for entry in trail()[-3:]] == [
            "coupons.switch",
            "coupons.switch",
            "coupons.end",
        ]


@both_engines
def test_a_batch_is_made_once_and_comes_as_csv(app: Flask, owner: ShopClient) -> None:
    form = shown(owner.get(f"{LIST}/batches/new").text, f'action="{LIST}/batches"')
    form |= {"kind": "percent", "name": "=Fair", "number": "120"}
    huge = owner.post(f"{LIST}/batches", data=form | {"number": "10001"})
    assert (huge.status_code, "Make 1 to 10000 codes at once." in huge.text) == (422, True)
    first, second = twice(owner, f"{LIST}/batches", form)
    assert (first.status_code, second.status_code) == (303, 303)
    rows = list(csv.reader(io.StringIO(owner.get(f"{LIST}/codes.csv?batch=%3DFair").text)))
    assert rows[0] == ["batch", "code", "state", "uses"]
    assert {row[0] for row in rows[1:]} == {"'=Fair"}
    assert len({row[1] for row in rows[1:]}) == 120
    with app.app_context():
        assert db.session.scalars(select(Coupon.usage_limit).distinct()).all() == [1]
        assert [entry.action for entry in trail()].count("coupons.create_batch") == 1
    assert owner.get(f"{LIST}/codes.csv?batch=none").status_code == 404


def test_the_list_takes_six_statements_and_the_search_finds_a_code(
    app: Flask, owner: ShopClient
) -> None:
    with app.app_context():
        made = [coupon(f"CODE{number}") for number in range(3)]
    owner.get(LIST)
    for url in (LIST, f"{LIST}?view=all&q=code"):
        with counted(app) as statements:
            assert "CODE2" in owner.get(url).text
        assert len(statements) <= 6, statements
    assert "Clear the filters" in owner.get(f"{LIST}?q=zzz").text
    assert owner.get("/admin/find?q=code1").location == f"{LIST}/{made[1].id}"


def test_a_prize_is_nobodys_to_change(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        number = coupon().id
        db.session.execute(Coupon.__table__.update().values(is_prize=True))
        db.session.commit()
    page = f"{LIST}/{number}"
    assert owner.submit(f"{page}/state", {"state": "off"}, page="/cart").status_code == 422
    with app.app_context():
        assert only().is_active
    assert page not in owner.get(f"{LIST}?view=all").text


def test_who_sees_no_orders_gets_no_link_to_one(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        page = f"{LIST}/{coupon().id}"
        bought()
    assert "/admin/orders/" in owner.get(page).text
    assert "/admin/orders/" not in sign_in(app, ["coupons.edit"]).get(page).text
