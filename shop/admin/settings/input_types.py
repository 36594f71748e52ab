"""Carriers and tax rates as they are saved, and as their forms show them. Pure."""

from dataclasses import dataclass
from typing import Any

from shop.models import Carrier, TaxClass


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


def carrier_shown(carrier: Carrier | CarrierValues) -> dict[str, Any]:
    """Return what the form of a carrier shows, by field."""
    return {name: getattr(carrier, name) for name in ("name", "tracking_url", "is_active")}
