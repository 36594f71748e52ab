"""The orders desk finds what has something in common, and gives all of it as a file."""

import csv
import io
import itertools
import re

from flask import Flask
from sqlalchemy import select, update

from shop.admin.orders.filters import OrderFilter
from shop.admin.orders.lists import walk_orders
from shop.core import clock
from shop.core.db import changed, db, transaction
from shop.models import Order, OrderItem
from tests.admin.kit import order_of, paid_order, sign_in
from tests.admin.test_lists import rows
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_product
from tests.orders import kit


def with_coupon(app: Flask) -> str:
    with app.app_context():
        coupon("Merci10")
        cart_id = kit.fill_cart(make_product("Lys", stock=3))
        apply(cart_id, "merci10")
        order, ref = kit.to_payment(cart_id, email="with@example.org")
        kit.pay(ref)
        return order.number


@both_engines
def test_orders_are_found_by_country_coupon_and_sku(app: Flask, owner: ShopClient) -> None:
    plain, coupled = paid_order(app), with_coupon(app)
    with app.app_context():
        order_id = order_of(plain).id
        sku = db.session.scalars(select(OrderItem.sku).where(OrderItem.order_id == order_id)).one()
        abroad = kit.to_payment(kit.fill_cart(make_product()), email="b@example.org")[0].number
        with transaction():
            changed(update(Order).where(Order.number == abroad).values(country="DE"))
    assert rows(owner, "?view=all&country=DE") == [abroad]
    assert rows(owner, "?view=all&country=FR") == [coupled, plain]
    assert rows(owner, "?view=all&country=XX") == [abroad, coupled, plain]
    for typed in ("MERCI10", "merci10", " Merci10 "):
        assert rows(owner, f"?view=all&coupon={typed}") == [coupled]
    assert rows(owner, "?view=all&coupon=nothing") == []
    assert rows(owner, f"?view=all&sku={sku.lower()}") == [plain]
    assert rows(owner, f"?sku={sku}&country=FR&payment=paid") == [plain]
    empty = owner.get("/admin/orders?view=all&sku=nothing").text
    assert "No order matches" in empty
    assert "Clear the filters" in empty
    page = owner.get(f"/admin/orders/{coupled}?view=all&country=FR").text
    assert "Previous order of the list" not in page
    assert f'/admin/orders/{plain}?view=all&amp;country=FR" aria-label="Next' in page


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@both_engines
def test_the_list_as_a_file_holds_what_is_filtered(app: Flask, owner: ShopClient) -> None:
    plain, coupled = paid_order(app, quantity=3, price=1250), with_coupon(app)
    with app.app_context(), transaction():
        name = {"customer_name": '=HYPERLINK("x")'}
        changed(update(Order).where(Order.number == coupled).values(name))
    answer = owner.get("/admin/orders/orders.csv?view=all")
    assert answer.mimetype == "text/csv"
    assert re.search(
        r'filename="orders-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"]
    )
    first, second = cells(answer.text)
    assert [first["number"], second["number"]] == [coupled, plain]
    assert first["customer"] == '\'=HYPERLINK("x")'
    assert first["coupon"] == "Merci10"
    with app.app_context():
        total = order_of(plain).amount_total
    assert second["total"] == second["paid"] == f"{total / 100:.2f}"
    assert (second["subtotal"], second["pieces"], second["left_to_send"]) == ("37.50", "3", "3")
    narrowed = owner.get("/admin/orders/orders.csv?view=all&coupon=merci10").text
    assert [row["number"] for row in cells(narrowed)] == [coupled]
    assert cells(owner.get("/admin/orders/orders.csv?view=ended").text) == []
    assert sign_in(app, ["products.view"]).get("/admin/orders/orders.csv").status_code == 403


@both_engines
def test_a_long_list_is_read_in_turns_each_order_once(app: Flask, owner: ShopClient) -> None:
    numbers = []
    for nth in range(5):
        numbers.append(paid_order(app))
        clock.move(60 * (nth % 2))  # some at the same moment
    with app.app_context():
        for view, wanted in (("send", numbers), ("all", numbers[::-1])):
            turns = [[o.number for o in found] for found in walk_orders(OrderFilter(view), 2)]
            assert [len(turn) for turn in turns] == [2, 2, 1]
            assert list(itertools.chain(*turns)) == wanted
