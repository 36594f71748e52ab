"""The tax rates of a country, as the pure functions take them."""

from sqlalchemy import select

from shop.db import db
from shop.models import TaxMode, TaxRate
from shop.pricing.price import TaxRules


def tax_rules(country: str) -> TaxRules:
    """Return the rules for goods sent to `country` (ISO 3166-1 alpha-2), prices inclusive."""
    rows = db.session.execute(
        select(TaxRate.tax_class, TaxRate.rate_bp).where(TaxRate.country == country)
    )
    return TaxRules(TaxMode.INCLUSIVE, {row.tax_class: row.rate_bp for row in rows})
