"""Mails with made-up data, in which staff see what their words become. Nothing here is stored."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _

from shop.core.clock import now
from shop.core.config import config
from shop.core.money import format_money
from shop.mail.message import Mail
from shop.mail.messages.orders import arrival_sentence, what_was_paid
from shop.mail.queries import MailLine, Sale
from shop.mail.render import compose, day_in_words, link
from shop.mail.sums import order_sums
from shop.mail.words import Sources
from shop.models import Order, OrderItem, Refund, Shipment, TaxMode
from shop.payments.by_hand import Detail, Instructions
from shop.settings.queries import shop_settings

NUMBER = "SAMPLE-1"
NAME, EMAIL = "Camille Laurent", "camille@example.org"
UNIT, DELIVERY, TAX = 12_000, 600, 4_100  # minor units


def sample_mail(kind: str, language: str, to: str = EMAIL, sources: Sources | None = None) -> Mail:
    """Return a mail of a kind that has words, as an invented customer would get it.

    `sources`: words that are not saved yet.
    """
    sale, pay = _sale(), _instructions()
    refund = Refund(amount=UNIT, currency=sale.order.currency)
    amount = format_money(UNIT, sale.order.currency, sale.order.locale)
    shipment = Shipment(
        carrier="Colissimo",
        tracking_number="8R40000000017",
        tracking_url=link("/pages/delivery"),
        sent_at=now(),
    )
    return compose(
        kind,
        to=to,
        sources=sources,
        language=language,
        fill={
            "number": NUMBER,
            "name": NAME,
            "email": EMAIL,
            "day": day_in_words(pay.until),
            "arrives": arrival_sentence(sale),
            "money": what_was_paid(was_charged=True),
            "amount": amount,
            "sent": day_in_words(shipment.sent_at),
        },
        sale=sale,
        order=sale.order,
        order_sums=order_sums,
        pay=pay,
        shipment=shipment,
        parcel=sale.lines,
        refund=refund,
        returned=sale.lines[:1],
        url=link("/"),
    )


def _sale() -> Sale:
    item = OrderItem(
        product_name=str(_("A sample piece")),
        variant_label="50 ml",
        product_slug="",
        quantity=2,
        unit_amount=UNIT,
    )
    order = Order(
        number=NUMBER,
        access_token="sample",  # noqa: S106 -- leads nowhere
        email=EMAIL,
        customer_name=NAME,
        customer_note="",
        locale=shop_settings().locale,
        delivery_name="",
        delivery_until=(now() + timedelta(days=4)).date(),
        **_amounts(),
    )
    lines = [MailLine(item, 2, UNIT * 2)]
    address = [NAME, "12 rue des Lilas", "75011 Paris", "France"]
    return Sale(order, lines, address, method_label="Visa •••• 4242", was_charged=True)


def _amounts() -> dict[str, Any]:
    return {
        "currency": config().currency,
        "tax_mode": TaxMode.INCLUSIVE,
        "coupon_code": "",
        "amount_subtotal": UNIT * 2,
        "amount_discount": 0,
        "amount_shipping": DELIVERY,
        "amount_tax": TAX,
        "amount_total": UNIT * 2 + DELIVERY,
    }


def _instructions() -> Instructions:
    shop = shop_settings()
    details = (
        Detail(_("Account holder"), shop.transfer_holder or shop.name),
        Detail(_("IBAN"), shop.transfer_iban or "FR76 3000 6000 0112 3456 7890 189"),
    )
    total, last = UNIT * 2 + DELIVERY, now() + timedelta(days=7)
    return Instructions(total, config().currency, details, NUMBER, last.date())
