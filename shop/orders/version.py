"""The version of an order, by which forms of staff know that they were overtaken."""

from sqlalchemy import update

from shop.core.db import changed
from shop.models import Order


def next_version(order_id: int) -> None:
    """Let what staff send or refund of an order be decided anew by those whose forms are open.

    Called in each transaction that changes what is left to send or to give back: a parcel, a
    refund, also one made at the provider, and one that failed. `raise_attention` does the same, for
    whatever staff must look at. What else happens to an order overtakes nobody.
    """
    changed(update(Order).where(Order.id == order_id).values(version=Order.version + 1))
