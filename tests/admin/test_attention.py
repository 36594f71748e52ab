"""Whoever takes an order off the desk, or sends it, has seen all that is the matter with it."""

from flask import Flask

from shop.core.db import db, transaction
from shop.models import Attention, Order
from shop.orders.events import raise_attention
from tests.admin.kit import fill_in, order_of, paid_order, shown
from tests.client import ShopClient
from tests.conftest import both_engines


def look(number: str, reason: Attention) -> None:
    db.session.close()
    with transaction() as session:
        raise_attention(session.query(Order).filter_by(number=number).one(), reason)


@both_engines
def test_what_came_up_since_stays_on_the_desk(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    page, url = f"/admin/orders/{number}", f"/admin/orders/{number}/attention"
    with app.app_context():
        look(number, Attention.REFUND_FAILED)
    form = fill_in(owner, page, url)
    with app.app_context():
        look(number, Attention.DISPUTED)
    late = owner.post(url, data=form)
    assert late.status_code == 409
    assert "has happened to this order in the meantime" in late.text
    with app.app_context():
        assert order_of(number).attention is Attention.DISPUTED
    assert owner.post(url, data=fill_in(owner, page, url)).status_code == 303
    with app.app_context():
        assert not order_of(number).attention


def test_nothing_is_sent_past_a_warning_that_nobody_saw(app: Flask, owner: ShopClient) -> None:
    number = paid_order(app)
    page, url = f"/admin/orders/{number}", f"/admin/orders/{number}/shipments"
    form = shown(owner.get(page).text, f'action="{url}"')
    with app.app_context():
        look(number, Attention.FRAUD_WARNING)
    assert owner.post(url, data=form).status_code == 409
    assert owner.post(url, data=shown(owner.get(page).text, f'action="{url}"')).status_code == 303
