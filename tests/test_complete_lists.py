"""Lists that must name every column: a new one is covered, or is left out with a reason.

Rows are written in which every column that must be covered holds something of its own; then the
shop does its work, and each column is looked at. Tables that point to orders, customers and carts
are held to the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from flask import Flask
from sqlalchemy import select

from shop.account.queries import account_data
from shop.admin.products.forms import ProductForm
from shop.cart.contents import CartView
from shop.cart.queries import get_cart
from shop.catalog.input_types import PRODUCT_CONTENT
from shop.core import clock
from shop.core.db import Base, db, transaction
from shop.models import (
    Address,
    Cart,
    CartItem,
    CheckoutAttempt,
    ContactMessage,
    CouponRedemption,
    Customer,
    CustomerNote,
    MailMessage,
    Order,
    OrderItem,
    OrderNote,
    OrderText,
    PageRole,
    Product,
    Shipment,
    User,
    UserSession,
)
from shop.models.order import CHECKOUT_TEXTS
from shop.operations.retention import anonymise_orders
from shop.orders.checkout_details import CheckoutDetails, snapshot_hash
from shop.orders.payment.end import end_dead_attempt
from shop.pages.services import begin_sample, publish_page
from tests.coupons.kit import apply, coupon, view
from tests.factories import make_product, make_user
from tests.orders import kit

Row = dict[str, Any]
Change = Callable[[CartView, CheckoutDetails], tuple[CartView, CheckoutDetails]]


def names(left_out: Mapping[str, str]) -> set[str]:
    """Return what is named for all reasons together."""
    return {name for listed in left_out.values() for name in listed.split()}


def columns(*models: type[Base]) -> set[str]:
    return {column.key for model in models for column in model.__table__.columns}


def tables(*models: type[Base]) -> set[str]:
    return {model.__tablename__ for model in models}


def pointing_to(*targets: str) -> set[str]:
    """Return the tables with a foreign key to one of `targets`."""
    return {
        table.name
        for table in Base.metadata.tables.values()
        if any(key.column.table.name in targets for key in table.foreign_keys)
    }


def row_of(model: type[Base], **where: Any) -> Row:
    db.session.rollback()
    table = model.__table__
    found = db.session.execute(select(table).filter_by(**where)).mappings().one()
    return dict(found)


# --- the snapshot's hash: what makes two checkouts of a cart the same ---


def typed(**values: Any) -> Change:
    return lambda cart, details: (cart, replace(details, **values))


def addressed(**values: Any) -> Change:
    return lambda cart, details: (cart, replace(details, address={**details.address, **values}))


def in_line(**values: Any) -> Change:
    return lambda cart, details: (
        replace(cart, lines=(replace(cart.lines[0], **values), *cart.lines[1:])),
        details,
    )


def in_cart(**values: Any) -> Change:
    return lambda cart, details: (replace(cart, **values), details)


def other_total(cart: CartView, details: CheckoutDetails) -> tuple[CartView, CheckoutDetails]:
    return replace(cart, totals=replace(cart.totals, amount_total=1)), details


def other_delivery(cart: CartView, details: CheckoutDetails) -> tuple[CartView, CheckoutDetails]:
    assert cart.quote
    return replace(cart, quote=replace(cart.quote, method_id=99)), details


HASHED: Final[dict[str, Change]] = {
    "user_id": typed(user_id=7),
    "email": typed(email="other@example.org"),
    "phone": typed(phone="+33 1"),
    **{column: typed(texts={name: "Ring"}) for name, column in CHECKOUT_TEXTS.items()},
    "customer_name": addressed(name="Ada"),
    "company": addressed(company="Flux"),
    "shipping_address": addressed(line2="2nd floor"),
    "country": addressed(country="DE"),
    "currency": in_cart(currency="CHF"),
    "coupon_code": in_cart(coupon=None),
    "amount_total": other_total,
    "delivery_method_id": other_delivery,
    "variant_id": in_line(variant_id=99),
    "quantity": in_line(quantity=9),
    "unit_amount": in_line(unit_amount=1),
}
NOT_HASHED: Final = {
    "keys of the row": "id order_id position number access_token snapshot_hash replaces_order_id",
    "whose checkout it is, by which the order was found": "cart_id checkout_token",
    "follows from e-mail address": "email_key",
    "follows from the lines, and the total from all of them": (
        "amount_subtotal amount_discount amount_shipping amount_tax shipping_tax_amount tax_amount"
    ),
    "follows from the variant, as it was when the order was placed": (
        "product_id product_name variant_label brand_name product_slug sku cover provider_product"
        " tax_class tax_rate_bp weight_grams is_tracked search_text"
    ),
    "follows from the delivery method, as it was promised first": (
        "delivery_name delivery_from delivery_until"
    ),
    "how the form came, not what it asks for": "ip locale language source terms_accepted_at",
    "of the machine and the shop": "is_sandbox tax_mode",
    "nobody can enter it yet": "vat_id",
    "what becomes of the order later": (
        "payment_status fulfilment_status attention is_disputed amount_paid amount_refunded"
        " placed_at hold_until paid_at paid_on closed_at anonymised_at updated_at version"
        " quantity_shipped quantity_refunded quantity_returned"
    ),
}
NOT_HASHED_DETAILS: Final = {
    "follows from e-mail address": "email_key",
    "is compared with the cart's total": "seen_total",
    "is compared with the cart's delivery method": "delivery_method_id",
    "whose checkout it is, by which the order was found": "checkout_token",
    "how the form came, not what it asks for": "ip locale language source are_terms_accepted",
}
DETAILS: Final[dict[str, Any]] = {
    "email": "other@example.org", "address": {"country": "DE"}, "phone": "+33 1",
    "texts": {"note": "Ring"}, "user_id": 7, "provider": "sandbox", "shown_versions": (3,),
}  # fmt: skip


@pytest.fixture
def checkout(ctx: Flask) -> tuple[CartView, CheckoutDetails]:
    kit.open_shop()
    coupon("WINTER")
    bag = kit.fill_cart(make_product())
    apply(bag, "WINTER")
    return get_cart(bag, country="FR"), kit.details(bag)


def test_the_snapshots_hash_knows_every_column(checkout: tuple[CartView, CheckoutDetails]) -> None:
    assert set(HASHED) | names(NOT_HASHED) == columns(Order, OrderItem)
    same = snapshot_hash(*checkout)
    assert [name for name, change in HASHED.items() if snapshot_hash(*change(*checkout)) == same] \
        == []  # fmt: skip


def test_the_snapshots_hash_knows_every_field_of_the_form(
    checkout: tuple[CartView, CheckoutDetails],
) -> None:
    known = {field.name for field in fields(CheckoutDetails)}
    assert set(DETAILS) | names(NOT_HASHED_DETAILS) == known
    cart, details = checkout
    same = snapshot_hash(cart, details)
    for name, value in DETAILS.items():
        assert snapshot_hash(cart, replace(details, **{name: value})) != same, name


# --- what staff edit of a product ---

NOT_CONTENT: Final = {
    "keys of the row": "id",
    "its place in the lists, which files set": "position",
    "staff say it by the status": "is_active published_at archived_at",
    "staff plan it on a page of its own": "on_sale_at off_sale_at due_at",
    "copies for lists": (
        "price_from compare_at has_price_range is_available few_left single_variant_id cover"
        " search_text"
    ),
    "what customers will think of it": "rating_avg rating_count",
    "its copy at the provider": "provider_ref sync_hash synced_at sync_error",
    "of the row": "stamp version created_at updated_at",
}


def test_the_content_of_a_product_is_every_column_that_staff_write(app: Flask) -> None:
    assert set(PRODUCT_CONTENT) | names(NOT_CONTENT) == columns(Product)
    with app.test_request_context():
        form = ProductForm()
        assert {name for name in PRODUCT_CONTENT if name not in form} == {"details"}, "rows of it"


# --- retention: what is taken out of an order that ended unpaid ---

STAYS: Final[dict[type[Base], dict[str, str]]] = {
    Order: {
        "keys of the row": "id number snapshot_hash cart_id replaces_order_id",
        "says nothing of a person": "country locale language source is_sandbox tax_mode",
        "the books": (
            "currency amount_subtotal coupon_code amount_discount amount_shipping amount_tax"
            " shipping_tax_amount amount_total amount_paid amount_refunded delivery_method_id"
            " delivery_name delivery_from delivery_until"
        ),
        "what became of it, and when": (
            "payment_status fulfilment_status attention is_disputed terms_accepted_at placed_at"
            " hold_until paid_at paid_on closed_at version"
        ),
    },
    CheckoutAttempt: {
        "keys of the row": "id order_id n provider provider_ref",
        "the books": "amount currency",
        "what became of it, and when": "state is_processing failures expires_at created_at",
    },
    MailMessage: {
        "keys of the row": "id kind dedupe_key message_id order_id",
        "that it was sent": "state error created_at sent_at",
    },
    CouponRedemption: {
        "keys of the row": "id coupon_id order_id",
        "the books": "state amount created_at closed_at",
    },
}
CLOCK: Final = {"updated_at"}
UNTOUCHED_TABLES: Final = {
    "the books: pieces and money": (
        "order_item payment refund shipment stock_hold stock_movement lucky_slot"
    ),
    "history: what happened, without names": "order_event order_text",
    "another order": "orders",
    "follows from the orders that are left, and goes with the last": "customer",
}


def test_retention_takes_the_person_out_of_every_column(ctx: Flask) -> None:
    order_id = unpaid_order()
    about: dict[type[Base], Row] = {Order: {"id": order_id}}
    about |= {model: {"order_id": order_id} for model in STAYS if model is not Order}
    before = {model: row_of(model, **where) for model, where in about.items()}
    assert anonymise_orders(clock.now() + timedelta(days=1)) == 1
    for model, where in about.items():
        after, stays = row_of(model, **where), names(STAYS[model])
        assert stays <= set(after)
        assert {name for name in stays if after[name] != before[model][name]} == set()
        goes = set(after) - stays - CLOCK - {"anonymised_at"}
        assert {name for name in goes if not before[model][name]} == set(), "give it a value here"
        assert {name for name in goes if after[name] == before[model][name]} == set(), model
    assert db.session.scalars(select(OrderNote)).all() == []
    covered = tables(*about, OrderNote)
    assert covered | names(UNTOUCHED_TABLES) == pointing_to("orders") | {"orders"}


def unpaid_order() -> int:
    """Make an order that ended unpaid, with all that may name its customer."""
    kit.open_shop()
    coupon("WINTER")
    user = make_user("camille@example.org")
    bag = kit.fill_cart(make_product())
    apply(bag, "WINTER")
    order, _ = kit.to_payment(
        bag, seen_total=view(bag).totals.amount_total, user_id=user.id, phone="+33 1",
        texts=dict.fromkeys(CHECKOUT_TEXTS, "Ring twice"), address={"company": "Flux"},
    )  # fmt: skip
    end_dead_attempt(kit.newest_attempt(order.id).id, "expired")
    with transaction() as session:
        session.get_one(Order, order.id).vat_id = "FR1"
        session.add(OrderNote(order_id=order.id, text="Camille called"))
        session.add(MailMessage(kind="x", dedupe_key="x", message_id="<x>", order_id=order.id,
                                to_address="camille@example.org", subject="Camille",
                                text_body="Camille", html_body="Camille"))  # fmt: skip
    return order.id


# --- own data: what a customer takes along ---

NOT_EXPORTED: Final[dict[type[Base], dict[str, str]]] = {
    User: {
        "keys of the row": "id email_key",
        "secret": "password_hash",
        "the shop's": "is_active role_id",
        "told by the sessions it ended": "password_changed_at",
    },
    Address: {"keys of the row": "id user_id", "when it was noted": "created_at"},
    UserSession: {"keys of the row": "id user_id", "secret": "token_hash"},
    Cart: {
        "keys of the row": "id user_id token_hash",
        "the shop's": "coupon_id",
        "told by what is in it": "created_at updated_at",
    },
    CartItem: {"keys of the row": "id cart_id variant_id", "the shop's": "seen_amount"},
    Order: {
        "keys of the row": "id user_id cart_id replaces_order_id snapshot_hash email_key",
        "secret": "access_token checkout_token",
        "written in the address too": "customer_name company country",
        "folded from what is exported": "search_text",
        "told by `status`": "payment_status fulfilment_status attention is_disputed",
        "the shop's": (
            "is_sandbox tax_mode shipping_tax_amount delivery_method_id delivery_from"
            " delivery_until hold_until paid_on anonymised_at updated_at version"
        ),
    },
    OrderItem: {
        "keys of the row": "id order_id position product_id variant_id product_slug cover",
        "folded from what is exported": "search_text",
        "the shop's": "provider_product tax_class tax_rate_bp weight_grams is_tracked",
    },
    Shipment: {"keys of the row": "id order_id", "the shop's": "user_id"},
    OrderText: {"told as the titles and numbers of what was shown": "order_id page_version_id"},
    ContactMessage: {
        "keys of the row": "id user_id form_token email_key",
        "the shop's": "done_by_id",
    },
    CustomerNote: {"keys of the row": "id customer_id", "the shop's": "user_id"},
}
NOT_EXPORTED_TABLES: Final = {
    "told by account and orders": "customer",
    "told by the order": (
        "checkout_attempt coupon_redemption lucky_slot order_event payment refund"
        " stock_hold stock_movement"
    ),
    "in the customer's own post box": "mail_message",
    "what a sign-in is checked with": "recovery_code second_factor",
    "staff's own": (
        "staff_invitation order_note audit_entry price_change page_version saved_view stock_count"
        " stock_count_line"
    ),
}


@pytest.mark.no_audit("rows hold what tells columns apart, not what adds up")
def test_own_data_have_every_column(ctx: Flask) -> None:
    user_id = customer()
    data = account_data(user_id)
    [order] = data["orders"]
    parts: dict[type[Base], object] = {
        User: data["account"], Address: data["addresses"][0], UserSession: data["sessions"][0],
        Cart: data["checkout"], CartItem: data["cart"][0], Order: order,
        OrderItem: order["items"][0], Shipment: order["parcels"][0],
        OrderText: order["texts"][0], ContactMessage: data["messages"][0],
        CustomerNote: data["notes"][0],
    }  # fmt: skip
    for model, part in parts.items():
        row, left_out = row_of(model), names(NOT_EXPORTED[model])
        assert left_out <= set(row)
        told = list(leaves(part))
        wanted = {name: value for name, value in row.items() if name not in left_out}
        assert {name for name, value in wanted.items() if not value} == set(), "give it a value"
        values = {name: list(leaves(value)) for name, value in wanted.items()}
        missing = {name for name, value in values.items() if not set(value) <= set(told)}
        assert missing == set(), model
    covered = tables(*parts)
    assert covered | names(NOT_EXPORTED_TABLES) == pointing_to("users", "cart", "orders") | {
        "users"
    }


def leaves(value: object) -> Iterator[object]:
    """Yield what is written in `value`, moments as text."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from leaves(part)
    else:
        yield value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def customer() -> int:
    """Make a customer with an order, a bag and an address: no two columns of a row are alike."""
    at = iter(clock.now() - timedelta(days=n) for n in range(1, 40))
    user = make_user("ada@example.com", name="Ada", phone="+33 1", locale="fr",
                     email_verified_at=next(at), created_at=next(at))  # fmt: skip
    variant = make_product().variants[0]
    with transaction() as session:
        place = dict(zip(("name", "company", "line1", "line2", "postal_code", "city", "region",
                          "country", "phone"), "ABCDEFGHI", strict=True))  # fmt: skip
        session.add(Address(user_id=user.id, is_default=True, **place))
        session.add(UserSession(user_id=user.id, token_hash="x", user_agent="Browser",
                                created_at=next(at), seen_at=next(at),
                                expires_at=clock.now() + timedelta(days=1)))  # fmt: skip
        cart = Cart(user_id=user.id, draft={"note": "typed"})
        session.add(cart)
        session.flush()
        session.add(CartItem(cart_id=cart.id, variant_id=variant.id, quantity=7, seen_amount=1,
                             created_at=next(at)))  # fmt: skip
        order = Order(
            number="N", access_token="x", snapshot_hash="x", user_id=user.id, email="a@b.example",
            email_key="x", phone="+33 2", vat_id="FR1", shipping_address=place, country="FR",
            **{column: f"Ring, {column}" for column in CHECKOUT_TEXTS.values()},
            ip="192.0.2.1", locale="de", language="en", source="shelf",
            currency="EUR", coupon_code="WINTER", amount_subtotal=40000, amount_discount=1234,
            amount_shipping=765, amount_tax=432, amount_total=39531, amount_paid=39530,
            amount_refunded=11, delivery_name="Parcel", terms_accepted_at=next(at),
            placed_at=next(at), paid_at=next(at), closed_at=next(at),
        )  # fmt: skip
        session.add(order)
        session.flush()
        session.add(OrderItem(
            order_id=order.id, position=1, product_id=variant.product_id, variant_id=variant.id,
            product_name="Ambre", variant_label="50 ml", brand_name="Flux", product_slug="ambre",
            sku="SKU", quantity=7, unit_amount=5000, amount_discount=321, amount_total=34679,
            tax_class="standard", tax_rate_bp=0, tax_amount=17, quantity_shipped=3,
            quantity_refunded=2, quantity_returned=1,
        ))  # fmt: skip
        session.add(Shipment(order_id=order.id, carrier="Colissimo", tracking_number="6A",
                             tracking_url="https://carrier.example/6A", sent_at=next(at),
                             delivered_at=next(at)))  # fmt: skip
        terms = publish_page(begin_sample(PageRole.TERMS), user_id=None)
        session.add(OrderText(order_id=order.id, page_version_id=terms.id))
        session.add(ContactMessage(form_token="x", name="Camille", email="c@d.example",
                                   email_key="x", order_number="N-1", body="Where is it?",
                                   user_id=user.id, created_at=next(at),
                                   done_at=next(at)))  # fmt: skip
        of_it = select(Customer.id).where(Customer.user_id == user.id).scalar_subquery()
        session.add(CustomerNote(customer_id=of_it, text="Likes roses", created_at=next(at)))
    return user.id
