"""The staff pages: who gets in, and the whole way of a product and an order through them."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.db import changed, db, transaction
from shop.customers.booking import follow_order
from shop.jobs import drain
from shop.models import (
    AuditEntry,
    FulfilmentStatus,
    MailMessage,
    Order,
    PageRole,
    PaymentStatus,
    Product,
    ProductImage,
    ProductVariant,
    Setting,
    StockMovement,
    User,
)
from shop.pages.services import begin_sample
from tests.admin.kit import order_of, paid_order, picture, shown, sign_in, twice
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_brand, make_category, make_product
from tests.orders import kit
from tests.sql import counted

STAFF_URLS = [
    "/admin/",
    "/admin/orders",
    "/admin/products",
    "/admin/settings",
    "/admin/products/new",
    "/admin",
    "/admin/nowhere",
    "/admin/orders/nowhere/at/all",
]


def test_strangers_are_asked_to_sign_in_and_customers_are_refused(app: Flask) -> None:
    """Whether there is such a page and by which method, or not: the answers tell nothing."""
    stranger, customer = ShopClient(app), sign_in(app)
    for url in STAFF_URLS:
        for client, status in ((stranger, 302), (customer, 403)):
            token = {"X-CSRFToken": client.token("/contact")}
            answers = client.get(url), client.submit(url), client.delete(url, headers=token)
            assert [answer.status_code for answer in answers] == [status] * 3, url
            if client is stranger:
                assert {answer.location.split("?")[0] for answer in answers} == {"/login"}


def test_every_staff_rule_is_guarded(app: Flask) -> None:
    client = sign_in(app, [])
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if not rule.rule.startswith("/admin"):
            assert not hasattr(view, "needed_permission"), (
                rule.rule
            )  # the guard does not stand there
            continue
        assert getattr(view, "needed_permission", None), rule.rule
        url = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            stranger = app.test_client().open(url, method=method)
            assert stranger.status_code in (302, 400), (method, url)
            if view.needed_permission != "staff" and method == "GET":
                assert client.get(url).status_code == 403, url


def test_a_role_is_read_anew_on_each_request(app: Flask) -> None:
    client = sign_in(app, ["orders.view"])
    assert client.get("/admin/orders").status_code == 200
    assert client.get("/admin/products").status_code == 403
    with app.app_context(), transaction():
        changed(update(User).values(role_id=None))
    assert client.get("/admin/orders").status_code == 403


def test_actions_without_right_are_absent(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    reader = sign_in(app, ["orders.view"])
    page = reader.get(f"/admin/orders/{number}")
    assert page.status_code == 200
    for word in ("Mark as sent", "Refund…", "Add"):
        assert word not in page.text
    ship = reader.submit(f"/admin/orders/{number}/shipments", page="/cart")
    assert ship.status_code == 403


@both_engines
def test_a_product_with_a_picture_is_made_bought_sent_and_refunded(
    app: Flask, owner: ShopClient
) -> None:
    form = {
        "name": "Cèdre Candle",
        "summary": "Cedar and smoke.",
        "description": "Poured by hand.",
        "sku": "CED-1",
        "price": "64.00",
        "stock": "5",
        "weight": "400",
        "stock_policy": "deny",
        "tax_class": "standard",
        "is_active": "1",
        "detail_title": ["Notes"],
        "detail_text": ["Cedar."],
        "pictures": [(picture(), "cedar.png"), (picture("#222222"), "night.png")],
    }
    made = owner.submit("/admin/products", form, page="/admin/products/new")
    assert made.status_code == 303, made.text
    with app.app_context():
        product = db.session.scalars(select(Product).where(Product.name == "Cèdre Candle")).one()
        assert product.is_active
        assert product.slug == "cedre-candle"
        images = select(ProductImage).where(ProductImage.product_id == product.id)
        assert len(db.session.scalars(images).all()) == 2
        variant = db.session.scalars(select(ProductVariant)).one()
    shopper = app.test_client()
    assert "Cèdre Candle" in shopper.get("/products/cedre-candle").text
    shopper.submit("/cart/items", {"variant_id": variant.id}, page="/cart")
    with app.app_context():
        from shop.models import Cart

        order, ref = kit.to_payment(db.session.scalars(select(Cart.id)).one())
        kit.pay(ref)
        drain()
    number = order.number
    page = owner.get(f"/admin/orders/{number}").text
    item = re.search(r'name="item-(\d+)"', page)[1]
    sent = owner.submit(
        f"/admin/orders/{number}/shipments",
        {f"item-{item}": "1", "carrier": "Colissimo", "tracking_number": "6A1", "notify": "1"},
        page=f"/admin/orders/{number}",
    )
    assert sent.status_code == 303, sent.text
    assert owner.submit(f"/admin/orders/{number}/deliveries", page="/cart").status_code == 303
    refund = owner.get(f"/admin/orders/{number}/refund").text
    assert "Refund €70.00" in refund
    action = f"/admin/orders/{number}/refunds"
    form = {**shown(refund, action), "reason": "requested_by_customer"}
    for back in twice(owner, action, form):
        assert back.status_code == 303, back.text
    with app.app_context():
        drain()
        after = order_of(number)
        assert after.payment_status is PaymentStatus.REFUNDED
        assert after.fulfilment_status is FulfilmentStatus.DELIVERED
        kinds = set(db.session.scalars(select(MailMessage.kind)))
        assert {"order_paid", "order_sent", "order_refunded"} <= kinds
        actions = set(db.session.scalars(select(AuditEntry.action)))
        assert {"products.create", "orders.ship", "orders.deliver", "orders.refund"} <= actions
    assert "Refunded" in owner.get(f"/admin/orders/{number}").text


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("evil.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("page.png", b"<html>"),
        ("empty.png", b""),
        ("cut.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_changes(
    app: Flask, owner: ShopClient, name: str, data: bytes
) -> None:
    with app.app_context():
        product = make_product()
        before = len(db.session.scalars(select(ProductImage)).all())
    answer = owner.submit(
        f"/admin/products/{product.id}/pictures",
        {"pictures": [(io.BytesIO(data), name)]},
        page="/cart",
    )
    assert answer.status_code == 422
    with app.app_context():
        assert len(db.session.scalars(select(ProductImage)).all()) == before


@pytest.mark.parametrize(
    ("url", "megabytes"), [("/admin/products/1", 2), ("/admin/products", 105), ("/cart/items", 2)]
)
def test_large_bodies_are_refused(owner: ShopClient, url: str, megabytes: int) -> None:
    answer = owner.post(
        url,
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(megabytes * 1024 * 1024)},
    )
    assert answer.status_code == 413


@both_engines
def test_stock_changes_by_delta_and_never_below_zero(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        product = make_product(stock=3)
        variant = product.variants[0].id
    url = f"/admin/products/{product.id}/stock"
    ok = owner.submit(url, {"variant_id": variant, "delta": "+10", "reason": "Box"}, page="/cart")
    assert ok.status_code == 303
    for wrong, status in (("-99", 409), ("abc", 422), ("0", 422), ("", 422)):
        answer = owner.submit(url, {"variant_id": variant, "delta": wrong}, page="/cart")
        assert answer.status_code == status, wrong
    foreign = owner.submit(url, {"variant_id": "999999", "delta": "1"}, page="/cart")
    assert foreign.status_code == 404
    with app.app_context():
        assert kit.stock(variant) == (13, 0)
        assert db.session.scalars(select(StockMovement.reason)).all()[-1] == "Box"


@both_engines
def test_settings_delivery_and_tax_are_saved_and_seen(app: Flask, owner: ShopClient) -> None:
    assert "FR-DE" in owner.get("/admin/settings/delivery").text
    shop = {"name": "Maison Neuve", "announcement": "Open", "contact_email": "", "locale": "en_IE",
            "default_country": "FR"}  # fmt: skip
    assert owner.submit("/admin/settings/shop", shop, page="/cart").status_code == 303
    assert "Maison Neuve" in owner.get("/cart").text
    method = {"name": "Courier", "price": "25", "min_days": "1", "max_days": "2", "zone_id": "1"}
    methods = "/admin/settings/delivery/methods"
    assert owner.submit(methods, {**method, "zone_id": "9"}, page="/cart").status_code == 422
    assert owner.submit(methods, {**method, "is_active": "y"}, page="/cart").status_code == 303
    rate = {"country": "DE", "tax_class": "standard", "rate_name": "MwSt", "percent": "19"}
    assert owner.submit("/admin/settings/tax-rates", rate, page="/cart").status_code == 303
    assert "Courier" in owner.get("/admin/settings/delivery").text
    assert "19.00" in owner.get("/admin/settings/tax-rates").text
    with app.app_context():
        assert db.session.get_one(Setting, "name").value == "Maison Neuve"


@both_engines
def test_what_is_named_exactly_is_found_at_once(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    assert owner.get(f"/admin/find?q={number.lower()}").location == f"/admin/orders/{number}"
    found = owner.get("/admin/find?q=camille@example.org").location
    assert found.startswith("/admin/customers/")
    assert number in owner.get(found).text
    with app.app_context():
        sku = db.session.scalars(select(ProductVariant.sku)).first()
    assert "/admin/products/" in owner.get(f"/admin/find?q={sku}").location
    assert number in owner.get("/admin/orders?view=all&q=camille").text
    assert number not in owner.get("/admin/orders?view=all&q=%25").text


@pytest.mark.parametrize(
    "url",
    [
        "/admin/orders?page=0",
        "/admin/orders?page=99999999",
        "/admin/orders/MF-NONE",
        "/admin/products/999999",
        "/admin/products?page=abc",
        "/admin/orders/MF-NONE/refund",
    ],
)
def test_what_is_not_there_is_not_found(owner: ShopClient, url: str) -> None:
    assert owner.get(url).status_code == 404


@both_engines
@pytest.mark.parametrize("number", [2**31, 10**19, "１"])
def test_ids_beyond_their_column_are_no_pages(
    app: Flask, owner: ShopClient, number: int | str
) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        if re.search(r"<int:", rule.rule) and not rule.rule.startswith("/_"):
            url = re.sub(r"<int:[^>]*>", str(number), rule.rule)
            url = re.sub(r"<[^>]*>", "x", url)
            answer = (
                owner.get(url) if "GET" in rule.methods else owner.submit(url, {}, page="/cart")
            )
            assert answer.status_code in (404, 405), url
            tried += 1
    assert tried > 10


@both_engines
@pytest.mark.parametrize("query", ["until=9999-12-31", "since=0001-01-01", "until=0001-01-01"])
def test_days_at_the_ends_of_the_calendar_are_no_filter(owner: ShopClient, query: str) -> None:
    assert owner.get(f"/admin/orders?{query}").status_code == 200


def test_lists_cost_the_same_however_long_they_are(app: Flask, owner: ShopClient) -> None:
    for _ in range(3):
        paid_order(app)
    for url, most in (("/admin/orders?view=all", 6), ("/admin/products", 6), ("/admin/", 11)):
        owner.get(url)
        with counted(app) as statements:
            assert owner.get(url).status_code == 200
        assert len(statements) <= most, (url, *statements)


def test_notes_and_mails(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    url = f"/admin/orders/{number}"
    assert owner.submit(f"{url}/notes", {"note": "Gift wrap"}, page="/cart").status_code == 303
    assert owner.submit(f"{url}/notes", {"note": ""}, page="/cart").status_code == 422
    page = owner.get(url).text
    assert "Gift wrap" in page
    mail = re.search(r"/mails/(\d+)", page)[1]
    assert owner.submit(f"{url}/mails/{mail}", page="/cart").status_code == 303
    with app.app_context():
        drain()
        kinds = db.session.scalars(select(MailMessage.kind)).all()
        assert kinds.count("order_paid") == 2


@both_engines
def test_staff_and_customers_search_by_one_folded_text(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        made = make_product("Néroli Œuvre", variants=[{"sku": "ner-10-ml"}])
        changes = {"address": {"name": "Élodie Łukasz"}, "email": "élodie.x@example.org"}
        order = kit.place(kit.fill_cart(made), **changes).order
        number, product_id = order.number, made.id
    for text in ("élodie", "ELODIE", "lukasz élod", "ner-10-ml", "NER-10-ML", "ner 10",
                 "Élodie.X@example.org", "elodie.x@", number.lower(), number[-4:]):  # fmt: skip
        assert number in owner.get("/admin/orders", query_string={"view": "all", "q": text}).text
    for text in ("élodine", "!", "%", "y@example.org"):
        page = owner.get("/admin/orders", query_string={"view": "all", "q": text}).text
        assert number not in page, text
    for text in ("ner-10-ml", "NER-10-ML", " ner-10-ML"):
        found = owner.get("/admin/find", query_string={"q": text}).location
        assert found == f"/admin/products/{product_id}"
    for text in ("NEROLI", "œuvre", "ner-10", "oeuvre neroli"):
        page = owner.get("/admin/products", query_string={"view": "all", "q": text}).text
        assert f"/admin/products/{product_id}" in page, text
    with app.app_context(), transaction() as session:
        user = session.scalars(select(User)).first()
        assert user
        order = session.get_one(Order, order.id)
        follow_order(order)
        order.user_id = user.id
        follow_order(order)
    for text in ("NÉROLI", "oeuvre", "néroli-oeuvre", "ner-10", number[3:].lower()):
        assert number in owner.get("/orders", query_string={"q": text}).text, text
    for text in ("élodie", "neroli x", "%"):
        page = owner.get("/orders", query_string={"q": text}).text
        assert f"/orders/{number}" not in page, text


def test_the_search_leads_to_what_has_the_name(app: Flask, owner: ShopClient) -> None:
    with app.app_context():
        category, brand = make_category("Bougies parfumées"), make_brand("Œuvre")
        with transaction():
            page_id = begin_sample(PageRole.IMPRINT).id
    for text, url in {
        "bougies PARFUMEES": f"/admin/categories/{category.id}",
        "oeuvre": f"/admin/brands/{brand.id}",
        "imprint": f"/admin/pages/{page_id}",
        "Delivery": "/admin/settings/delivery",
        "order numbers begin with": "/admin/settings/orders#order_prefix",
        "bougies": "/admin/orders?view=all&q=bougies",
    }.items():
        assert owner.get("/admin/find", query_string={"q": text}).location == url
    packer = sign_in(app, ["orders.view"])
    assert packer.get("/admin/find?q=oeuvre").location == "/admin/orders?view=all&q=oeuvre"
    with app.app_context():
        make_product("Sampler", brand=brand)
    assert owner.get("/admin/find?q=oeuvre").location == "/admin/products?view=all&q=oeuvre"
