"""What is said of a parcel that has left is mended once, with its trail, and told if wished."""

from flask import Flask
from sqlalchemy import select

from shop.core.db import db
from shop.jobs import drain
from shop.models import MailMessage, Shipment
from tests.admin.kit import fill_in, order_of, paid_order, shown, trail, twice
from tests.admin.test_orders import item_of, parcel
from tests.client import ShopClient
from tests.conftest import both_engines


def sent(app: Flask, owner: ShopClient) -> tuple[str, str]:
    """Send an order with a wrong number; return its number and the parcel's page."""
    number = paid_order(app)
    with app.app_context():
        item = f"item-{item_of(number).id}"
    typed = parcel(owner, number, **{item: "2", "tracking_number": "6A 1", "notify": "1"})
    assert owner.post(f"/admin/orders/{number}/shipments", data=typed).status_code == 303
    with app.app_context():
        drain()
        found = db.session.scalars(select(Shipment)).one()
        return number, f"/admin/orders/{number}/parcels/{found.id}"


def the_parcel() -> Shipment:
    db.session.close()
    return db.session.scalars(select(Shipment)).one()


def mails() -> list[str]:
    drain()
    of_kind = select(MailMessage.text_body).where(MailMessage.kind == "order_sent")
    return [str(body) for body in db.session.scalars(of_kind.order_by(MailMessage.id))]


@both_engines
def test_a_wrong_number_is_mended_once_and_told_once_more(app: Flask, owner: ShopClient) -> None:
    number, page = sent(app, owner)
    assert page in owner.get(f"/admin/orders/{number}").text
    begun = shown(owner.get(page).text, f'action="{page}')
    assert begun["tracking_number"] == "6A 1"
    assert "selected>Colissimo" in owner.get(page).text
    typed = {"tracking_number": "6A 2", "carrier_id": "", "carrier": "Bicycle", "notify": "1"}
    form = fill_in(owner, page, page, **typed, tracking_url="https://bike.example/6A2")
    assert [answer.status_code for answer in twice(owner, page, form)] == [303, 303]
    with app.app_context():
        mended = the_parcel()
        assert (mended.carrier, mended.tracking_number) == ("Bicycle", "6A 2")
        assert mended.tracking_url == "https://bike.example/6A2"
        first, second = mails()
        assert "6A 1" in first
        assert "6A 2" in second
        entry = trail()[-1]
        assert entry.action == "orders.parcel"
        assert (entry.before or {})["tracking_number"] == "6A 1"
        assert (entry.after or {})["tracking_number"] == "6A 2"
        assert len(trail()) == 2
        link = f"/o/{order_of(number).access_token}"
    seen = app.test_client().get(link, follow_redirects=True).text
    assert "Tracking number corrected" in seen


@both_engines
def test_who_was_overtaken_mends_nothing(app: Flask, owner: ShopClient) -> None:
    _number, page = sent(app, owner)
    first, second = (
        fill_in(owner, page, page, tracking_number=text, carrier="Bicycle") for text in ("7", "8")
    )
    assert owner.post(page, data=first).status_code == 303
    late = owner.post(page, data=second)
    assert late.status_code == 409
    assert 'value="8"' in late.text
    with app.app_context():
        assert the_parcel().tracking_number == "7"
        assert len(mails()) == 1  # nobody wished for another


def test_nonsense_and_foreign_parcels_are_refused(app: Flask, owner: ShopClient) -> None:
    number, page = sent(app, owner)
    for typed in ({"tracking_number": "x" * 121}, {"tracking_url": "http://bike.example"}):
        answer = owner.post(page, data=fill_in(owner, page, page, **typed))
        assert answer.status_code == 422
    other = paid_order(app)
    foreign = page.replace(number, other)
    assert owner.get(foreign).status_code == 404
    form = fill_in(owner, page, page, tracking_number="9")
    assert owner.post(foreign, data=form).status_code == 404
    with app.app_context():
        assert the_parcel().tracking_number == "6A 1"
