"""A process that sells, discounts, is paid and refunds until it is killed."""

import os
from multiprocessing.synchronize import Event

from sqlalchemy import select, update

from shop import create_app
from shop.cart.coupons import _draw
from shop.core.db import changed, db, transaction
from shop.jobs import drain
from shop.models import Order, PaymentStatus, Product
from shop.orders.services import cancel_order, fulfil, refund_order, sweep
from tests.coupons import kit as coupons
from tests.factories import product_again
from tests.orders import kit

ROUNDS = 400
CODE = "VICTIM"


def sell(settings: dict[str, str], has_sold: Event | None = None) -> None:
    """Run rounds of everything a sale goes through, on the shop of `settings`.

    `has_sold` is set after the first, however long a busy machine takes for that.
    """
    app = create_app(settings)
    for number in range(ROUNDS):
        with app.app_context():
            one_round(number)
        if has_sold:
            has_sold.set()


def one_round(number: int) -> None:
    """Sell a piece: paid by its event, by its landing page, canceled, or given up and swept.

    Every bag has a discount: a prize when it wins one, else the coupon.
    """
    product = product_again(db.session.scalars(select(Product.id)).first() or 0)
    cart_id = kit.fill_cart(product)
    if _draw(cart_id) is None:
        # A kill within leaves a try counted like a wrong code: each victim has its own network.
        high, low = divmod(os.getpid(), 1 << 16)
        coupons.apply(cart_id, CODE, ip=f"2001:db8:{high:x}:{low:x}::1")
    order, ref = kit.to_payment(cart_id, email=f"buyer{number}@example.org")
    way = number % 4
    if way == 0:
        kit.pay(ref)  # the sandbox hands the event to our webhook before it returns
    elif way == 1:
        kit.pay(ref, deliver=False)
        fulfil(kit.newest_attempt(order.id).provider, ref)
        refund_order(order.id, 100, form_token=order.number)
    elif way == 2:
        cancel_order(order.id)
    else:
        _let_time_run_out(order.id)
        sweep()
    db.session.close()
    drain()


def _let_time_run_out(order_id: int) -> None:
    with transaction():
        changed(update(Order).where(Order.id == order_id).values(hold_until=Order.placed_at))


def unpaid() -> list[str]:
    """Return the numbers of the orders that still wait for something."""
    open_states = [PaymentStatus.PENDING, PaymentStatus.PROCESSING]
    return list(
        db.session.scalars(select(Order.number).where(Order.payment_status.in_(open_states)))
    )
