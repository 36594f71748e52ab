"""Terms at checkout: agreed to as they were shown, kept with the order as they were agreed to."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shop.core.db import db, transaction
from shop.core.errors import BadInput, TextsChanged
from shop.jobs import drain
from shop.mail import handlers
from shop.mail.messages import orders
from shop.models import MailMessage, Order, OrderText, Page, PageRole, Product
from shop.pages.services import begin_sample, publish_page, take_down
from tests.admin.kit import sign_in
from tests.checkout.test_pages import FORM, add, no_order, only_order
from tests.client import ShopClient
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit


@pytest.fixture
def product(app: Flask) -> Product:
    with app.app_context():
        kit.open_shop()
        return make_product("Néroli", price=14800, stock=9)


def publish(app: Flask, *roles: PageRole) -> list[int]:
    """Publish the samples of these roles; return the ids of their versions."""
    with app.app_context(), transaction():
        return [publish_page(begin_sample(role), user_id=None).id for role in roles]


def rewrite(app: Flask, role: PageRole, source: str) -> int:
    with app.app_context(), transaction() as session:
        page = session.scalars(select(Page).where(Page.role == role)).one()
        page.source = source
        return publish_page(page, user_id=None).id


def fields(html: str) -> dict[str, str]:
    """Return what a browser sends of the form as it is shown, the tick included."""
    names = "checkout_token|seen_total|shown_texts"
    found = dict(re.findall(rf'name="({names})"[^>]*value="([^"]*)"', html))
    chosen = re.search(r'<input checked[^>]*name="delivery"[^>]*value="(\d+)"', html)
    ticked = re.search(r'<input checked[^>]*name="terms"', html)
    return found | ({"delivery": chosen[1]} if chosen else {}) | ({"terms": "y"} if ticked else {})


def texts_of(app: Flask) -> list[int]:
    with app.app_context():
        return sorted(db.session.scalars(select(OrderText.page_version_id)))


@both_engines
def test_the_order_keeps_what_was_shown_and_ticked(
    app: Flask, client: ShopClient, product: Product
) -> None:
    terms, withdrawal, _ = publish(app, PageRole.TERMS, PageRole.WITHDRAWAL, PageRole.PRIVACY)
    add(client, product)
    page = client.get("/checkout").text
    for address in ("/pages/terms/versions/1", "/pages/withdrawal/versions/1", "/pages/privacy"):
        assert f'href="{address}"' in page
    form = FORM | fields(page)
    assert "terms" not in form, "nobody is agreed for"
    refused = client.submit("/checkout", form, page="/checkout")
    assert refused.status_code == 422
    assert 'href="#terms"' in refused.text
    assert no_order(app)
    answer = client.submit("/checkout", form | {"terms": "y"}, page="/checkout")
    assert answer.status_code == 303
    assert only_order(app).terms_accepted_at is not None
    assert texts_of(app) == sorted([terms, withdrawal])
    rewrite(app, PageRole.TERMS, "Newer.")
    number = only_order(app).number
    owner = sign_in(app, is_owner=True)
    for seen in (client.get(f"/orders/{number}"), owner.get(f"/admin/orders/{number}")):
        assert 'href="/pages/terms/versions/1"' in seen.text
        assert 'href="/pages/withdrawal/versions/1"' in seen.text
    kit.sandbox_of(app).pay(answer.location.rsplit("/", 1)[1])
    with app.app_context():
        drain()
        mail = db.session.scalars(select(MailMessage).where(MailMessage.kind == "order_paid")).one()
        for body in (mail.text_body, mail.html_body):
            assert "/pages/terms/versions/1" in (body or "")
            assert "/pages/privacy" in (body or "")
        written = orders.order_paid(mail.order_id or 0)
        assert written is not None
        assert [file.name for file in written.attachments] == ["terms-1.txt", "withdrawal-1.txt"]
        assert b"How a contract is made" in written.attachments[0].data
        again = handlers.again({"mail_id": mail.id, "nth": "1"})
        assert again is not None
        assert again.attachments == written.attachments


@both_engines
def test_terms_that_changed_meanwhile_are_shown_first(
    app: Flask, client: ShopClient, product: Product
) -> None:
    publish(app, PageRole.TERMS)
    add(client, product)
    form = FORM | fields(client.get("/checkout").text) | {"terms": "y", "note": "Ring twice"}
    newest = rewrite(app, PageRole.TERMS, "Newer.")
    stale = client.submit("/checkout", form, page="/checkout")
    assert stale.status_code == 409
    assert "This has changed since you opened the page: Terms and conditions." in stale.text
    assert 'href="/pages/terms/versions/2"' in stale.text
    assert "Ring twice" in stale.text
    assert "terms" not in fields(stale.text), "nobody has agreed to the new ones"
    assert no_order(app)
    again = form | fields(stale.text) | {"terms": "y"}
    assert client.submit("/checkout", again, page="/checkout").status_code == 303
    assert texts_of(app) == [newest]


def test_a_part_of_the_page_carries_no_tick_over(
    app: Flask, client: ShopClient, product: Product
) -> None:
    publish(app, PageRole.TERMS)
    add(client, product)
    form = FORM | fields(client.get("/checkout").text) | {"terms": "y", "update": "1"}
    assert "terms" in fields(client.submit("/checkout", form, page="/checkout").text)
    rewrite(app, PageRole.TERMS, "Newer.")
    assert "terms" not in fields(client.submit("/checkout", form, page="/checkout").text)


def test_terms_that_came_or_went_meanwhile(
    app: Flask, client: ShopClient, product: Product
) -> None:
    add(client, product)
    form = FORM | fields(client.get("/checkout").text)
    assert 'name="terms"' not in client.get("/checkout").text
    publish(app, PageRole.TERMS)
    came = client.submit("/checkout", form, page="/checkout")
    assert came.status_code == 422
    assert 'name="terms"' in came.text
    ticked = form | fields(came.text) | {"terms": "y"}
    with app.app_context(), transaction() as session:
        take_down(session.scalars(select(Page.id)).one())
    went = client.submit("/checkout", ticked, page="/checkout")
    assert went.status_code == 409
    assert 'name="terms"' not in went.text
    assert client.submit("/checkout", form | fields(went.text), page="/checkout").status_code == 303
    order = only_order(app)
    assert order.terms_accepted_at is None, "no page showed any"


@pytest.mark.parametrize("shown", ["", "0", "999999", "x", "-1", "1 1 1", "1 2", "9" * 400])
def test_made_up_versions_make_no_order(
    app: Flask, client: ShopClient, product: Product, shown: str
) -> None:
    [terms] = publish(app, PageRole.TERMS)
    add(client, product)
    form = FORM | fields(client.get("/checkout").text) | {"terms": "y", "shown_texts": shown}
    answer = client.submit("/checkout", form, page="/checkout")
    is_right = set(shown.split()) == {str(terms)}
    assert answer.status_code == (303 if is_right else 409)
    assert no_order(app) is not is_right


@both_engines
def test_the_same_form_is_one_order_also_once_terms_have_changed(
    app: Flask, client: ShopClient, product: Product
) -> None:
    [first] = publish(app, PageRole.TERMS)
    add(client, product)
    form = FORM | fields(client.get("/checkout").text) | {"terms": "y"}
    assert client.submit("/checkout", form, page="/checkout").status_code == 303
    rewrite(app, PageRole.TERMS, "Newer.")
    assert client.submit("/checkout", form, page="/checkout").status_code == 303
    assert texts_of(app) == [first]
    with app.app_context():
        assert len(db.session.scalars(select(Order.id)).all()) == 1


@both_engines
def test_an_order_under_new_terms_is_another_one(app: Flask, product: Product) -> None:
    [first] = publish(app, PageRole.TERMS)
    with app.app_context():
        bag = kit.fill_cart(product)
        agreed = {"shown_versions": (first,), "are_terms_accepted": True}
        with pytest.raises(TextsChanged):
            kit.place(bag, shown_versions=())
        with pytest.raises(BadInput, match="Agree to the terms"):
            kit.place(bag, shown_versions=(first,), are_terms_accepted=False)
        old = kit.place(bag, **agreed).order.id
    newest = rewrite(app, PageRole.TERMS, "Newer.")
    with app.app_context():
        new = kit.place(bag, **agreed | {"shown_versions": (newest,)}).order.id
        assert new != old
        assert texts_of(app) == [first, newest]
