"""What the bag's pages show, put together for the visitor."""

from dataclasses import dataclass

from flask import session

from shop.addresses import is_country
from shop.cart.queries import CartView, get_cart
from shop.settings.queries import shop_settings
from shop.visitor import current_visitor


@dataclass(frozen=True)
class CartPage:
    """A cart, and the sentence about what just went wrong with it."""

    cart: CartView
    problem: str = ""


def cart_page(problem: str = "") -> CartPage:
    """Return the visitor's bag, priced for where the parcel would go."""
    country = shipping_country(session.get("country"))
    return CartPage(get_cart(current_visitor().cart_id, country=country), problem)


def shipping_country(code: str | None) -> str:
    """Return `code` if the shop knows that country, else the merchant's default."""
    return code if code and is_country(code) else shop_settings().default_country
