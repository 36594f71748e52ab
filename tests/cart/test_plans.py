"""How SQLite finds what the bag asks."""

from flask import Flask

from shop.cart.queries import get_cart
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted, whole_tables


def test_no_part_of_the_bag_reads_a_whole_table(ctx: Flask) -> None:
    """A picture of a variant was once looked for in all pictures of the shop: 120 ms."""
    kit.open_shop()
    cart_id = kit.fill_cart(make_product())
    with counted(ctx) as statements:
        get_cart(cart_id, country="FR")
    for statement in statements:
        assert whole_tables(statement) <= {"tax_rate", "delivery_method", "setting"}, statement
