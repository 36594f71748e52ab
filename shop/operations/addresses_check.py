"""E-mail addresses that revision 0004 has told apart or found twice, for `flask doctor`."""

import unicodedata
from collections.abc import Iterator

from sqlalchemy import or_, select

from shop.core.db import db
from shop.core.emails import normalise_email
from shop.models import Order, User
from shop.operations.check_results import CheckResult, look

_SHOWN = 20  # findings of a kind


def check_addresses() -> Iterator[CheckResult]:
    """Does every account have its own address, and only orders of its own?"""
    doubled = select(User.id, User.email).where(User.email_key.like("%@%#%")).order_by(User.id)
    for user_id, email in db.session.execute(doubled.limit(_SHOWN)):
        yield look(
            "addresses",
            f"account {user_id} cannot sign in: another one has its address, {email}",
            "Let its owner choose one of the two; give the other another address or close it.",
        )
    for number, email, user_id, theirs in _mixed_orders():
        yield look(
            "addresses",
            f"order {number} of {email} is shown to account {user_id}, {theirs}",
            "The two addresses were once taken for one. Ask the buyer whose order it is.",
        )


def _mixed_orders() -> Iterator[tuple[str, str, int, str]]:
    """Yield orders whose address is not their account's, but was the same when letters folded."""
    other = or_(*(column.like("%xn--%") for column in (Order.email_key, User.email_key)))
    found = (
        select(Order.number, Order.email, User.id, User.email)
        .join(User, Order.user_id == User.id)
        .where(Order.email_key != User.email_key, other)
        .order_by(Order.id)
    )
    shown = 0
    for number, email, user_id, theirs in db.session.execute(found):
        if shown < _SHOWN and _folded(email) == _folded(theirs):
            shown += 1
            yield number, email, user_id, theirs


def _folded(address: str) -> str:
    """Return the key that an address had before revision 0004."""
    import idna

    local, at, domain = normalise_email(address).rpartition("@")
    try:
        domain = idna.decode(domain)
    except (idna.IDNAError, UnicodeError):
        return address
    return unicodedata.normalize("NFKC", f"{local}{at}{domain}").casefold()
