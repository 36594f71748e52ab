"""Plain builder functions: name what the test is about, the rest is a valid default.

They write rows in one transaction each and need an application context.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shop.clock import now
from shop.db import db, transaction
from shop.models import (
    Brand,
    Category,
    MovementKind,
    Order,
    OrderItem,
    Product,
    ProductImage,
    ProductOption,
    ProductVariant,
)
from shop.stock.availability import refresh_availability
from shop.stock.services import adjust_stock


def make_category(
    name: str = "Perfume", parent: Category | None = None, **columns: Any
) -> Category:
    """Make a category below `parent`, with its path."""
    with transaction() as session:
        category = Category(
            name=name,
            slug=columns.pop("slug", f"{name.lower().replace(' ', '-')}-{secrets.token_hex(3)}"),
            parent_id=parent.id if parent else None,
            **columns,
        )
        session.add(category)
        session.flush()
        category.path = f"{parent.path if parent else '/'}{category.id}/"
    return category


def make_brand(name: str = "Maison Flux", **columns: Any) -> Brand:
    """Make a house."""
    with transaction() as session:
        slug = columns.pop("slug", f"{name.lower().replace(' ', '-')}-{secrets.token_hex(3)}")
        brand = Brand(name=name, slug=slug, **columns)
        session.add(brand)
    return brand


def make_product(
    name: str = "Ambre",
    *,
    price: int = 14800,
    stock: int = 10,
    variants: Sequence[dict[str, Any]] = (),
    category: Category | None = None,
    brand: Brand | None = None,
    is_active: bool = True,
    **columns: Any,
) -> Product:
    """Make a product on sale, with its variants, one picture and stock; variants are loaded.

    `price`: minor units, for variants that name no `unit_amount`. `variants`: columns of each,
    beside `stock`; with several of them `option_values` tells them apart (default A, B…).
    """
    unique = secrets.token_hex(3)
    chosen = [dict(variant) for variant in variants] or [{}]
    slug = columns.pop("slug", f"{name.lower().replace(' ', '-')}-{unique}")
    for position, variant in enumerate(chosen):
        label = [chr(ord("A") + position)] if len(chosen) > 1 else []
        values = variant.setdefault("option_values", label)
        variant.setdefault("option_key", "|".join(values))
        variant.setdefault("sku", f"SKU-{unique}-{position}".upper())
        variant.setdefault("unit_amount", price)
        variant.setdefault("position", position)
    with transaction() as session:
        product = Product(
            name=name,
            slug=slug,
            is_active=is_active,
            published_at=now() if is_active else None,
            category_id=category.id if category else None,
            brand_id=brand.id if brand else None,
            price_from=min(variant["unit_amount"] for variant in chosen),
            has_price_range=len({variant["unit_amount"] for variant in chosen}) > 1,
            cover=columns.pop("cover", "c" * 64),
            search_text=name.casefold(),
            **columns,
        )
        session.add(product)
        session.flush()
        _add_parts(product, chosen, stock)
    return product_again(product.id)


def _add_parts(product: Product, chosen: list[dict[str, Any]], stock: int) -> None:
    session = db.session
    for position in range(len(chosen[0]["option_values"])):
        labels = dict.fromkeys(variant["option_values"][position] for variant in chosen)
        values = [{"label": label, "hex": None} for label in labels]
        session.add(
            ProductOption(
                product_id=product.id,
                position=position,
                name=f"Option {position + 1}",
                values=values,
            )
        )
    if product.cover:
        session.add(
            ProductImage(
                product_id=product.id,
                storage_key=product.cover,
                width=800,
                height=1000,
                alt="A piece",
            )
        )
    for columns in chosen:
        on_hand = columns.pop("stock", stock)
        variant = ProductVariant(product_id=product.id, sku_key=columns["sku"].upper(), **columns)
        session.add(variant)
        session.flush()
        if len(chosen) == 1:
            product.single_variant_id = variant.id
        if on_hand:
            adjust_stock(variant.id, on_hand, MovementKind.INITIAL, "", None)
    session.flush()
    refresh_availability({product.id})


def product_again(product_id: int) -> Product:
    """Return the product as it is in the database now, with variants, options and pictures."""
    db.session.expire_all()
    return db.session.scalars(
        select(Product)
        .where(Product.id == product_id)
        .options(
            selectinload(Product.variants),
            selectinload(Product.options),
            selectinload(Product.images),
        )
    ).one()


def variant_again(variant_id: int) -> ProductVariant:
    """Return the variant as it is in the database now."""
    db.session.expire_all()
    return db.session.get_one(ProductVariant, variant_id)


def make_bare_order(lines: Sequence[tuple[ProductVariant, int]], **columns: Any) -> Order:
    """Make a pending order row with these lines and no holds, for tests below checkout."""
    subtotal = sum(variant.unit_amount * quantity for variant, quantity in lines)
    with transaction() as session:
        order = Order(
            number=secrets.token_hex(5).upper(),
            access_token=secrets.token_urlsafe(24),
            snapshot_hash=secrets.token_hex(16),
            email="ada@example.com",
            email_key="ada@example.com",
            shipping_address={},
            delivery_name="Standard",
            country="FR",
            currency="EUR",
            amount_subtotal=subtotal,
            amount_shipping=0,
            amount_tax=0,
            amount_total=subtotal,
            **columns,
        )
        session.add(order)
        session.flush()
        for position, (variant, quantity) in enumerate(lines):
            session.add(_order_item(order, position, variant, quantity))
    return order


def _order_item(order: Order, position: int, variant: ProductVariant, quantity: int) -> OrderItem:
    return OrderItem(
        order_id=order.id,
        position=position,
        product_id=variant.product_id,
        variant_id=variant.id,
        product_name="A piece",
        product_slug="a-piece",
        sku=variant.sku,
        quantity=quantity,
        unit_amount=variant.unit_amount,
        amount_total=variant.unit_amount * quantity,
        tax_class=variant.tax_class,
        tax_rate_bp=0,
        tax_amount=0,
    )
