"""How many unpaid orders a customer and a place may have: counted, one order after the other."""

from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, bindparam, func, select

from shop.core.client_addresses import place_of
from shop.core.clock import now
from shop.core.db import db
from shop.core.errors import CartError, TooManyRequests
from shop.core.locks import lock_names
from shop.customers.queries import is_buyer_blocked
from shop.models import Order
from shop.models.order import DEAD, OPEN
from shop.orders.checkout_details import HOLD, CheckoutDetails
from shop.settings.queries import shop_settings

HOUR: Final = timedelta(hours=1)
ELSEWHERE: Final = 10  # times the orders of a guest's address in one place: what it has in all


def lock_limits(details: CheckoutDetails) -> None:
    """Have other orders of this customer and this place wait until this one is made.

    Otherwise orders that are placed at once do not count each other. Before any row is locked, in
    the caller's transaction; a limit that is off locks nothing.
    """
    settings, names = shop_settings(), []
    if settings.open_orders_per_email:
        is_guest = details.user_id is None
        who = f"address {details.email_key}" if is_guest else f"account {details.user_id}"
        names.append(f"orders of {who}")
    if settings.open_orders_per_ip or settings.unpaid_orders_per_hour:
        names.append(f"orders from {place_of(details.ip)}")
    lock_names(names)


def check_buyer(details: CheckoutDetails) -> None:
    """Refuse an order of somebody whom staff have blocked. Raises CartError."""
    if is_buyer_blocked(details.user_id, details.email_key):
        raise CartError("We cannot take an order for this address. Please get in touch with us.")


def check_limits(details: CheckoutDetails) -> None:
    """Refuse one more order to a customer or a place that has too many unpaid ones.

    Anybody can type anybody's e-mail address, so a guest is the address *and* the place: what a
    stranger does elsewhere locks nobody out, unless it comes from many places: then the address
    has its own, wider limit. An account is itself, wherever it is. Those of the
    last hour count when they have ended, too: whoever tries stolen cards opens one payment page
    after the other. Raises TooManyRequests. Exact after `lock_limits`.
    """
    settings = shop_settings()
    from_customer, anywhere, from_place, lately = db.session.execute(
        _OF_GUEST if details.user_id is None else _OF_ACCOUNT,
        {
            "place": place_of(details.ip),
            "email_key": details.email_key,
            "user_id": details.user_id,
            "an_hour_ago": now() - HOUR,
        },
    ).one()
    for count, limit, wait in (
        (from_customer, settings.open_orders_per_email, HOLD),
        (anywhere, ELSEWHERE * settings.open_orders_per_email, HOLD),
        (from_place, settings.open_orders_per_ip, HOLD),
        (lately, settings.unpaid_orders_per_hour, HOUR),
    ):
        if limit and count >= limit:
            raise TooManyRequests(
                "There are unfinished payments from you already. Finish one of them, or wait until "
                "they end by themselves.",
                retry_after=int(wait.total_seconds()),
            )


def _counts(
    is_customer: ColumnElement[bool], is_anywhere: ColumnElement[bool]
) -> Select[int, int, int, int]:
    is_open = Order.payment_status.in_(OPEN)
    is_lately = Order.payment_status.in_(DEAD) & (Order.placed_at > bindparam("an_hour_ago"))
    return select(
        _count(is_open, is_customer),
        _count(is_open, is_anywhere),
        _count(is_open, _IS_FROM_PLACE),
        _count(_IS_FROM_PLACE, is_open | is_lately),
    )


def _count(*which: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(Order).where(*which).scalar_subquery()


# Built once: putting them together costs more than asking them.
_IS_FROM_PLACE: Final = Order.ip == bindparam("place")
_HAS_ADDRESS: Final = and_(Order.email_key == bindparam("email_key"), Order.user_id.is_(None))
_HAS_ACCOUNT: Final = Order.user_id == bindparam("user_id")
_OF_GUEST: Final = _counts(and_(_HAS_ADDRESS, _IS_FROM_PLACE), _HAS_ADDRESS)
_OF_ACCOUNT: Final = _counts(_HAS_ACCOUNT, _HAS_ACCOUNT)
