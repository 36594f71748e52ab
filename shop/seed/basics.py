"""What a shop needs besides pieces: currency, carriers, delivery, tax rates, first settings."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from shop.core.addresses import country_choices
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import changed, db, insert_new, retried, transaction
from shop.core.errors import ShopError
from shop.delivery.tracking import carrier_key
from shop.models import Carrier, DeliveryMethod, Page, Setting, ShopState, TaxClass, TaxRate
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
        if db.session.scalar(select(DeliveryMethod.id).limit(1)) is None:
            for row in _delivery_rows(demo, currency):
                is_new |= insert_new(DeliveryMethod, **row)
        if db.session.scalar(select(TaxRate.id).limit(1)) is None:
            for row in _tax_rows(demo["tax"]):
                is_new |= insert_new(TaxRate, **row)
        if is_new:
            bump_settings()
        _set_missing_settings(demo)


def _delivery_rows(demo: dict[str, Any], currency: str) -> Iterator[dict[str, Any]]:
    places = {name: codes.split() for name, codes in demo["places"].items()}
    named = {code for codes in places.values() for code in codes}
    carriers = {
        row.name_key: row.id for row in db.session.execute(select(Carrier.name_key, Carrier.id))
    }
    places["the_rest"] = [code for code, _ in country_choices() if code not in named]
    for position, row in enumerate(demo["delivery"]):
        free_from = row.get("free_from")
        yield {
            "code": row["code"],
            "name": row["name"],
            "description": row["description"],
            "carrier_id": carriers.get(carrier_key(row["carrier"])),
            "unit_amount": demo_amount(row["price"], currency),
            "free_from": demo_amount(free_from, currency) if free_from else None,
            "countries": places[row["to"]],
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
