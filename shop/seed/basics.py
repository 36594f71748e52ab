"""What a shop needs besides pieces: currency, carriers, delivery, tax rates, first settings."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import changed, db, insert_new, retried, transaction
from shop.core.errors import ShopError
from shop.delivery.tracking import carrier_key
from shop.models import (
    Carrier,
    DeliveryMethod,
    DeliveryZone,
    DeliveryZoneCountry,
    Page,
    Rates,
    Setting,
    ShopState,
    TaxClass,
    TaxRate,
)
from shop.pages.roles import ROLES
from shop.pages.services import begin_sample, lock_addresses, publish_page
from shop.seed.demo_data import read_toml
from shop.seed.prices import demo_amount
from shop.settings.services import set_settings
from shop.shared.page_versions import bump_settings


class WrongCurrency(ShopError):
    """The prices in the database were entered in another currency than the shop's."""


@retried
def ensure_currency() -> str:
    """Note the shop's currency as the one prices are entered in; return it.

    Raises WrongCurrency when prices in another one are already there.
    """
    currency = config().currency
    with transaction():
        changed(
            update(ShopState)
            .where(ShopState.id == 1, ShopState.currency.is_(None))
            .values(currency=currency)
        )
        noted = db.session.scalar(select(ShopState.currency).where(ShopState.id == 1))
    if noted != currency:
        raise WrongCurrency(
            f"The prices in this database are in {noted}, but CURRENCY is {currency}. "
            f"Set CURRENCY={noted}, or use an empty database."
        )
    return currency


@retried
def ensure_demo_basics(currency: str) -> None:
    """Make the demo's carriers, delivery methods, tax rates, settings where there are none."""
    demo = read_toml("shop.toml")
    with transaction():
        is_new = False
        if db.session.scalar(select(Carrier.id).limit(1)) is None:
            for row in demo["carrier"]:
                insert_new(Carrier, **row, name_key=carrier_key(row["name"]))
        if db.session.scalar(select(DeliveryZone.id).limit(1)) is None:
            zones = _make_zones(demo["zone"])
            for row in _delivery_rows(demo, currency, zones):
                is_new |= insert_new(DeliveryMethod, **row)
        if db.session.scalar(select(TaxRate.id).limit(1)) is None:
            for row in _tax_rows(demo["tax"]):
                is_new |= insert_new(TaxRate, **row)
        if is_new:
            bump_settings()
        _set_missing_settings(demo)


def _make_zones(rows: list[dict[str, Any]]) -> dict[str, int]:
    """Return the ids of the demo's zones by name; one that names no country has all others."""
    made = {}
    for position, row in enumerate(rows):
        countries = row.get("countries", "").split()
        zone = DeliveryZone(name=row["name"], is_rest=not countries, position=position)
        db.session.add(zone)
        db.session.flush()
        made[zone.name] = zone.id
        db.session.add_all(DeliveryZoneCountry(country=c, zone_id=zone.id) for c in countries)
    return made


def _delivery_rows(
    demo: dict[str, Any], currency: str, zones: dict[str, int]
) -> Iterator[dict[str, Any]]:
    carriers = {
        row.name_key: row.id for row in db.session.execute(select(Carrier.name_key, Carrier.id))
    }
    for position, row in enumerate(demo["delivery"]):
        free_from = row.get("free_from")
        yield {
            "code": row["code"],
            "name": row["name"],
            "description": row["description"],
            "carrier_id": carriers.get(carrier_key(row["carrier"])),
            "unit_amount": demo_amount(row.get("price", 0), currency),
            "free_from": demo_amount(free_from, currency) if free_from else None,
            "rates": Rates.WEIGHT if "grams" in row else Rates.FLAT,
            "bands": [
                [up_to or None, demo_amount(price, currency)]
                for up_to, price in row.get("grams", ())
            ],
            "zone_id": zones[row["to"]],
            "min_days": row["days"][0],
            "max_days": row["days"][1],
            "position": position,
        }


def _tax_rows(tax: dict[str, dict[str, list[float]]]) -> Iterator[dict[str, Any]]:
    for name, countries in tax.items():
        for country, (standard, reduced) in countries.items():
            for tax_class, percent in (
                (TaxClass.STANDARD, standard),
                (TaxClass.REDUCED, reduced),
                (TaxClass.ZERO, 0),
            ):
                rate_bp = int(Decimal(str(percent)) * 100)
                yield {"country": country, "tax_class": tax_class, "name": name, "rate_bp": rate_bp}


def _set_missing_settings(demo: dict[str, Any]) -> None:
    known = set(db.session.scalars(select(Setting.key)))
    missing = {key: value for key, value in demo["settings"].items() if key not in known}
    if missing:
        set_settings(missing, user_id=None)


@retried
def ensure_demo_pages() -> None:
    """Publish the sample texts where no page has been written; each says that it is a sample."""
    with transaction():
        lock_addresses()
        if db.session.scalar(select(Page.id).limit(1)) is None:
            for role in ROLES:
                publish_page(begin_sample(role), user_id=None)


@retried
def mark_seeded() -> None:
    """Note that the demo shop has been filled, so that it is not filled again."""
    with transaction():
        changed(
            update(ShopState)
            .where(ShopState.id == 1, ShopState.demo_seeded_at.is_(None))
            .values(demo_seeded_at=now())
        )


def is_seeded() -> bool:
    """Return whether the demo shop has been filled before."""
    at = db.session.scalar(select(ShopState.demo_seeded_at).where(ShopState.id == 1))
    return at is not None
