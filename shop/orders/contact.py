"""Whom an order is for and where it goes, mended after it was agreed."""

from sqlalchemy import select

from shop.core.addresses import PostalAddress
from shop.core.db import db, retried, transaction
from shop.core.emails import normalise_email
from shop.core.errors import BadInput, InvalidTransition, StaleForm
from shop.customers.booking import follow_order
from shop.models import Order, OrderItem, PaymentStatus, Shipment, TaxMode
from shop.models.order import DEAD
from shop.orders.events import add_order_event
from shop.orders.fulfilment.ship import OVERTAKEN
from shop.orders.fulfilment.status import lock_order
from shop.orders.search import order_text
from shop.orders.version import next_version

ANOTHER_COUNTRY = "Another country changes tax and delivery: refund it, and let it be placed anew."
CHECKED_FIRM = "The order is without tax for the company whose VAT number was given: it stays."
HAS_LEFT = "A parcel has left for this address, which stays. Only the e-mail address can change."


@retried
def change_contact(
    order_id: int,
    email: str,
    address: PostalAddress,
    *,
    version: int | None = None,
    user_id: int | None = None,
) -> Order:
    """Give an order another e-mail address, or another address in the same country.

    What tax, delivery and the provider were told stays as it is. Raises BadInput for what would
    change it and for an address to which a parcel has left, InvalidTransition for an order that
    is not paid yet or has ended, StaleForm when something else has happened since `version`.
    """
    with transaction():
        order = lock_order(order_id)
        if order.payment_status is PaymentStatus.PENDING:
            raise InvalidTransition("It is not paid yet: its customer can still change this.")
        if order.payment_status in DEAD:
            raise InvalidTransition("This order has ended.")
        if version not in {None, order.version}:
            raise StaleForm(OVERTAKEN)
        former = {name: order.shipping_address.get(name, "") for name in address.as_dict()}
        if address.as_dict() != former:
            _check_address(order, address)
        follow_order(order)
        _write(order, email, address)
        follow_order(order)
        next_version(order_id)
        add_order_event(order_id, "contact_changed", user_id=user_id)
        return order


def _check_address(order: Order, address: PostalAddress) -> None:
    if address.country != order.country:
        raise BadInput(country=ANOTHER_COUNTRY)
    if order.tax_mode is TaxMode.REVERSE_CHARGE and address.company != order.company:
        raise BadInput(company=CHECKED_FIRM)
    has_left = select(Shipment.id).where(Shipment.order_id == order.id).limit(1)
    if db.session.scalar(has_left) is not None:
        raise BadInput(line1=HAS_LEFT)


def _write(order: Order, email: str, address: PostalAddress) -> None:
    of_it = select(OrderItem.sku).where(OrderItem.order_id == order.id)
    skus = db.session.scalars(of_it.order_by(OrderItem.position))
    order.email, order.email_key = email, normalise_email(email)
    order.customer_name, order.company = address.name, address.company
    order.phone, order.shipping_address = address.phone, address.as_dict()
    order.search_text = order_text(order.number, address.name, email, skus)
