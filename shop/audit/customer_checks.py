"""U: who buys is known, and what each has bought in all is what their orders say."""

from typing import Any

from sqlalchemy import Select, String, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from shop.audit.registry import check
from shop.customers.facts import MEASURES, lifetime_facts, order_key
from shop.models import Customer, CustomerSum, Order, User

Rows = Select[*tuple[Any, ...]]


@check("U1", "Whoever has an account or an order is a customer, with their last order and state")
def customers_differ() -> Rows:
    """Find orders and accounts of nobody, customers without either, and what is out of date."""
    other, last = aliased(Order), aliased(Order)
    known = select(Customer.id).where(Customer.key == order_key()).exists()
    lost = select(order_key().label("key"), literal("order of nobody").label("wrong"))
    accounts = select(cast(User.id, String(255)), literal("account of nobody")).where(
        ~select(Customer.id).where(Customer.user_id == User.id).exists()
    )
    later = and_(
        or_(
            and_(Customer.user_id.is_not(None), other.user_id == Customer.user_id),
            and_(
                Customer.user_id.is_(None),
                other.user_id.is_(None),
                other.email_key == Customer.key,
            ),
        ),
        or_(
            last.id.is_(None),
            other.placed_at > last.placed_at,
            and_(other.placed_at == last.placed_at, other.id > last.id),
        ),
    )
    stale = (
        select(Customer.key, literal("not the last order"))
        .outerjoin(last, last.id == Customer.last_order_id)
        .where(
            or_(
                select(other.id).where(later).exists(),
                and_(Customer.user_id.is_(None), last.id.is_(None)),
            )
        )
    )
    states = (
        select(Customer.key, literal("blocked and active"))
        .join(User, User.id == Customer.user_id)
        .where(or_(Customer.is_blocked == User.is_active, Customer.key != cast(User.id, String)))
    )
    found = union_all(lost.where(order_key() != "", ~known), accounts, stale, states).subquery(
        "wrong"
    )
    return select(found.c.key, found.c.wrong)


@check("U2", "What a customer has bought in all is what their paid orders and refunds say")
def lifetimes_differ() -> Rows:
    """Find sums that are too large or too small; by how much."""
    sums = CustomerSum.__table__.c
    facts = lifetime_facts()
    noted = select(
        Customer.key,
        sums.is_sandbox,
        sums.currency,
        *((-sums[name]).label(name) for name in MEASURES),
    ).join(Customer, Customer.id == sums.customer_id)
    both = union_all(facts, noted).subquery("both")
    keys = [both.c.key, both.c.is_sandbox, both.c.currency]
    missing = [func.sum(both.c[name]).label(f"{name}_missing") for name in MEASURES]
    off = or_(*(func.sum(both.c[name]) != 0 for name in MEASURES))
    return select(*keys, *missing).group_by(*keys).having(off)
