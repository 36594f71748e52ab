"""Who is asking: session, user, cart and the shop's stamps, in one statement a request.

The signed cookie holds a session token (`sid`) for accounts and a cart token (`cart`) for
guests; the rows hold their SHA-256. Guests without a cart have no row at all.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, g, has_request_context, request, session
from sqlalchemy import Select, and_, bindparam, func, select
from sqlalchemy.orm import aliased

from shop.core.clock import now
from shop.core.db import db, in_transaction
from shop.models import Cart, CartItem, Product, Role, ShopState, User, UserSession

THEME = "theme"  # the cookie of the choice
SESSION_LIFETIME = timedelta(days=30)
THEMES = ("light", "dark")
REMEMBERED_ORDERS = 10
WHEN_DUE = "when_due"  # the extension that does what is planned for now
FORMER_CSRF = "csrf_former"  # the key of the CSRF token from before the sign-in


@dataclass(frozen=True)
class Visitor:
    """The person behind this request, as far as the shop knows. Implements Flask-Login's user."""

    user_id: int | None = None
    session_id: int | None = None
    email: str = ""
    name: str = ""
    role_name: str = ""
    permissions: frozenset[str] = frozenset()
    is_owner: bool = False
    cart_id: int | None = None
    cart_count: int = 0
    list_stamp: int = 0
    settings_stamp: int = 0
    has_single_keys: bool = True

    @property
    def is_authenticated(self) -> bool:
        """Whether somebody is signed in."""
        return self.user_id is not None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is signed in."""
        return self.user_id is None

    @property
    def is_active(self) -> bool:
        """Whether the account may be used; a disabled one is never loaded."""
        return self.user_id is not None

    def get_id(self) -> str | None:
        """Return the id Flask-Login knows the user by."""
        return None if self.user_id is None else str(self.user_id)

    @property
    def is_staff(self) -> bool:
        """Whether the person has any role."""
        return bool(self.role_name)

    @property
    def display_name(self) -> str:
        """The first word of the name, else the address before the @."""
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]

    def may(self, permission: str) -> bool:
        """Return whether staff rules allow `permission`, such as "orders.refund"."""
        return self.is_owner or permission in self.permissions


def hashed(token: str) -> str:
    """Return the SHA-256 of a token, as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _statement() -> Select[Any]:
    user_cart, guest_cart = aliased(Cart), aliased(Cart)
    cart_id = func.coalesce(user_cart.id, guest_cart.id)
    count = (
        select(func.coalesce(func.sum(CartItem.quantity), 0))
        .where(CartItem.cart_id == cart_id)
        .scalar_subquery()
    )
    due_at = select(func.min(Product.due_at)).where(Product.due_at.is_not(None))
    live = and_(
        UserSession.token_hash == bindparam("sid"),
        UserSession.expires_at > bindparam("now"),
    )
    return (
        select(
            ShopState.list_stamp,
            ShopState.settings_stamp,
            UserSession.id.label("session_id"),
            User.id.label("user_id"),
            User.email,
            User.name,
            User.has_single_keys,
            Role.name.label("role_name"),
            Role.permissions,
            Role.is_owner,
            cart_id.label("cart_id"),
            count.label("cart_count"),
            due_at.scalar_subquery().label("due_at"),
        )
        .select_from(ShopState)
        .outerjoin(UserSession, live)
        .outerjoin(User, and_(User.id == UserSession.user_id, User.is_active))
        .outerjoin(Role, Role.id == User.role_id)
        .outerjoin(user_cart, user_cart.user_id == User.id)
        .outerjoin(guest_cart, and_(guest_cart.token_hash == bindparam("cart"), User.id.is_(None)))
        .where(ShopState.id == 1)
    )


_VISITOR = _statement()


def current_visitor() -> Visitor:
    """Return who is asking; one statement, at most once a request."""
    if not has_request_context():
        return Visitor()
    if "visitor" not in g:
        g.visitor = _load()
    found: Visitor = g.visitor
    return found


def forget_visitor() -> None:
    """Load the visitor anew at the next question: after a login, logout or a change of the cart."""
    g.pop("visitor", None)


def _load() -> Visitor:
    row = _find()
    is_due = row is not None and row.due_at is not None and row.due_at <= now()
    if is_due and not in_transaction():
        current_app.extensions[WHEN_DUE]()
        row = _find()
    if row is None:
        return Visitor()
    return Visitor(
        user_id=row.user_id,
        session_id=row.session_id if row.user_id else None,
        email=row.email or "",
        name=row.name or "",
        role_name=row.role_name or "",
        permissions=frozenset(row.permissions or ()),
        is_owner=bool(row.is_owner),
        cart_id=row.cart_id,
        cart_count=row.cart_count,
        list_stamp=row.list_stamp,
        settings_stamp=row.settings_stamp,
        has_single_keys=row.has_single_keys is not False,
    )


def _find() -> Any:
    """Return the one row that says who is asking, and when something planned is next due."""
    sid, cart = session.get("sid"), session.get("cart")
    return db.session.execute(
        _VISITOR,
        {"sid": hashed(sid) if sid else "", "cart": hashed(cart) if cart else "", "now": now()},
    ).one_or_none()


def start_session(token: str, user_id: int) -> None:
    """Put a fresh session token into a fresh cookie; everything else in it is dropped.

    Forms that are open in other tabs go on working, by the token they were shown with, unless
    they were another person's. The row is written by `shop.auth.services.open_session`, which
    made the token.
    """
    former = session.get("csrf_token") if current_visitor().user_id in {None, user_id} else None
    session.clear()
    session.permanent = True
    session["sid"] = token
    if former:
        session[FORMER_CSRF] = former
    forget_visitor()


def end_session() -> None:
    """Forget everything in the cookie; the row is deleted by the auth service."""
    session.clear()
    forget_visitor()


def cart_token() -> str:
    """Return the guest's cart token, making one on first use. Never log it."""
    token = session.get("cart")
    if not isinstance(token, str):
        token = secrets.token_urlsafe(24)
        session["cart"] = token
    return token


def keep_cart() -> str:
    """Return the guest's cart token, and keep it for as long as carts are kept."""
    if not session.permanent:
        session.permanent = True
    return cart_token()


def theme() -> str:
    """Return "light", "dark" or "" (as the system says)."""
    found = request.cookies.get(THEME, "")
    return found if found in THEMES else ""


def remember_order(number: str) -> None:
    """Let this browser see the order, by its signed cookie."""
    known = [known for known in remembered_orders() if known != number]
    session["orders"] = [*known, number][-REMEMBERED_ORDERS:]
    session.permanent = True


def remember_country(code: str) -> None:
    """Let this browser's bag be priced for the country `code`.

    The cookie is written only where that changes something: what is written carries the rest of
    the cookie along, as it stood when the request began, and of two answers the later one stays.
    """
    if remembered_country() != code:
        session["country"] = code


def remembered_country() -> str:
    """Return the code of the country that was last chosen, or ""."""
    found = session.get("country")
    return found if isinstance(found, str) else ""


def remembered_orders() -> list[str]:
    """Return the numbers of the orders this browser has placed or opened by their link."""
    known = session.get("orders", [])
    return known if isinstance(known, list) else []
