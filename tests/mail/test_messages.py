"""What the mails say: the right order, amounts and links; no style that mail programs drop."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from shop.core.clock import now
from shop.core.db import db, transaction
from shop.mail import Mail
from shop.mail.messages import figures, orders, staff
from shop.mail.messages.test_mail import make_test_mail
from shop.models import (
    ContactMessage,
    Order,
    OrderItem,
    Payment,
    Provider,
    Refund,
    RefundItem,
    RefundState,
    Shipment,
    ShipmentItem,
)
from shop.orders.services import start_payment
from tests.factories import make_product
from tests.orders import kit
from tests.processes import ROOT

TEMPLATES = ROOT / "shop" / "templates" / "mail"

pytestmark = pytest.mark.no_audit(
    "writes parcels and refunds only to write about them", "F4b", "M4", "M4b", "M4d", "S2"
)


@pytest.fixture(autouse=True)
def shop(make_app: Callable[..., Flask]) -> Iterator[Flask]:
    app = make_app(SITE_URL="https://maison.example", STAFF_EMAIL="desk@maison.example")
    with app.app_context():
        kit.open_shop()
        yield app


@pytest.fixture
def order() -> Order:
    product = make_product("Néroli & Ambre <50>", price=14800, stock=9)
    placed, ref = kit.to_payment(kit.fill_cart(product, quantity=2))
    kit.pay(ref)
    return kit.order(placed.id)


def on_its_way() -> Mail | None:
    """Write the mail about another order, whose bank needs days."""
    placed, ref = kit.to_payment(kit.fill_cart(make_product()))
    kit.pay(ref, "sepa_later")
    return orders.order_processing(placed.id, kit.newest_attempt(placed.id).id)


def awaited() -> dict[str, Mail | None]:
    """Write the mails about an order whose customer is to send the money."""
    kit.offer_transfer()
    placed = kit.place(kit.fill_cart(make_product()), provider="manual")
    start_payment(placed.order.id, placed.attempt)
    at = (placed.order.id, placed.attempt.id)
    return {
        "order_awaiting": orders.order_processing(*at),
        "payment_reminder": orders.payment_reminder(*at),
        "order_expired": orders.order_expired(placed.order.id),
    }


def asked_again() -> Mail | None:
    """Write the mail about an order that is to be paid anew."""
    return orders.payment_asked_again(kit.to_payment(kit.fill_cart(make_product()))[0].id)


def everything(order: Order) -> dict[str, Mail]:
    """Write every mail there is about `order`."""
    item = db.session.query(OrderItem).filter_by(order_id=order.id).one()
    payment = db.session.query(Payment).filter_by(order_id=order.id).one()
    with transaction() as session:
        shipment = Shipment(
            order_id=order.id,
            carrier="Colissimo",
            tracking_number="6A19482207315",
            tracking_url="https://carrier.example/6A19482207315",
        )
        refund = Refund(
            order_id=order.id, payment_id=payment.id, provider=Provider.SANDBOX,
            provider_ref="re_1", amount=14800, currency="EUR", state=RefundState.SUCCEEDED,
        )  # fmt: skip
        message = ContactMessage(
            form_token="form", name="Ada", email="ada@example.org", email_key="ada@example.org",
            body="Where is it?",
        )  # fmt: skip
        session.add_all([shipment, refund, message])
        session.flush()
        session.add(ShipmentItem(shipment_id=shipment.id, order_item_id=item.id, quantity=1))
        session.add(
            RefundItem(refund_id=refund.id, order_item_id=item.id, quantity=1, amount=14800)
        )
    found = {
        "order_paid": orders.order_paid(order.id),
        "order_processing": on_its_way(),
        "payment_failed": orders.payment_failed(order.id),
        "payment_review": orders.payment_review(order.id),
        "order_canceled": orders.order_canceled(order.id),
        "order_sent": orders.order_sent(shipment.id),
        "order_delivered": orders.order_delivered(order.id),
        "order_refunded": orders.order_refunded(refund.id),
        "staff_attention": staff.staff_attention(order.id, "stock_short"),
        "staff_message": staff.staff_message(message.id),
        "staff_daily_sales": figures.staff_daily_sales(now().date()),
        "staff_low_stock": figures.staff_low_stock([item.variant_id]),
        "trial": make_test_mail("me@maison.example"),
        "payment_asked_again": asked_again(),
        **awaited(),
    }
    return {name: mail for name, mail in found.items() if mail is not None}


def test_the_confirmation_says_what_was_bought_and_where_it_goes(order: Order) -> None:
    mail = orders.order_paid(order.id)
    assert mail is not None
    assert mail.to == "camille@example.org"
    assert mail.subject == f"Your order {order.number}: thank you"
    for text in (mail.text, mail.html):
        assert f"https://maison.example/o/{order.access_token}" in text
        assert "€296.00" in text
        assert "Complimentary" in text
        assert "Visa" in text
        assert "14 rue des Capucins" in text
    assert "2 × Néroli & Ambre <50>: €296.00" in mail.text
    assert "Néroli &amp; Ambre &lt;50&gt;" in mail.html


def test_every_mail_is_whole(order: Order) -> None:
    mails = everything(order)
    of_accounts = ("email_", "password_", "second_", "staff_invitation", "verify_")
    there = {path.stem for path in TEMPLATES.glob("*.html")} - {"base", "_parts"}
    assert set(mails) == {name for name in there if not name.startswith(of_accounts)}
    for name, mail in mails.items():
        assert mail.kind == name
        links = re.findall(r'(?:href|src)="([^"]+)"', mail.html)
        assert links, name
        for target in links:
            assert target.startswith(("https://maison.example/", "https://carrier.example/")), (
                target
            )
        assert "\n\n\n" not in mail.text, name
        assert "Markup" not in mail.text, name
        assert "<" not in mail.text.replace("<50>", ""), name
        assert 'class="page"' in mail.html
        assert re.search(r'<h1[^>]+style="', mail.html), "styles are written into the elements"
        assert "@media (prefers-color-scheme: dark)" in mail.html
        assert "<link" not in mail.html
        assert len(mail.html) < 40_000, "mail programs cut off what is longer than 100 kB"
        assert mail.html.count("<style>") == 1


def test_the_parcel_names_its_number_and_only_what_is_in_it(order: Order) -> None:
    mail = everything(order)["order_sent"]
    assert "6A19482207315" in mail.text
    assert "https://carrier.example/6A19482207315" in mail.html
    assert "1 × Néroli" in mail.text


def test_a_refund_names_its_amount(order: Order) -> None:
    mail = everything(order)["order_refunded"]
    assert mail.subject == f"€148.00 refunded for order {order.number}"
    assert "1 × Néroli & Ambre <50>: €148.00" in mail.text


def test_a_customer_with_an_account_is_led_there(order: Order) -> None:
    from shop.mail.queries import get_sale

    sale = get_sale(order.id)
    assert sale.path == f"/o/{order.access_token}"
    db.session.expunge(sale.order)
    sale.order.user_id = 7
    assert replace(sale).path == f"/orders/{order.number}"
    db.session.rollback()


def test_nobody_is_written_to_about_an_anonymised_order(order: Order) -> None:
    with transaction() as session:
        session.get_one(Order, order.id).anonymised_at = now()
    assert orders.order_paid(order.id) is None


def test_staff_hear_nothing_without_an_address(
    order: Order, make_app: Callable[..., Flask]
) -> None:
    with make_app(STAFF_EMAIL="").app_context():
        assert staff.staff_attention(order.id, "stock_short") is None


def test_amounts_follow_the_language_of_the_order(order: Order) -> None:
    with transaction() as session:
        session.get_one(Order, order.id).locale = "de_DE"
    mail = orders.order_paid(order.id)
    assert mail is not None
    assert "296,00\N{NO-BREAK SPACE}€" in mail.text
