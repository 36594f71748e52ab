"""Whose an order is, and what somebody has bought: in SQL, of the rows of orders alone."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Select, String, case, cast, func, select

from shop.models import Order

MEASURES: Final = ("orders", "amount_sales", "amount_refunded", "amount_net")


def key_of_account(user_id: int) -> str:
    """Return what an account is known by among customers; an e-mail key holds an @."""
    return str(user_id)


def key_of_order(user_id: int | None, email_key: str) -> str:
    """Return whose an order is; "" once nobody is named in it."""
    return key_of_account(user_id) if user_id is not None else email_key


def order_key() -> ColumnElement[str]:
    """Return the same in SQL."""
    has_account = Order.user_id.is_not(None)
    return case((has_account, cast(Order.user_id, String(255))), else_=Order.email_key)


def bought_by(user_id: int | None, email_key: str) -> ColumnElement[bool]:
    """Return the condition that an order is theirs, as its indexes find it."""
    if user_id is not None:
        return Order.user_id == user_id
    # Not IS NULL: SQLite would walk all orders without an account, in the order of their days.
    return (Order.email_key == email_key) & (func.coalesce(Order.user_id, 0) == 0)


def lifetime_facts() -> Select[*tuple[Any, ...]]:
    """Return a statement for what each has bought; the words are those of CustomerSum."""
    return sums_by(order_key().label("key")).where(order_key() != "")


def sums_by(owner: Any) -> Select[*tuple[Any, ...]]:
    """Return a statement for sums of paid orders by an owner, by kind of money."""
    sales, back = func.sum(Order.amount_paid), func.sum(Order.amount_refunded)
    measures = {
        "orders": func.count(Order.id),
        "amount_sales": cast(sales, BigInteger),
        "amount_refunded": cast(back, BigInteger),
        "amount_net": cast(sales - back, BigInteger),
    }
    return (
        select(
            owner,
            Order.is_sandbox.label("is_sandbox"),
            Order.currency.label("currency"),
            *(what.label(name) for name, what in measures.items()),
        )
        .where(Order.paid_on.is_not(None))
        .group_by(owner, Order.is_sandbox, Order.currency)
    )
