"""How SQLite finds what an order, its payment and its end ask: never by a table that grows."""

from flask import Flask

from shop.cart.coupons import try_luck
from shop.jobs import drain
from shop.orders.services import cancel_order, refund_order, sweep
from shop.settings.services import set_setting
from tests.coupons import kit as coupons
from tests.factories import make_product
from tests.orders import kit
from tests.sql import counted, whole_tables

# What is read whole: `below` is what categories stand in.
SMALL = {"tax_rate", "delivery_method", "delivery_zone", "setting", "logo", "shop_state", "below"}
SMALL |= {"fact", "summed"}  # what one order or refund adds to its day
SMALL |= {"page_version"}  # of which the public ones are read when one of them changed
SMALL |= {"logo"}  # one for each theme


def test_no_step_of_a_sale_reads_a_whole_table(ctx: Flask) -> None:
    kit.open_shop()
    product = make_product(stock=9)
    coupons.coupon()
    set_setting("nth_order", "2", user_id=None)
    with counted(ctx) as statements:
        for number in range(4):
            cart_id = kit.fill_cart(product)
            if try_luck(cart_id, ip="198.51.100.7") is None:
                coupons.apply(cart_id, email_key=f"buyer{number}@example.org")
            order, ref = kit.to_payment(cart_id, email=f"buyer{number}@example.org")
            if number % 2:
                kit.pay(ref)
                refund_order(order.id, 100, form_token="once")
            else:
                cancel_order(order.id)
        sweep()
        drain()
    # A bag whose owner is not known yet asks for no uses at all; SQLite plans them and reads none.
    asked = {statement for statement in statements if "0 = 1" not in statement}
    read = {(t, s) for s in asked for t in whole_tables(s) if t not in SMALL}
    assert not read
