"""The link of a parcel is that of the carrier who took it, as it was when it left."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import Carrier, DeliveryMethod, MailMessage, OrderItem, Shipment
from shop.orders.services import ship_order
from tests.conftest import both_engines
from tests.factories import make_product
from tests.orders import kit

DHL = "https://dhl.example/?id={number}"


@pytest.fixture(autouse=True)
def shop(ctx: Flask) -> None:
    kit.open_shop()
    with transaction() as session:
        session.add(Carrier(name="DHL Express", name_key="dhl express", tracking_url=DHL))


def send(carrier: str, number: str = "6A1", **more: str) -> Shipment:
    """Send a parcel of a new order, whose delivery method is usually Colissimo's."""
    order, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref)
    item = db.session.scalars(select(OrderItem).where(OrderItem.order_id == order.id)).one()
    return ship_order(order.id, {item.id: 1}, carrier=carrier, tracking_number=number, **more)


@both_engines
def test_a_parcel_of_another_carrier_is_followed_there() -> None:
    parcel = send("dhl  EXPRESS", "6A 1/2")
    assert (parcel.carrier, parcel.tracking_url) == (
        "dhl  EXPRESS",
        "https://dhl.example/?id=6A1%2F2",
    )
    drain()
    mails = select(MailMessage.html_body).where(MailMessage.kind == "order_sent")
    body = db.session.scalars(mails).one()
    assert "https://dhl.example/?id=6A1%2F2" in body
    assert "https://carrier.example" not in body


@both_engines
def test_after_a_change_of_carrier_nothing_leads_to_the_former_one() -> None:
    with transaction():
        dhl = db.session.scalars(select(Carrier.id).where(Carrier.name == "DHL Express")).one()
        changed(update(DeliveryMethod).values(carrier_id=dhl))
    assert send("DHL Express").tracking_url == "https://dhl.example/?id=6A1"
    assert send("Colissimo").tracking_url == "https://carrier.example/6A1"


def test_a_carrier_that_nobody_knows_has_the_link_that_was_given_or_none() -> None:
    assert send("Bicycle").tracking_url == ""
    assert send("").tracking_url == ""
    given = send("Bicycle", tracking_url="https://bicycle.example/1")
    assert given.tracking_url == "https://bicycle.example/1"


@both_engines
def test_links_that_were_sent_stay_when_the_pattern_is_mended() -> None:
    parcel = send("Colissimo")
    with transaction():
        mended = "https://colissimo.example/{number}"
        changed(update(Carrier).where(Carrier.name == "Colissimo").values(tracking_url=mended))
    db.session.expire_all()
    assert db.session.get_one(Shipment, parcel.id).tracking_url == "https://carrier.example/6A1"
    assert send("Colissimo").tracking_url == "https://colissimo.example/6A1"


@both_engines
def test_a_number_of_many_signs_has_a_link(ctx: Flask) -> None:
    assert send("Colissimo", "é" * 120).tracking_url.endswith("%C3%A9" * 120)
