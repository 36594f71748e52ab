"""Coupons for tests, and carts that carry them."""

from typing import Any

from sqlalchemy import select

from shop.cart.contents import CartView
from shop.cart.coupons import apply_coupon
from shop.cart.queries import get_cart
from shop.core.db import db
from shop.coupons.services import CouponTerms, create_coupon
from shop.models import Coupon, CouponKind, CouponRedemption


def coupon(code: str = "WINTER", **terms: Any) -> Coupon:
    """Make a coupon of 10 %, or of what `terms` say."""
    if "amount_off" in terms:
        terms.setdefault("kind", CouponKind.AMOUNT)
    if "kind" not in terms:
        terms = {"kind": CouponKind.PERCENT, "percent_bp": 1000, **terms}
    made = create_coupon(code, CouponTerms(**terms))
    db.session.close()
    return made


def apply(cart_id: int, code: str = "WINTER", **who: Any) -> str:
    """Put a code into a cart as a guest, or as whom `who` names."""
    done = apply_coupon(
        cart_id, code, **{"user_id": None, "email_key": "", "ip": "198.51.100.7", **who}
    )
    db.session.close()
    return done


def view(cart_id: int, **who: Any) -> CartView:
    """Return the cart as it is now."""
    db.session.close()
    return get_cart(cart_id, country="FR", **who)


def uses(code: str = "WINTER") -> tuple[int, list[str]]:
    """Return the count of a coupon and the states of its redemptions."""
    db.session.close()
    found = db.session.scalars(select(Coupon).where(Coupon.code_key == code)).one()
    states = db.session.scalars(
        select(CouponRedemption.state)
        .where(CouponRedemption.coupon_id == found.id)
        .order_by(CouponRedemption.id)
    )
    return found.used_count, [str(state) for state in states]
