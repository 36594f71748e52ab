"""What is to happen at a moment: a product goes on sale or off, a price is reduced for a time.

The price that is charged is always the one in the row, which lists, pages, bag and orders read:
what is planned changes it when its moment has come, with stamps, history and copies as if staff
had done so. That is not left to the worker alone: the first request after the moment does it
before it reads anything (`shop/catalog/context.py`), so nobody is shown or charged the price of
before. `product.due_at` is the next moment of a product, found by an index.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from shop.catalog.services.listings import load_product, publish_changes
from shop.catalog.services.products import put_on_sale
from shop.catalog.services.variants import list_variants
from shop.core.clock import now
from shop.core.db import changed, db, is_lock_timeout, retried, transaction
from shop.core.errors import BadInput, Busy, NotFound
from shop.core.isolation import each
from shop.core.long_writes import turn
from shop.core.money import LARGEST
from shop.models import PriceChange, Product, ProductVariant

log = logging.getLogger(__name__)
LATER: Final = timedelta(minutes=10)  # when what failed is tried again


@dataclass(frozen=True)
class SalePlan:
    """A price for a time, minor units; without `until` it stays until it is taken away."""

    amount: int
    since: datetime
    until: datetime | None = None

    def check(self) -> None:
        """Raise BadInput for what can never be."""
        if not 0 <= self.amount <= LARGEST:
            raise BadInput(sale="Enter a price, like 148.00")
        if self.until is not None and self.until <= self.since:
            raise BadInput(until="Choose an end after the beginning.")


@retried
def plan_publishing(product_id: int, on_at: datetime | None, off_at: datetime | None) -> None:
    """Let a product go on sale and off at these moments; what is past happens at once.

    Raises BadInput, NotFound.
    """
    if on_at and off_at and off_at <= on_at:
        raise BadInput(off_at="Choose an end after the beginning.")
    with transaction():
        product = load_product(product_id)
        if product.archived_at is not None:
            raise BadInput("An archived product cannot be sold again. Make a new one.")
        product.on_sale_at, product.off_sale_at = on_at, off_at
        _apply(product, now())


@retried
def plan_sale(product_id: int, variant_id: int, plan: SalePlan | None) -> None:
    """Plan a reduced price of a variant, or none: one that is in force ends then.

    Raises BadInput, NotFound.
    """
    with transaction():
        product = load_product(product_id)
        variant = next((v for v in list_variants(product_id) if v.id == variant_id), None)
        if variant is None:
            raise NotFound
        if plan is not None:
            plan.check()
            regular = variant.unit_amount if variant.sale_before is None else variant.sale_before
            if plan.amount >= regular:
                raise BadInput(sale="A reduced price is lower than the price.")
        is_same = plan is not None and (plan.amount, plan.since) == (
            variant.sale_amount,
            variant.sale_since,
        )
        if variant.sale_before is not None and not is_same:
            _end(variant)
        variant.sale_amount = plan.amount if plan else None
        variant.sale_since = plan.since if plan else None
        variant.sale_until = plan.until if plan else None
        _apply(product, now())


def apply_due_changes(most: int) -> int:
    """Do what is due with up to `most` products, a turn each; returns how many there were."""
    at = now()
    ids: Sequence[int] = db.session.scalars(
        select(Product.id).where(Product.due_at <= at).order_by(Product.due_at).limit(most)
    ).all()
    for failure in each("plans", ids, lambda product_id: _apply_due(product_id, at)).failures:
        if not _is_busy(failure.error):
            _put_off(failure.item, at + LATER)
    return len(ids)


def _is_busy(error: Exception) -> bool:
    return isinstance(error, Busy) or (isinstance(error, DBAPIError) and is_lock_timeout(error))


def _put_off(product_id: int, until: datetime) -> None:
    """Let visitors pass by what fails, which the log tells and `flask audit` finds."""
    with turn():
        changed(update(Product).where(Product.id == product_id).values(due_at=until))


@retried
def _apply_due(product_id: int, at: datetime) -> None:
    with turn():
        product = load_product(product_id)
        db.session.refresh(product)
        if product.due_at is not None and product.due_at <= at:  # nobody else was faster
            _apply(product, at)


def _apply(product: Product, at: datetime) -> None:
    """Do what is due at `at`, and note the next moment of the product."""
    was_active, variants = product.is_active, list_variants(product.id)
    for variant in variants:
        _move_price(variant, at)
    for moment, is_on in sorted(
        (moment, is_on)
        for moment, is_on in ((product.on_sale_at, True), (product.off_sale_at, False))
        if moment is not None and moment <= at
    ):
        _switch(product, is_on=is_on)
        log.info("planned change", extra={"product_id": product.id, "moment": str(moment)})
    product.due_at = _next_moment(product, variants)
    publish_changes(product, was_active=was_active)


def _switch(product: Product, *, is_on: bool) -> None:
    if is_on:
        product.on_sale_at = None
        try:
            put_on_sale(product)
        except BadInput as error:  # nothing of it can be bought: it stays a draft, staff see it
            log.warning("not put on sale", extra={"product_id": product.id, "why": str(error)})
        return
    product.off_sale_at, product.is_active = None, False


def _move_price(variant: ProductVariant, at: datetime) -> None:
    if variant.sale_since is None or variant.sale_amount is None:
        return
    is_over = variant.sale_until is not None and variant.sale_until <= at
    if variant.sale_before is not None:
        if is_over:
            _end(variant)
    elif is_over or (variant.sale_since <= at and variant.sale_amount >= variant.unit_amount):
        _forget(variant)  # its time went by unseen, or the price has come down to it
    elif variant.sale_since <= at:
        before, compare_at = variant.unit_amount, variant.compare_at_amount
        _set_price(variant, variant.sale_amount, before)
        variant.sale_before, variant.sale_before_compare = before, compare_at


def _end(variant: ProductVariant) -> None:
    """End a reduction; who has changed the price by hand meanwhile has the last word."""
    if variant.sale_before is not None and variant.unit_amount == variant.sale_amount:
        _set_price(variant, variant.sale_before, variant.sale_before_compare)
    _forget(variant)


def _forget(variant: ProductVariant) -> None:
    variant.sale_amount = variant.sale_since = variant.sale_until = None
    variant.sale_before = variant.sale_before_compare = None


def _set_price(variant: ProductVariant, amount: int, compare_at: int | None) -> None:
    db.session.add(
        PriceChange(
            variant_id=variant.id,
            old_amount=variant.unit_amount,
            new_amount=amount,
            old_compare_at=variant.compare_at_amount,
            new_compare_at=compare_at,
        )
    )
    variant.unit_amount, variant.compare_at_amount = amount, compare_at


def _next_moment(product: Product, variants: Sequence[ProductVariant]) -> datetime | None:
    moments = [product.on_sale_at, product.off_sale_at]
    for variant in variants:
        moments.append(variant.sale_until if variant.sale_before is not None else None)
        moments.append(variant.sale_since if variant.sale_before is None else None)
    return min((moment for moment in moments if moment is not None), default=None)
