"""The one place that writes customers and their sums: each follows from their orders and account.

A sale, which customers wait for, writes what is new in one or two statements. What somebody has
bought is counted anew whenever one of their orders is refunded or changes hands. Either happens
while their row is locked; what is counted anew comes last in a transaction that does both.
"""

from functools import cache, partial
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import Insert, Integer, bindparam, cast, delete, insert, or_, select, update

from shop.catalog.text import fold
from shop.core.clock import now
from shop.core.db import before_commit, changed, db, insert_for, insert_new
from shop.customers.facts import MEASURES, bought_by, key_of_account, key_of_order, sums_by
from shop.models import Customer, CustomerNote, CustomerSum, Order, User, UserSession

CUSTOMERS: Final = Customer.metadata.tables[Customer.__tablename__]
# What an order tells of who placed it.
TOLD: Final = ("email", "name", "search_text", "last_order_id", "active_at", "is_business")


def follow_account(user_id: int) -> None:
    """Let the customer follow the account, which is new or was changed; at the commit."""
    follow_customer(key_of_account(user_id))


def note_order(order: Order) -> None:
    """Let the customer be known by an order that was just placed; at the commit."""
    key = key_of_order(order.user_id, order.email_key)
    before_commit(f"stamps:0:buyer:{key}:{order.id}", partial(_note, key, order))


def add_sale(order: Order) -> None:
    """Add an order that has just become paid to what its customer has bought; at the commit."""
    if key := key_of_order(order.user_id, order.email_key):
        before_commit(f"stamps:0:buyer:{key}:{order.id}:paid", partial(_add, key, order.id))


def follow_order(order: Order) -> None:
    """Let the customer follow an order that was refunded or changes hands; at the commit."""
    follow_customer(key_of_order(order.user_id, order.email_key))


def follow_customer(key: str) -> None:
    """Let a customer follow orders and account, at the end of the caller's transaction.

    Orders that changed hands have two: whose they were, and whose they are.
    """
    if key:
        before_commit(f"stamps:0:customer:{key}", partial(_follow, key))


def _note(key: str, order: Order) -> None:
    """Write what an order tells of its customer, if it is their last one."""
    last = SimpleNamespace(
        id=order.id,
        email=order.email,
        customer_name=order.customer_name,
        placed_at=order.placed_at,
        is_business=bool(order.company or order.vat_id),
    )
    told = _values(_account(order.user_id), last)
    first = {"key": key, "user_id": order.user_id, "is_blocked": False, "created_at": now()}
    db.session.execute(_noting(db.session.get_bind().dialect.name), {**first, **told})


@cache
def _noting(dialect: str) -> Insert:
    """Return the statement for a customer's last order, built once: it costs more than running it.

    Whether somebody is blocked, an order does not change.
    """
    names = [column.name for column in CUSTOMERS.c if not column.primary_key]
    new = insert_for(dialect)(CUSTOMERS).values({name: bindparam(name) for name in names})
    # Until there is an order, `active_at` is when the account was made, perhaps by the clock of
    # another server, or by this one's before it was set right: any order is later.
    has_none = CUSTOMERS.c.last_order_id.is_(None)
    is_last = or_(has_none, CUSTOMERS.c.active_at <= new.excluded.active_at)
    told = {name: new.excluded[name] for name in TOLD}
    return new.on_conflict_do_update(index_elements=["key"], set_=told, where=is_last)


def _add(key: str, order_id: int) -> None:
    """Add a paid order to the sums of its customer, whose row is held from here on."""
    customer_id = _lock(key)
    if customer_id is None:
        _follow(key)
        return
    adding = _adding(db.session.get_bind().dialect.name)
    db.session.execute(adding, {"customer": customer_id, "order": order_id})


@cache
def _adding(dialect: str) -> Insert:
    """Return the statement that adds an order to sums, built once."""
    sums = CustomerSum.metadata.tables[CustomerSum.__tablename__]
    customer = cast(bindparam("customer"), Integer).label("customer_id")
    sale = sums_by(customer).where(Order.id == bindparam("order"))
    new = insert_for(dialect)(sums).from_select(sums.c.keys(), sale)
    more = {name: sums.c[name] + new.excluded[name] for name in MEASURES}
    return new.on_conflict_do_update(
        index_elements=["customer_id", "is_sandbox", "currency"], set_=more
    )


