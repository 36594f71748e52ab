"""What the bag's pages show, put together for the visitor, and how they answer."""

import math
from dataclasses import dataclass

from flask import (
    Response,
    flash,
    make_response,
    render_template,
    request,
)

from shop.cart.contents import CartView
from shop.cart.paid import PaidOrder, find_paid
from shop.cart.queries import get_cart
from shop.core.addresses import is_country
from shop.core.clock import now
from shop.core.emails import normalise_email
from shop.coupons.luck import Prize, find_prize
from shop.coupons.messages import standing_text
from shop.settings.queries import shop_settings
from shop.web.responses import redirect_to
from shop.web.security import safe_next
from shop.web.visitor import current_visitor, remembered_country, remembered_orders


@dataclass(frozen=True)
class CodeProblem:
    """A code that was typed, and why it cannot be used."""

    typed: str
    text: str


@dataclass(frozen=True)
class Luck:
    """The game as the bag shows it: one in `every` wins `percent`, and the prize one has."""

    every: int
    percent: int
    prize: Prize | None

    @property
    def minutes_left(self) -> int:
        """Whole minutes until the prize goes back, at least 1."""
        if self.prize is None or self.prize.ends_at is None:
            return 0
        return max(1, math.ceil((self.prize.ends_at - now()).total_seconds() / 60))


@dataclass(frozen=True)
class CartPage:
    """A cart, the sentence about what just went wrong with it, and with the code one typed."""

    cart: CartView
    problem: str = ""
    code: CodeProblem | None = None
    luck: Luck | None = None
    paid: PaidOrder | None = None

    @property
    def coupon_text(self) -> str:
        """Why the coupon in the bag does nothing now; "" while it does."""
        coupon = self.cart.coupon
        if coupon is None or coupon.refusal is None:
            return ""
        return standing_text(coupon.refusal, coupon.missing, self.cart.currency)


def cart_page(problem: str = "", code: CodeProblem | None = None) -> CartPage:
    """Return the visitor's bag, priced for where the parcel would go."""
    country = shipping_country(remembered_country())
    visitor = current_visitor()
    cart = get_cart(
        visitor.cart_id,
        country=country,
        user_id=visitor.user_id,
        email_key=normalise_email(visitor.email),
    )
    paid = paid_order(cart)
    return CartPage(cart, "" if paid else problem, code, _luck(cart), paid)


def paid_order(cart: CartView) -> PaidOrder | None:
    """Return the order that the visitor's empty bag was just paid with."""
    if cart.cart_id is None or not cart.is_empty:
        return None
    user_id = current_visitor().user_id
    return find_paid(cart.cart_id, user_id=user_id, remembered=remembered_orders())


def _luck(cart: CartView) -> Luck | None:
    settings = shop_settings()
    if cart.cart_id is None or cart.is_empty:
        return None
    is_on = settings.nth_order >= 1
    has_prize = cart.coupon is not None and cart.coupon.terms.is_prize
    prize = find_prize(cart.cart_id) if is_on or has_prize else None
    return Luck(settings.nth_order, settings.lucky_percent, prize) if is_on or prize else None


def shipping_country(code: str | None) -> str:
    """Return `code` if the shop knows that country, else the merchant's default."""
    return code if code and is_country(code) else shop_settings().default_country


def cart_changed(message: str, *, opens_cart: bool = False) -> Response:
    """Answer a change of the bag: 303 to where one came from, or the changed parts."""
    if "HX-Request" in request.headers:
        response = answer_cart(cart_page(), toast=message)
        if opens_cart and request.form.get("from") == "product":
            response.headers["HX-Trigger"] = "bag:open"
        return response
    back = "/cart" if not opens_cart else safe_next(request.form.get("next"), "/cart")
    if message:
        flash(message, "success" if back == "/cart" else "bag")
    return redirect_to(back, 303)


def answer_cart(page: CartPage, status: int = 200, toast: str = "") -> Response:
    """Render the page, or with HX-Request the part that asked and what else changed with it."""
    target = request.headers.get("HX-Target", "") if "HX-Request" in request.headers else None
    template = {None: "cart/show.html", "cart": "cart/_part.html", "bag-body": "cart/_bag.html"}
    name = template.get(target, "cart/_count.html")
    return make_response(render_template(name, page=page, toast=toast), status)
