"""The day of a moment is that of the shop's zone, on pages and in mails alike."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select, update

from shop.core.db import changed, db, transaction
from shop.mail.messages.orders import order_sent
from shop.models import Order, OrderItem, Shipment
from shop.orders.services import ship_order
from tests.client import ShopClient
from tests.factories import make_product
from tests.orders import kit

LATE = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # 1 December in Paris


def test_late_in_the_evening_utc_is_the_next_day_in_paris(app: Flask, client: ShopClient) -> None:
    with app.app_context():
        kit.open_shop()
        order, ref = kit.to_payment(kit.fill_cart(make_product()))
        kit.pay(ref)
        item = db.session.scalars(select(OrderItem)).one()
        parcel = ship_order(order.id, {item.id: 1}, carrier="", tracking_number="")
        with transaction():
            changed(update(Order).values(placed_at=LATE, paid_at=LATE))
            changed(update(Shipment).values(sent_at=LATE))
        mail, token = order_sent(parcel.id), kit.order(order.id).access_token
    page = client.get(f"/o/{token}").text
    steps = page[page.index("<ol") : page.index("</ol>")]
    assert (steps.count("1 Dec"), steps.count("30 Nov")) == (3, 0)  # ordered, paid, sent
    assert mail is not None
    assert "has left us on 1 December 2026" in mail.text
