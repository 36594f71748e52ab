"""Delivery methods, carriers, tax rates as they are saved, and as their forms show them. Pure."""

from dataclasses import dataclass
from typing import Any

from shop.core.config import config
from shop.core.number_input import typed_amount
from shop.models import Carrier, DeliveryMethod, TaxClass
from shop.settings.queries import shop_settings


@dataclass(frozen=True)
class MethodValues:
    """A delivery method as it is saved; money in minor units, `countries` empty for everywhere."""

    name: str
    carrier_id: int | None
    unit_amount: int
    free_from: int | None
    countries: list[str]
    min_days: int
    max_days: int
    is_active: bool


@dataclass(frozen=True)
class CarrierValues:
    """A carrier as it is saved; `tracking_url` as `check_pattern` returns it."""

    name: str
    tracking_url: str
    is_active: bool


@dataclass(frozen=True)
class RateValues:
    """A tax rate as it is saved, in basis points."""

    country: str
    tax_class: TaxClass
    name: str
    rate_bp: int


def method_shown(method: DeliveryMethod | MethodValues) -> dict[str, Any]:
    """Return what the form of a delivery method shows, by field."""
    currency, locale = config().currency, shop_settings().locale
    price = typed_amount(method.unit_amount, currency, locale)
    free_from = ""
    if method.free_from is not None:
        free_from = typed_amount(method.free_from, currency, locale)
    return {
        "name": method.name,
        "carrier_id": str(method.carrier_id or ""),
        "price": price,
        "free_from": free_from,
        "countries": ", ".join(method.countries),
        "min_days": str(method.min_days),
        "max_days": str(method.max_days),
        "is_active": method.is_active,
    }


def carrier_shown(carrier: Carrier | CarrierValues) -> dict[str, Any]:
    """Return what the form of a carrier shows, by field."""
    return {name: getattr(carrier, name) for name in ("name", "tracking_url", "is_active")}
