"""Zones and methods of delivery as they are saved, and as their forms show them. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from shop.core.addresses import country_choices
from shop.core.config import config
from shop.core.number_input import typed_amount
from shop.delivery.bands import Band
from shop.models import DeliveryMethod, Rates
from shop.settings.queries import shop_settings


@dataclass(frozen=True)
class ZoneValues:
    """A zone as it is saved; `countries` none where it has all that no zone names (`is_rest`)."""

    name: str
    is_rest: bool
    countries: frozenset[str]


@dataclass(frozen=True)
class MethodValues:
    """A method as it is saved; money in minor units. One with bands has no other price."""

    name: str
    description: str
    zone_id: int
    carrier_id: int | None
    rates: Rates
    unit_amount: int
    bands: list[Band]
    free_from: int | None
    min_days: int
    max_days: int
    is_active: bool


def zone_shown(name: str, countries: Collection[str], *, is_rest: bool) -> dict[str, Any]:
    """Return what the form of a zone shows, by field; its countries by name."""
    named = [words for code, words in country_choices("en") if code in countries]
    return {"name": name, "is_rest": is_rest, "countries": ", ".join(named)}


def method_shown(method: DeliveryMethod | MethodValues) -> dict[str, Any]:
    """Return what the form of a method shows, by field."""
    currency, locale = config().currency, shop_settings().locale
    free_from, is_flat = "", method.rates is Rates.FLAT
    if method.free_from is not None:
        free_from = typed_amount(method.free_from, currency, locale)
    return {
        "name": method.name,
        "description": method.description,
        "zone_id": str(method.zone_id),
        "carrier_id": str(method.carrier_id or ""),
        "rates": str(method.rates),
        "price": typed_amount(method.unit_amount, currency, locale) if is_flat else "",
        "steps": "" if is_flat else "; ".join(_steps_in_words(method)),
        "free_from": free_from,
        "min_days": str(method.min_days),
        "max_days": str(method.max_days),
        "is_active": method.is_active,
    }


def typed_steps(method: DeliveryMethod | MethodValues) -> list[tuple[str, str]]:
    """Return (up to, price) of each band as they are typed; "" for what has no end."""
    currency, locale = config().currency, shop_settings().locale
    return [
        (_typed_end(method.rates, up_to), typed_amount(amount, currency, locale))
        for up_to, amount in method.bands
    ]


def _typed_end(rates: Rates, up_to: int | None) -> str:
    if up_to is None:
        return ""
    if rates is Rates.WEIGHT:
        return str(up_to)
    return typed_amount(up_to, config().currency, shop_settings().locale)


def _steps_in_words(method: DeliveryMethod | MethodValues) -> list[str]:
    unit = " g" if method.rates is Rates.WEIGHT else ""
    return [
        f"up to {end}{unit}: {price}" if end else f"more: {price}"
        for end, price in typed_steps(method)
    ]
