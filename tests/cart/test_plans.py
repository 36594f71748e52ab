"""How SQLite finds what the bag asks."""

from flask import Flask

from shop.cart.coupons import apply_coupon, try_luck
from shop.cart.queries import get_cart
from shop.models import CouponKind
from shop.settings.services import set_setting
from tests.coupons.kit import coupon
from tests.factories import make_category, make_product
from tests.orders import kit
from tests.sql import counted, whole_tables

SMALL = {"tax_rate", "delivery_method", "delivery_zone", "setting", "logo"}


def test_no_part_of_the_bag_reads_a_whole_table(ctx: Flask) -> None:
    """A picture of a variant was once looked for in all pictures of the shop: 120 ms."""
    kit.open_shop()
    cart_id = kit.fill_cart(make_product())
    with counted(ctx) as statements:
        get_cart(cart_id, country="FR")
    for statement in statements:
        assert whole_tables(statement) <= SMALL, statement


def test_codes_and_the_game_read_no_whole_table(ctx: Flask) -> None:
    kit.open_shop()
    set_setting("nth_order", "5", user_id=None)
    home = make_category("Home")
    cart_id = kit.fill_cart(make_product(category=home))
    coupon(category_ids=(home.id,), kind=CouponKind.FREE_DELIVERY, is_first_order_only=True)
    who = {"user_id": 1, "email_key": "ada@example.org"}
    with counted(ctx) as statements:
        apply_coupon(cart_id, "WINTER", ip="198.51.100.7", **who)
        get_cart(cart_id, country="FR", **who)
        try_luck(cart_id, ip="198.51.100.7")
    for statement in statements:
        assert whole_tables(statement) <= {*SMALL, "below", "shop_state"}, statement
