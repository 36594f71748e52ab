"""From a shelf to a paid order, in the words of the tests."""

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

from flask import Flask, current_app
from sqlalchemy import select

from sandboxes.stripe import Sandbox
from shop.cart.owner import CartOwner
from shop.cart.queries import get_cart
from shop.cart.services import add_item
from shop.core.db import db, transaction
from shop.core.emails import normalise_email
from shop.models import (
    Carrier,
    CheckoutAttempt,
    DeliveryMethod,
    Order,
    PageRole,
    Payment,
    Product,
    ProductVariant,
    TaxClass,
    TaxRate,
)
from shop.orders.checkout_details import CheckoutDetails
from shop.orders.services import PlacedOrder, place_order, start_payment
from shop.pages.queries import public_pages
from shop.settings.services import set_settings
from shop.shared.page_versions import bump_settings
from tests.factories import make_method

ADDRESS = {
    "name": "Camille Laurent",
    "company": "",
    "line1": "14 rue des Capucins",
    "line2": "",
    "postal_code": "69001",
    "city": "Lyon",
    "region": "",
    "country": "FR",
    "phone": "",
}


def sandbox_of(app: Flask) -> Sandbox:
    """Return the sandbox that plays Stripe for `app`."""
    sandbox: Sandbox = app.extensions["sandbox"].sandbox
    return sandbox


def open_shop() -> DeliveryMethod:
    """Give the shop a way to deliver and the taxes of France."""
    with transaction() as session:
        usual = Carrier(
            name="Colissimo", name_key="colissimo", tracking_url="https://carrier.example/{number}"
        )
        session.add(usual)
        session.flush()
        method = make_method(code="tracked", carrier_id=usual.id, free_from=15000, to=["FR", "DE"])
        make_method("Parcel abroad", 1900, code="abroad", to=["CH", "JP"])
        for tax_class, rate in ((TaxClass.STANDARD, 2000), (TaxClass.REDUCED, 550)):
            session.add(TaxRate(country="FR", tax_class=tax_class, name="TVA", rate_bp=rate))
        bump_settings()
    return method


def lift_limits() -> None:
    """Let everybody have as many unpaid orders as a test needs."""
    names = ("open_orders_per_email", "open_orders_per_ip", "unpaid_orders_per_hour")
    set_settings(dict.fromkeys(names, "0"), user_id=None)


IBAN = "DE89 3704 0044 0532 0130 00"


def offer_transfer(**changes: str) -> None:
    """Let customers pay by bank transfer, too."""
    account = {"transfer_holder": "Maison Flux SARL", "transfer_iban": IBAN, **changes}
    set_settings(account, user_id=None)


def fill_cart(*products: Product, quantity: int = 1, token: str | None = None) -> int:
    """Put the first variant of each product into a guest's cart; return the cart's id."""
    return fill_cart_with([p.variants[0].id for p in products], quantity=quantity, token=token)


def fill_cart_with(
    variant_ids: Sequence[int], *, quantity: int = 1, token: str | None = None
) -> int:
    """Put variants into a guest's cart; return the cart's id."""
    owner = CartOwner(
        token_hash=hashlib.sha256((token or secrets.token_hex()).encode()).hexdigest()
    )
    cart_id = 0
    for variant_id in variant_ids:
        cart_id = add_item(owner, variant_id, quantity).cart_id
    return cart_id


def details(cart_id: int, **changes: Any) -> CheckoutDetails:
    """Return what a customer who saw the present total, and agreed to the texts, would send."""
    address = {**ADDRESS, **changes.pop("address", {})}
    email = changes.pop("email", "camille@example.org")
    total = get_cart(cart_id, country=address["country"]).totals.amount_total
    pages = public_pages()
    values: dict[str, Any] = {
        "email": email,
        "email_key": normalise_email(email),
        "address": address,
        "delivery_method_id": None,
        "seen_total": total,
        "checkout_token": secrets.token_urlsafe(24),
        "ip": "198.51.100.7",
        "shown_versions": tuple(page.version_id for page in pages.at_checkout),
        "are_terms_accepted": bool(pages.of_role(PageRole.TERMS)),
    }
    return CheckoutDetails(**{**values, **changes})


def place(cart_id: int, **changes: Any) -> PlacedOrder:
    """Place the cart's order."""
    return place_order(cart_id, details(cart_id, **changes))


def to_payment(cart_id: int, **changes: Any) -> tuple[Order, str]:
    """Place the order and open its payment page; return the order and the session's id."""
    placed = place(cart_id, **changes)
    start_payment(placed.order.id, placed.attempt)
    db.session.rollback()
    attempt = newest_attempt(placed.order.id)
    assert attempt.provider_ref
    return placed.order, attempt.provider_ref


def pay(ref: str, instrument: str = "visa", **options: Any) -> None:
    """Pay an open page as the customer would."""
    db.session.rollback()
    sandbox_of(current_app._get_current_object()).pay(ref, instrument, **options)  # type: ignore[attr-defined]
    db.session.rollback()


def newest_attempt(order_id: int) -> CheckoutAttempt:
    return db.session.scalars(
        select(CheckoutAttempt)
        .where(CheckoutAttempt.order_id == order_id)
        .order_by(CheckoutAttempt.n.desc())
        .execution_options(populate_existing=True)
    ).first()  # type: ignore[return-value]


def order(order_id: int) -> Order:
    """Return the order as it is now."""
    db.session.rollback()
    return db.session.get_one(Order, order_id, populate_existing=True)


def stock(variant_id: int) -> tuple[int, int]:
    """Return what is on hand and reserved of a variant now."""
    db.session.rollback()
    row = db.session.get_one(ProductVariant, variant_id, populate_existing=True)
    return row.stock_on_hand, row.stock_reserved


def payments(order_id: int) -> list[Payment]:
    db.session.rollback()
    return list(db.session.scalars(select(Payment).where(Payment.order_id == order_id)))


def make_ill(order_id: int, column: str, value: str) -> None:
    """Let nobody give the column of an order another value any more, as a broken row does."""
    with transaction() as session:
        if db.engine.dialect.name == "postgresql":
            rule = f"CHECK (id <> {order_id} OR {column} = '{value}')"
            session.connection().exec_driver_sql(f"ALTER TABLE orders ADD CONSTRAINT ill {rule}")
        else:
            session.connection().exec_driver_sql(
                f"CREATE TRIGGER ill BEFORE UPDATE OF {column} ON orders "
                f"WHEN OLD.id = {order_id} BEGIN SELECT RAISE(ABORT, 'ill'); END"
            )


def heal() -> None:
    """Take back what `make_ill` did."""
    db.session.rollback()
    is_postgresql = db.engine.dialect.name == "postgresql"
    statement = "ALTER TABLE orders DROP CONSTRAINT ill" if is_postgresql else "DROP TRIGGER ill"
    with transaction() as session:
        session.connection().exec_driver_sql(statement)
