"""What the desk of customers reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, or_, select

from shop.account.queries import list_addresses
from shop.auth.queries import list_sessions
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.core.errors import NotFound
from shop.customers.facts import bought_by
from shop.customers.queries import Standing, counts_for_tiers, standing_for
from shop.models import (
    Address,
    Cart,
    CartItem,
    Customer,
    CustomerNote,
    CustomerSum,
    Order,
    OrderText,
    Page,
    PageRole,
    PageVersion,
    Product,
    ProductVariant,
    Role,
    User,
)
from shop.models.order import OPEN

ORDERS_SHOWN: Final = 10


@dataclass(frozen=True)
class CustomerReading:
    """A customer's page.

    `user` None: a guest. `others`: sums of other money than the shop takes now. `namesake`: the
    customer who has the same address, as a guest beside an account or the other way round.
    """

    customer: Customer
    user: User | None
    role: Role | None
    standing: Standing
    current: CustomerSum | None
    others: Sequence[CustomerSum]
    orders: Sequence[Order]
    has_more: bool
    addresses: Sequence[Address]
    texts: Sequence[Any]
    notes: Sequence[Any]
    bag: Sequence[Any]
    sessions: int
    namesake: int | None

    @property
    def last_order(self) -> Order | None:
        """The order that they will ask about."""
        return self.orders[0] if self.orders else None


def find_customer(text: str) -> int | None:
    """Return the customer with exactly this address: by account, else as a guest."""
    key = normalise_email(text)
    account = select(User.id).where(User.email_key == key).scalar_subquery()
    found: int | None = db.session.scalar(
        select(Customer.id)
        .where(or_(Customer.user_id == account, Customer.key == key))
        .order_by(Customer.user_id.is_(None))
        .limit(1)
    )
    return found


def get_customer_page(customer_id: int, page: int = 1) -> CustomerReading:
    """Return a customer with a page of their orders, the newest first. Raises NotFound."""
    row = db.session.execute(
        select(Customer, User, Role)
        .outerjoin(User, User.id == Customer.user_id)
        .outerjoin(Role, Role.id == User.role_id)
        .where(Customer.id == customer_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    customer, user = row[0], row[1]
    current, others = _sums(customer_id)
    orders = _orders_of(customer, page)
    return CustomerReading(
        customer=customer,
        user=user,
        role=row[2],
        standing=standing_for(current.amount_net if current else 0),
        current=current,
        others=others,
        orders=orders[:ORDERS_SHOWN],
        has_more=len(orders) > ORDERS_SHOWN,
        addresses=list_addresses(user.id) if user else [],
        texts=_texts(customer),
        notes=_notes(customer_id),
        bag=_bag(user.id) if user else [],
        sessions=len(list_sessions(user.id)) if user else 0,
        namesake=_namesake(customer, user),
    )


def list_open_orders(customer: Customer) -> Sequence[Order]:
    """Return their orders that wait for money, the newest first, at most ORDERS_SHOWN."""
    return db.session.scalars(
        select(Order)
        .where(bought_by(customer.user_id, customer.key), Order.payment_status.in_(OPEN))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(ORDERS_SHOWN)
    ).all()


def _sums(customer_id: int) -> tuple[CustomerSum | None, Sequence[CustomerSum]]:
    found = db.session.execute(
        select(CustomerSum, counts_for_tiers().label("is_current"))
        .where(CustomerSum.customer_id == customer_id)
        .order_by(CustomerSum.is_sandbox, CustomerSum.currency)
    ).all()
    current = [row[0] for row in found if row.is_current]
    return (current[0] if current else None), [row[0] for row in found if not row.is_current]


def _orders_of(customer: Customer, page: int) -> Sequence[Order]:
    return db.session.scalars(
        select(Order)
        .where(bought_by(customer.user_id, customer.key))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(ORDERS_SHOWN + 1)
        .offset((page - 1) * ORDERS_SHOWN)
    ).all()


def _texts(customer: Customer) -> Sequence[Any]:
    """Return the texts that were shown with the last order, and when they were ticked."""
    return db.session.execute(
        select(
            PageVersion.title,
            PageVersion.number,
            (Page.role == PageRole.TERMS).label("is_terms"),
            Order.terms_accepted_at,
        )
        .join(OrderText, OrderText.page_version_id == PageVersion.id)
        .join(Page, Page.id == PageVersion.page_id)
        .join(Order, Order.id == OrderText.order_id)
        .where(Order.id == customer.last_order_id)
        .order_by(PageVersion.id)
    ).all()


def _notes(customer_id: int) -> Sequence[Any]:
    who = func.coalesce(func.nullif(User.name, ""), User.email)
    return db.session.execute(
        select(CustomerNote.text, CustomerNote.created_at, who.label("who"))
        .outerjoin(User, User.id == CustomerNote.user_id)
        .where(CustomerNote.customer_id == customer_id)
        .order_by(CustomerNote.id.desc())
        .limit(100)
    ).all()


def _bag(user_id: int) -> Sequence[Any]:
    return db.session.execute(
        select(Product.id, Product.name, ProductVariant.sku, CartItem.quantity)
        .join(ProductVariant, ProductVariant.id == CartItem.variant_id)
        .join(Product, Product.id == ProductVariant.product_id)
        .join(Cart, Cart.id == CartItem.cart_id)
        .where(Cart.user_id == user_id)
        .order_by(CartItem.id)
        .limit(50)
    ).all()


def _namesake(customer: Customer, user: User | None) -> int | None:
    found: int | None
    if user is not None:
        found = db.session.scalar(select(Customer.id).where(Customer.key == user.email_key))
        return found
    account = select(Customer.id).join(User, User.id == Customer.user_id)
    found = db.session.scalar(account.where(User.email_key == customer.key))
    return found
