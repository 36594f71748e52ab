"""Entering and taking out a code, and trying one's luck, on the bag's own page."""

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from shop.cart.coupons import apply_coupon, remove_coupon, try_luck
from shop.cart.page import CodeProblem, answer_cart, cart_changed, cart_page
from shop.core.emails import normalise_email
from shop.core.errors import CartError, CouponError, TooManyRequests
from shop.models.coupon import LONGEST_CODE
from shop.web.client_address import client_ip
from shop.web.visitor import current_visitor, forget_visitor

blueprint = Blueprint("coupons", __name__)


@blueprint.post("/cart/coupon")
def apply() -> Response:
    """Put a coupon into the bag."""
    visitor = current_visitor()
    code = apply_coupon(
        visitor.cart_id,
        request.form.get("code", ""),
        user_id=visitor.user_id,
        email_key=normalise_email(visitor.email),
        ip=client_ip(),
    )
    return cart_changed(_("The code %(code)s is in your bag.", code=code))


@blueprint.post("/cart/coupon/delete")
def remove() -> Response:
    """Take the coupon out of the bag."""
    remove_coupon(current_visitor().cart_id)
    return cart_changed(_("The code is no longer in your bag."))


@blueprint.post("/cart/luck")
def draw() -> Response:
    """Draw a card: a prize in the bag at once, or better luck next time."""
    prize = try_luck(current_visitor().cart_id, ip=client_ip())
    if prize is None:
        # The same words whatever the count: nobody can tell how near the next prize is.
        return cart_changed(_("No lucky card this time. Better luck next time."))
    return cart_changed(_("You drew the lucky card. Your prize is in your bag."))


@blueprint.errorhandler(CouponError)
@blueprint.errorhandler(TooManyRequests)
def refuse_code(error: CouponError | TooManyRequests) -> Response:
    """Show the bag as it is, with what is wrong tied to the field, and what was typed in it."""
    forget_visitor()
    if request.endpoint == "coupons.draw":
        answer = answer_cart(cart_page(problem=str(error)), int(error.status))
        return _with_retry_after(answer, error)
    typed = request.form.get("code", "")[:LONGEST_CODE]
    page = cart_page(code=CodeProblem(typed, str(error)))
    return _with_retry_after(answer_cart(page, int(error.status)), error)


def _with_retry_after(response: Response, error: CouponError | TooManyRequests) -> Response:
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


@blueprint.errorhandler(CartError)
def refuse(error: CartError) -> Response:
    """Show the bag as it is now, with what was wrong."""
    forget_visitor()
    return answer_cart(cart_page(problem=str(error)), int(error.status))
