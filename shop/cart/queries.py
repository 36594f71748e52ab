"""Reading a cart: its lines with live stock and prices, and what it all costs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ScalarSelect, select

from shop.cart.contents import CartCoupon, CartLine, CartView
from shop.cart.holds import own_hold
from shop.catalog.queries.pictured import list_covers
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import db
from shop.coupons.queries import find_terms
from shop.coupons.terms import DiscountableLine, Terms, evaluate
from shop.delivery.queries import list_quotes
from shop.models import (
    Brand,
    Cart,
    CartItem,
    Coupon,
    Product,
    ProductImage,
    ProductVariant,
    StockPolicy,
)
from shop.pricing import PriceLine, Totals, price
from shop.pricing.queries import tax_rules
from shop.stock.quantity import count_available, counted_columns, quantity_cap


def get_cart(
    cart_id: int | None,
    *,
    country: str,
    delivery_method_id: int | None = None,
    user_id: int | None = None,
    email_key: str = "",
) -> CartView:
    """Return the cart as it is now, delivered to `country`; an unknown cart is an empty one.

    `user_id` and `email_key` ("": not known yet) say for whom the coupon in it is judged.
    """
    rows = _rows(cart_id) if cart_id else ()
    lines = _lines(rows)
    on_sale = [line for line in lines if line.is_on_sale]
    tax = tax_rules(country) if on_sale else None
    if tax is None:
        empty = Totals(0, 0, 0, 0, 0, 0, ())
        draft = rows[0].draft if rows else None
        nothing = (empty, country, config().currency, (), None, None)
        return CartView(cart_id, lines, *nothing, draft or {})
    goods = [
        PriceLine(line.item_id, line.quantity, line.unit_amount, line.tax_class) for line in on_sale
    ]
    coupon = None
    if cart_id is not None and rows[0].coupon_id is not None:
        which = Coupon.id == rows[0].coupon_id
        terms = find_terms(which, cart_id=cart_id, user_id=user_id, email_key=email_key)
        coupon = _coupon(terms, on_sale)
    discount = coupon.discount if coupon else None
    # Before the discount: a coupon that loses the free delivery would cost its customer money.
    weight = sum(line.quantity * line.weight_grams for line in on_sale)
    quotes = tuple(list_quotes(country, sum(line.amount for line in goods), weight))
    if discount is not None and discount.is_free_delivery:
        quotes = tuple(replace(quote, amount=0, amount_to_free=None) for quote in quotes)
    chosen = next((q for q in quotes if q.method_id == delivery_method_id), None)
    chosen = chosen or (quotes[0] if quotes else None)
    shipping = chosen.amount if chosen else 0
    totals = price(goods, tax=tax, shipping_amount=shipping, discount=discount)
    draft = rows[0].draft or {}
    priced = (totals, country, config().currency, quotes, chosen, coupon)
    return CartView(cart_id, lines, *priced, draft)


def _coupon(terms: Terms | None, lines: Sequence[CartLine]) -> CartCoupon | None:
    if terms is None:
        return None
    verdict = evaluate(terms, discountable_lines(lines), now())
    return CartCoupon(terms, verdict.discount, verdict.refusal, verdict.missing)


def discountable_lines(lines: Sequence[CartLine]) -> list[DiscountableLine]:
    """Return what a coupon asks of the lines that are on sale."""
    return [
        DiscountableLine(line.item_id, line.product_id, line.category_id, line.amount)
        for line in lines
        if line.is_on_sale
    ]


def list_lines(cart_id: int) -> tuple[CartLine, ...]:
    """Return the lines of a cart with live prices and stock, oldest first; one statement."""
    return _lines(_rows(cart_id))


def _rows(cart_id: int) -> Sequence[Any]:
    return db.session.execute(
        select(
            CartItem.id,
            CartItem.quantity,
            CartItem.seen_amount,
            Cart.coupon_id,
            Cart.draft,
            ProductVariant.id.label("variant_id"),
            ProductVariant.sku,
            ProductVariant.option_values,
            ProductVariant.unit_amount,
            ProductVariant.compare_at_amount,
            ProductVariant.tax_class,
            ProductVariant.weight_grams,
            *counted_columns(ProductVariant, own_hold(cart_id)),
            (ProductVariant.is_active & Product.is_active).label("is_on_sale"),
            Product.id.label("product_id"),
            Product.category_id,
            Product.slug,
            Product.name,
            Product.provider_ref,
            Product.cover,
            _variant_picture().label("variant_cover"),
            Brand.name.label("brand"),
        )
        .join(Cart, Cart.id == CartItem.cart_id)
        .join(ProductVariant, ProductVariant.id == CartItem.variant_id)
        .join(Product, Product.id == ProductVariant.product_id)
        .outerjoin(Brand, Brand.id == Product.brand_id)
        .where(CartItem.cart_id == cart_id)
        .order_by(CartItem.id)
    ).all()


def _variant_picture() -> ScalarSelect[str]:
    return (
        select(ProductImage.storage_key)
        .where(ProductImage.variant_id == ProductVariant.id)
        .order_by(ProductImage.position)
        .limit(1)
        .correlate(ProductVariant)
        .scalar_subquery()
    )


def _lines(rows: Sequence[Any]) -> tuple[CartLine, ...]:
    # Most variants have a picture of their own or no choice beside them: nothing more is asked.
    unseen = [row for row in rows if not row.variant_cover and len(row.option_values) > 1]
    covers = list_covers({row.product_id for row in unseen}) if unseen else None
    return tuple(
        CartLine(
            item_id=row.id,
            variant_id=row.variant_id,
            product_id=row.product_id,
            category_id=row.category_id,
            slug=row.slug,
            name=row.name,
            label=", ".join(row.option_values),
            brand=row.brand or "",
            sku=row.sku,
            cover=row.variant_cover
            or (covers and covers.find(row.product_id, row.option_values))
            or row.cover,
            quantity=row.quantity,
            unit_amount=row.unit_amount,
            seen_amount=row.seen_amount,
            compare_at=row.compare_at_amount,
            tax_class=row.tax_class,
            weight_grams=row.weight_grams,
            provider_ref=row.provider_ref,
            is_tracked=row.stock_policy is not StockPolicy.UNTRACKED,
            is_on_sale=row.is_on_sale,
            available=count_available(row),
            cap=quantity_cap(row),
        )
        for row in rows
    )
