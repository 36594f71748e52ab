"""The reports desk: sales of any days, divided, compared, paged, and as a file."""

import csv
import io

import pytest
from flask import Flask

from shop.jobs import drain
from shop.models import OrderItem, Provider
from shop.orders.payment.fulfil import fulfil
from shop.orders.services import RefundLine, refund_order
from tests.admin.kit import sign_in
from tests.admin.test_today import go_on, text_of
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.coupons.kit import apply, coupon
from tests.factories import make_category, make_product
from tests.orders import kit
from tests.sql import counted

DIVISIONS = ("day", "product", "category", "country", "coupon", "customer")
GERMAN = {"country": "DE", "postal_code": "10115"}


def furnish(app: Flask) -> ShopClient:
    """Sell on two days, at home and abroad, with a coupon, and give something back."""
    with app.app_context():
        kit.open_shop()
        perfume = make_category("Perfume")
        ambre = make_product("Ambre", price=20000, stock=50, category=perfume)
        iris = make_product("=Iris", price=5000, stock=50)
        coupon("WINTER")
        sell(kit.fill_cart(ambre))
        go_on(app, 1)
        bag = kit.fill_cart(ambre, iris, quantity=2)
        apply(bag, "WINTER")
        order_id = sell(bag, email="ada@example.org", address=GERMAN)
        first = (
            kit.db.session.query(OrderItem)
            .filter_by(order_id=order_id)
            .order_by("position")
            .first()
        )
        refund_order(order_id, 1000, form_token="once", lines=[RefundLine(first.id, 1, 1000)])
        drain()
    return sign_in(app, is_owner=True)


def sell(bag: int, **who: object) -> int:
    order, ref = kit.to_payment(bag, **who)
    kit.pay(ref, deliver=False)
    fulfil(Provider.SANDBOX, ref)
    drain()
    return order.id


def lines_of(client: ShopClient, query: str) -> list[dict[str, str]]:
    """Return the lines of a report's file."""
    answer = client.get(f"/admin/reports/report.csv?{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.text)))


def cells(lines: list[dict[str, str]], *names: str) -> list[tuple[str, ...]]:
    return [tuple(line[name] for name in names) for line in lines]


@both_engines
def test_sales_are_divided(app: Flask) -> None:
    owner = furnish(app)
    money = ("orders", "amount_sales", "amount_refunded", "amount_net")
    assert cells(lines_of(owner, "by=day"), *money) == [
        ("1", "450.00", "10.00", "440.00"),
        ("1", "200.00", "0.00", "200.00"),
    ]
    assert cells(lines_of(owner, "by=product"), "name", "pieces", *money) == [
        ("Ambre", "3", "2", "560.00", "10.00", "550.00"),
        ("'=Iris", "2", "1", "90.00", "0.00", "90.00"),
    ]
    assert cells(lines_of(owner, "by=category"), "name", "amount_sales") == [
        ("Perfume", "560.00"),
        ("", "90.00"),
    ]
    assert cells(lines_of(owner, "by=country"), "country", *money) == [
        ("DE", "1", "450.00", "10.00", "440.00"),
        ("FR", "1", "200.00", "0.00", "200.00"),
    ]
    assert cells(lines_of(owner, "by=coupon"), "coupon", "amount_discount", "amount_sales") == [
        ("WINTER", "50.00", "450.00")
    ]
    assert cells(lines_of(owner, "by=customer"), "customer", *money) == [
        ("ada@example.org", "1", "450.00", "10.00", "440.00"),
        ("camille@example.org", "1", "200.00", "0.00", "200.00"),
    ]


@both_engines
def test_every_division_is_a_page_of_few_statements(app: Flask) -> None:
    owner = furnish(app)
    owner.get("/admin/reports")
    for by in DIVISIONS:
        with counted(app) as statements:
            page = text_of(owner, f"/admin/reports?by={by}&range=today")
        assert len(statements) <= 6, "\n".join(statements)
        assert "€450.00" in page or by in {"product", "category"}, by
        assert "€440.00" in page or by in {"product", "category", "coupon"}, by


def test_it_is_compared_with_the_days_before(app: Flask) -> None:
    owner = furnish(app)
    page = text_of(owner, "/admin/reports?by=product&range=today")
    assert '<td class="r muted hide-s">€200.00</td>' in page


def test_long_reports_are_paged(app: Flask) -> None:
    owner = furnish(app)
    with app.app_context():
        for number in range(51):
            product = make_product(f"Piece {number}", price=100 + number)
            sell(kit.fill_cart(product), email=f"buyer{number}@example.org")
    first, second = (text_of(owner, f"/admin/reports?by=product&page={n}") for n in (1, 2))
    assert first.count("Piece ") == 48
    assert second.count("Piece ") == 3
    assert "53 in all · page 2 of 2" in second
    assert "To the first page" in text_of(owner, "/admin/reports?by=product&page=3")
    assert owner.get("/admin/reports?page=0").status_code == 404
    assert len(lines_of(owner, "by=product")) == 53


def test_nothing_sold_leads_on(owner: ShopClient) -> None:
    for by in DIVISIONS:
        page = text_of(owner, f"/admin/reports?by={by}")
        assert "Nothing was sold on these days" in page
        assert len(lines_of(owner, f"by={by}")) == 0


def test_impossible_days_are_said(owner: ShopClient) -> None:
    page = text_of(owner, "/admin/reports?by=country&since=2026-05-02&until=2026-05-01")
    assert "not before the first" in page
    assert owner.get("/admin/reports?by=nonsense&range=x").status_code == 200


def test_customers_are_for_whom_may_see_orders(app: Flask) -> None:
    furnish(app)
    reader = sign_in(app, ["reports.view"])
    assert "Customer" not in text_of(reader, "/admin/reports")
    for url in ("/admin/reports", "/admin/reports/report.csv"):
        assert reader.get(f"{url}?by=customer").status_code == 403
    assert sign_in(app, ["orders.view"]).get("/admin/reports").status_code == 403
    product_page = text_of(reader, "/admin/reports?by=product")
    assert "Ambre" in product_page
    assert "/admin/products/" not in product_page


@pytest.mark.parametrize("query", ["range=7", "since=2026-01-01&until=2026-12-31"])
def test_other_divisions_and_files_keep_the_days(owner: ShopClient, query: str) -> None:
    page = owner.get(f"/admin/reports?by=country&{query}").text
    kept = query.replace("&", "&amp;")
    assert f"by=product&amp;{kept}" in page
