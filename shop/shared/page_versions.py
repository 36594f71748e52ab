"""Stamps name versions of what is shown: finished pages are kept under them.

They are bumped as the last statements of the transaction that changed something *shown*, in one
order (products by id, then the one row of the shop), so that hot rows are held for a moment and
two transactions never wait for each other in a circle.
"""

import secrets
from typing import Final

from sqlalchemy import select, update

from shop.core.db import before_commit, changed, db, retried, transaction
from shop.models import Product, ShopState

LEAP: Final = 10_000_000  # the column takes a few hundred of them


class _Products:
    """The products whose pages change with the open transaction."""

    def __init__(self) -> None:
        self.ids: set[int] = set()

    def __call__(self) -> None:
        lock_products(self.ids)
        changed(
            update(Product)
            .where(Product.id.in_(self.ids))
            .values(stamp=Product.stamp + 1, updated_at=Product.updated_at)
        )


class _Shop:
    """Which of the shop's own stamps the open transaction bumps."""

    def __init__(self) -> None:
        self.columns: set[str] = set()

    def __call__(self) -> None:
        values = {name: getattr(ShopState, name) + 1 for name in sorted(self.columns)}
        changed(update(ShopState).where(ShopState.id == 1).values(values))


def bump_product(product_id: int) -> None:
    """Make the product's page new with the open transaction."""
    before_commit("stamps:1:products", _Products()).ids.add(product_id)


def bump_list() -> None:
    """Make every list, the navigation and the home page new with the open transaction."""
    before_commit("stamps:2:shop", _Shop()).columns.add("list_stamp")


def bump_settings() -> None:
    """Make every page new with the open transaction: something shown everywhere has changed."""
    before_commit("stamps:2:shop", _Shop()).columns.add("settings_stamp")


@retried
def rotate_cache_versions() -> None:
    """Give every page a stamp it never had, after a database came back from an earlier time.

    Redis may still hold pages of the time between, under the stamps that would come next.
    """
    with transaction():
        ahead = ShopState.settings_stamp + 1000 + secrets.randbelow(LEAP)
        changed(update(ShopState).where(ShopState.id == 1).values(settings_stamp=ahead))


def lock_products(ids: set[int]) -> None:
    """Lock product rows in the order of their ids, until the transaction ends.

    On PostgreSQL two transactions that change different variants of one product would otherwise
    each copy a state that the other is about to end. SQLite has one writer at a time anyway.
    """
    db.session.execute(
        select(Product.id)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
        .with_for_update(key_share=True)
    ).all()
