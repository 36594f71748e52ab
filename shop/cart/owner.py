"""Whose cart it is, and the cart's row: locked, or made."""

from dataclasses import dataclass

from sqlalchemy import update

from shop.core.clock import now
from shop.core.db import db, insert_new
from shop.core.errors import NotFound
from shop.models import Cart


@dataclass(frozen=True)
class CartOwner:
    """Whose cart: a signed-in user's, or the guest's whose token has this SHA-256."""

    user_id: int | None = None
    token_hash: str | None = None


def lock_cart(owner: CartOwner) -> int | None:
    """Take the row of the owner's cart and return its id; None where there is none."""
    mine = (
        Cart.user_id == owner.user_id
        if owner.user_id is not None
        else Cart.token_hash == owner.token_hash
    )
    return db.session.scalar(update(Cart).where(mine).values(updated_at=now()).returning(Cart.id))


def make_cart(owner: CartOwner) -> int:
    """Make the owner's cart, take its row, return its id. Raises NotFound if it is gone again."""
    token_hash = None if owner.user_id is not None else owner.token_hash
    insert_new(Cart, user_id=owner.user_id, token_hash=token_hash)
    found = lock_cart(owner)  # ours, or that of a request that was faster
    if found is None:
        raise NotFound
    return found
