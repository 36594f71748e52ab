"""The tax rates of a country, as the pure functions take them."""

from sqlalchemy import select

from shop.core.db import db
from shop.models import TaxClass, TaxMode, TaxRate
from shop.pricing.price import TaxRules
from shop.settings.queries import kept


def tax_rules(country: str) -> TaxRules:
    """Return the rules for goods sent to `country` (ISO 3166-1 alpha-2), prices inclusive."""
    return kept("tax rates", _load).get(country, TaxRules(TaxMode.INCLUSIVE))


def _load() -> dict[str, TaxRules]:
    rates: dict[str, dict[TaxClass, int]] = {}
    for row in db.session.execute(select(TaxRate.country, TaxRate.tax_class, TaxRate.rate_bp)):
        rates.setdefault(row.country, {})[row.tax_class] = row.rate_bp
    return {country: TaxRules(TaxMode.INCLUSIVE, found) for country, found in rates.items()}
