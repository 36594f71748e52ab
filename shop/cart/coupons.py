"""The coupon in a cart: put there by its code, and taken out again."""

from typing import Final

from shop.cart.queries import discountable_lines, list_lines
from shop.cart.services import touch_cart
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import retried, transaction
from shop.core.errors import CartEmpty, CartError, CouponError
from shop.coupons.code import code_key
from shop.coupons.luck import Prize, draw, find_prize
from shop.coupons.messages import refusal_text
from shop.coupons.queries import find_terms
from shop.coupons.services import put_into_cart
from shop.coupons.terms import TOLD, Refusal, evaluate
from shop.models import Coupon
from shop.settings.queries import shop_settings
from shop.shared.rate_limits import By, Limit, count_try, forget_try

# Security requirement 26, and 22: more than 10 wrong codes in 10 minutes, of a bag or from a place.
DRAWS: Final = (Limit(5, 60, By.SUBJECT), Limit(5, 60, By.IP))
WRONG_CODES: Final = (Limit(10, 600, By.SUBJECT), Limit(10, 600, By.IP))


def apply_coupon(
    cart_id: int | None, typed: str, *, user_id: int | None, email_key: str, ip: str
) -> str:
    """Put the coupon with this code into the cart, in place of any other; returns its code.

    Raises CartEmpty, CouponError with the reason in words where that gives nothing away, and
    TooManyRequests after too many wrong codes; then the cart is as it was.
    """
    if cart_id is None:
        raise CartEmpty
    key = code_key(typed)
    if not key:
        raise CouponError("Enter the code as it is written, at most 40 signs.")
    try_id = count_try("coupon", f"cart:{cart_id}", ip, *WRONG_CODES)
    is_wrong = False
    try:
        return _apply(cart_id, key, user_id, email_key)
    except CouponError as refused:
        is_wrong = not isinstance(refused, _Told)
        raise
    finally:
        if not is_wrong:  # only wrong codes count; those before it stay counted
            forget_try(try_id)


class _Told(CouponError):
    """The code is right and does not fit this cart."""


@retried
def _apply(cart_id: int, key: str, user_id: int | None, email_key: str) -> str:
    with transaction():
        lines = discountable_lines(list_lines(cart_id))
        if not lines:
            raise CartEmpty
        which = Coupon.code_key == key
        terms = find_terms(which, cart_id=cart_id, user_id=user_id, email_key=email_key)
        verdict = evaluate(terms, lines, now())
        if terms is None or verdict.refusal is not None:
            refusal = verdict.refusal or Refusal.UNKNOWN
            text = refusal_text(refusal, verdict.missing, config().currency)
            raise (_Told if refusal in TOLD else CouponError)(text)
        put_into_cart(cart_id, terms.coupon_id)
        return terms.code


@retried
def remove_coupon(cart_id: int | None) -> None:
    """Take the coupon out of the cart. Raises NotFound without a cart."""
    with transaction():
        put_into_cart(cart_id or 0, None)


def try_luck(cart_id: int | None, *, ip: str) -> Prize | None:
    """Draw a card for the bag; returns its prize, applied at once, or None for none this time.

    Whoever has a prize gets it again, also when the game was switched off since. Raises CartEmpty,
    CartError while the game is off, and TooManyRequests after five draws in a minute.
    """
    if cart_id is None:
        raise CartEmpty
    if find_prize(cart_id) is None:
        if shop_settings().nth_order < 1:
            raise CartError("There is nothing to win at the moment.")
        count_try("luck", f"cart:{cart_id}", ip, *DRAWS)
    return _draw(cart_id)


@retried
def _draw(cart_id: int) -> Prize | None:
    with transaction():
        touch_cart(cart_id)
        if not discountable_lines(list_lines(cart_id)):
            raise CartEmpty
        return draw(cart_id)
