""" "Try your luck" at the desk: the odds as shoppers read them, the prizes, the fairness log."""

from flask import Flask
from sqlalchemy import select

from shop.cart.coupons import try_luck
from shop.core.db import db
from shop.models import Coupon
from shop.settings.services import set_setting
from tests.admin.kit import sign_in
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted

LUCK = "/admin/coupons/luck"


def play(app: Flask, every: int) -> str:
    """Let every so-manyth order win; return the code that a first bag draws, "" for none."""
    with app.app_context():
        set_setting("nth_order", str(every), user_id=None)
        db.session.close()
        prize = try_luck(kit.fill_cart(make_product("Iris", stock=9)), ip="198.51.100.7")
        db.session.close()
        return prize.code if prize else ""


@both_engines
def test_odds_prizes_and_the_log_are_shown(app: Flask, owner: ShopClient) -> None:
    assert "the game is switched off" in owner.get(LUCK).text
    code = play(app, 1)
    assert code
    html = owner.get(LUCK).text
    assert "Every order can win" in html
    assert "In a bag" in html
    assert code in html
    assert "Drawn" in html
    with app.app_context():
        number = db.session.scalars(select(Coupon.id)).one()
    assert f"/admin/coupons/{number}" in html
    assert "A prize begins and ends with its draw." in owner.get(f"/admin/coupons/{number}").text


def test_the_desk_says_what_the_bag_says(app: Flask, owner: ShopClient) -> None:
    assert play(app, 7) == ""
    visitor = app.test_client()
    with app.app_context():
        variant_id = make_product("Rose", stock=9).variants[0].id
    visitor.submit("/cart/items", {"variant_id": str(variant_id), "quantity": "1"}, page="/cart")
    for words in ("One order in 7 can win", "the lucky one takes 10 % off this order."):
        assert words in visitor.get("/cart").text
        assert words in owner.get(LUCK).text


def test_six_statements_and_settings_for_those_alone_who_may(app: Flask, owner: ShopClient) -> None:
    play(app, 1)
    owner.get(LUCK)
    with counted(app) as statements:
        assert owner.get(LUCK).status_code == 200
    assert len(statements) <= 6, statements
    assert "/admin/settings/try-your-luck" in owner.get(LUCK).text
    assert "/admin/settings/try-your-luck" not in sign_in(app, ["coupons.edit"]).get(LUCK).text
