"""Delivery methods and tax rates as they are saved. Pure."""

from dataclasses import dataclass

from shop.models import TaxClass


@dataclass(frozen=True)
class MethodValues:
    """A delivery method as it is saved; money in minor units, `countries` empty for everywhere."""

    name: str
    carrier: str
    tracking_url: str
    unit_amount: int
    free_from: int | None
    countries: list[str]
    min_days: int
    max_days: int
    is_active: bool


@dataclass(frozen=True)
class RateValues:
    """A tax rate as it is saved, in basis points."""

    country: str
    tax_class: TaxClass
    name: str
    rate_bp: int