def _follow(key: str) -> None:
    user_id = int(key) if key.isdecimal() else None
    customer_id = _lock(key)
    if customer_id is None:
        if not _make(key, user_id):
            return
        customer_id = _lock(key)
    # Only now: what others committed while this waited for the row is seen.
    user, last = _account(user_id), _last_order(user_id, key)
    if user is None and (user_id is not None or last is None):
        changed(delete(Customer).where(Customer.id == customer_id))
        return
    values = _values(user, last)
    changed(update(Customer).where(Customer.id == customer_id).values(**values))
    changed(delete(CustomerSum).where(CustomerSum.customer_id == customer_id))
    _sum_up(user_id, key)


def _sum_up(user_id: int | None, key: str) -> None:
    """Write what somebody who has no sums has bought."""
    theirs = select(Customer.id).where(Customer.key == key).scalar_subquery()
    found = sums_by(theirs.label("customer_id")).where(bought_by(user_id, key))
    changed(insert(CustomerSum).from_select(list(CustomerSum.__table__.c.keys()), found))


def _lock(key: str) -> int | None:
    """Let what is counted for one customer follow each other; None where there is no row yet."""
    found: int | None = db.session.scalar(
        select(Customer.id).where(Customer.key == key).with_for_update()
    )
    return found


def _make(key: str, user_id: int | None) -> bool:
    """Make the row of somebody who has an account or an order; return whether it was there already.

    Whoever makes it holds it, so that it is right at once; where others were faster it is to be
    counted anew.
    """
    user, last = _account(user_id), _last_order(user_id, key)
    if user is None and (user_id is not None or last is None):
        return False
    values = _values(user, last)
    if not insert_new(Customer, key=key, user_id=user_id, created_at=now(), **values):
        return True
    _sum_up(user_id, key)
    return False


def _account(user_id: int | None) -> Any:
    if user_id is None:
        return None
    columns = User.email, User.name, User.is_active, User.created_at
    return db.session.execute(select(*columns).where(User.id == user_id)).one_or_none()


def _last_order(user_id: int | None, key: str) -> Any:
    return db.session.execute(
        select(
            Order.id,
            Order.email,
            Order.customer_name,
            Order.placed_at,
            or_(Order.company != "", Order.vat_id != "").label("is_business"),
        )
        .where(bought_by(user_id, key))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(1)
    ).one_or_none()


def _values(user: Any, last: Any) -> dict[str, Any]:
    names = [name for name in (user and user.name, last and last.customer_name) if name]
    emails = [row.email for row in (user, last) if row]
    values = {
        "email": emails[0],
        "name": names[0] if names else "",
        "search_text": fold(" ".join(dict.fromkeys([*names, *emails]))),
        "last_order_id": last.id if last else None,
        "active_at": last.placed_at if last else user and user.created_at,
        "is_business": bool(last and last.is_business),
    }
    return values | ({"is_blocked": not user.is_active} if user else {})


def take_guest(email_key: str, user_id: int) -> None:
    """Let a guest become the account that has their orders now, with all that is known of them."""
    before_commit(f"stamps:0:customer:{email_key}", partial(_hand_over, email_key, user_id))


def _hand_over(email_key: str, user_id: int) -> None:
    guest = db.session.execute(
        select(Customer.id, Customer.is_blocked).where(Customer.key == email_key).with_for_update()
    ).one_or_none()
    if guest is not None and guest.is_blocked:  # whoever is blocked stays so
        mine = (User.id == user_id) & User.role_id.is_(None)
        if changed(update(User).where(mine).values(is_active=False)):
            changed(delete(UserSession).where(UserSession.user_id == user_id))
    _follow(key_of_account(user_id))
    if guest is not None:
        account = select(Customer.id).where(Customer.user_id == user_id).scalar_subquery()
        notes = update(CustomerNote).where(CustomerNote.customer_id == guest.id)
        changed(notes.values(customer_id=account))
    _follow(email_key)
