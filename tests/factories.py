"""Plain builder functions: name what the test is about, the rest is a valid default.

They write rows in one transaction each and need an application context.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from shop.auth.passwords import hash_password
from shop.catalog.input_types import (
    NewVariant,
    OptionFields,
    OptionValue,
    PictureFields,
    ProductFields,
    VariantFields,
)
from shop.catalog.services import create_brand, create_category, create_product
from shop.catalog.text import make_slug
from shop.core.db import db, end_read, transaction
from shop.core.emails import normalise_email
from shop.customers.booking import follow_account, follow_order
from shop.models import (
    Brand,
    Category,
    DeliveryMethod,
    DeliveryZone,
    DeliveryZoneCountry,
    Order,
    OrderItem,
    Product,
    ProductVariant,
    Role,
    User,
)
from shop.shared.page_versions import bump_settings


def make_category(
    name: str = "Perfume", parent: Category | None = None, **columns: Any
) -> Category:
    """Make a category below `parent`."""
    category_id = create_category(name, parent_id=parent.id if parent else None, **columns)
    return db.session.get_one(Category, category_id)


def make_zone(*countries: str, **columns: Any) -> int:
    """Return the zone that has these countries, or none of its own; made where there is none."""
    with transaction() as session:
        known = select(DeliveryZoneCountry.zone_id)
        if countries:
            known = known.where(DeliveryZoneCountry.country == countries[0])
        else:
            known = select(DeliveryZone.id).where(DeliveryZone.is_rest)
        found = session.scalar(known)
        if found is None:
            name = columns.pop("name", "-".join(countries) or "Everywhere else")
            zone = DeliveryZone(name=name, is_rest=not countries, **columns)
            session.add(zone)
            session.flush()
            found = zone.id
            session.add_all(DeliveryZoneCountry(country=c, zone_id=found) for c in countries)
        return found


def make_method(
    name: str = "Tracked parcel", amount: int = 600, *, to: Sequence[str] = (), **columns: Any
) -> DeliveryMethod:
    """Make a method of delivery `to` countries, all others where none are named."""
    with transaction() as session:
        columns.setdefault("code", make_slug(name, 64))
        method = DeliveryMethod(name=name, unit_amount=amount, zone_id=make_zone(*to), **columns)
        session.add(method)
        session.flush()
        bump_settings()
    return method


def make_brand(name: str = "Maison Flux", **columns: Any) -> Brand:
    """Make a brand."""
    return db.session.get_one(Brand, create_brand(name, **columns))


def make_product(
    name: str = "Ambre",
    *,
    price: int = 14800,
    stock: int = 10,
    variants: Sequence[dict[str, Any]] = (),
    category: Category | None = None,
    brand: Brand | None = None,
    is_active: bool = True,
    pictures: int | Sequence[PictureFields] = 1,
    published_at: datetime | None = None,
    **fields: Any,
) -> Product:
    """Make a product with its variants, pictures and stock; it comes back loaded.

    `price`: minor units, for variants that name no `unit_amount`. `variants`: fields of each,
    beside `stock`; with several of them `option_values` tells them apart (default A, B…).
    `pictures`: stored ones, or how many to make up. `fields` go to `ProductFields`.
    """
    unique = secrets.token_hex(3)
    chosen = [dict(variant) for variant in variants] or [{}]
    for position, variant in enumerate(chosen):
        label = [chr(ord("A") + position)] if len(chosen) > 1 else []
        variant.setdefault("option_values", label)
        variant.setdefault("sku", f"SKU-{unique}-{position}".upper())
        variant.setdefault("unit_amount", price)
        variant.setdefault("stock", stock)
    product_id = create_product(
        ProductFields(
            name=name,
            slug=fields.pop("slug", f"{make_slug(name) or 'piece'}-{unique}"),
            category_id=category.id if category else None,
            brand_id=brand.id if brand else None,
            **fields,
        ),
        [NewVariant(stock=v.pop("stock"), fields=VariantFields(**v)) for v in chosen],
        options=_options(chosen),
        pictures=_made_up(pictures) if isinstance(pictures, int) else pictures,
        user_id=None,
        is_active=is_active and any(v.get("is_active", True) for v in chosen),
        published_at=published_at,
    )
    return product_again(product_id)


def _made_up(count: int) -> list[PictureFields]:
    return [PictureFields(f"{n:x}" * 64, 800, 1000, f"View {n}") for n in range(count)]


def _options(variants: list[dict[str, Any]]) -> list[OptionFields]:
    count = len(variants[0]["option_values"])
    return [
        OptionFields(
            f"Option {n + 1}",
            [
                OptionValue(label)
                for label in dict.fromkeys(v["option_values"][n] for v in variants)
            ],
        )
        for n in range(count)
    ]


def fresh() -> None:
    """Let the next read see what is true now; objects from before keep what they had loaded."""
    db.session.expunge_all()
    end_read()


def product_again(product_id: int) -> Product:
    """Return the product as it is in the database now, with variants, options and pictures."""
    fresh()
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
    fresh()
    return db.session.get_one(ProductVariant, variant_id)


PASSWORD = "correct horse battery"
_hashes: dict[str, str] = {}


def make_user(
    email: str = "", *, password: str = PASSWORD, permissions: Sequence[str] = (), **columns: Any
) -> User:
    """Make an account that signs in with `password`; `permissions` or is_owner=True make staff."""
    address = email or f"ada-{secrets.token_hex(4)}@example.com"
    if password not in _hashes:
        _hashes[password] = hash_password(password)
    is_owner = columns.pop("is_owner", False)
    with transaction() as session:
        role = None
        if is_owner or permissions:
            role = Role(
                name=f"Role {secrets.token_hex(4)}",
                permissions=list(permissions),
                is_owner=is_owner,
            )
            session.add(role)
            session.flush()
        user = User(
            email=address,
            email_key=normalise_email(address),
            password_hash=_hashes[password],
            role_id=role.id if role else None,
            **columns,
        )
        session.add(user)
        session.flush()
        follow_account(user.id)
    return user


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
        follow_order(order)
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
