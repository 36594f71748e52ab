"""Saving delivery methods and tax rates; every page learns of it by the settings' stamp."""

import dataclasses
import secrets

from sqlalchemy import delete, select

from shop.admin.settings.values import MethodValues, RateValues
from shop.db import changed, db, retried, transaction
from shop.errors import NotFound
from shop.models import DeliveryMethod, TaxRate
from shop.stamps import bump_settings
from shop.trail import leave_trail


@retried
def save_method(method_id: int | None, values: MethodValues, *, user_id: int | None) -> int:
    """Add a delivery method, or change one; orders keep what they were sold with.

    Raises NotFound.
    """
    columns = dataclasses.asdict(values)
    with transaction() as session:
        if method_id is None:
            method = DeliveryMethod(code=f"method-{secrets.token_hex(4)}", position=99, **columns)
            session.add(method)
            before = None
        else:
            found = session.get(DeliveryMethod, method_id)
            if found is None:
                raise NotFound
            method = found
            before = {name: getattr(method, name) for name in columns}
            for name, value in columns.items():
                setattr(method, name, value)
        session.flush()
        leave_trail(
            "settings.delivery_method",
            "delivery_method",
            method.id,
            user_id=user_id,
            before=before,
            after=columns,
        )
        bump_settings()
        return method.id


@retried
def save_rate(values: RateValues, *, user_id: int | None) -> bool:
    """Set the rate of a class in a country."""
    with transaction() as session:
        rate = _find(values)
        before = {"rate_bp": rate.rate_bp} if rate else None
        if rate is None:
            rate = TaxRate(country=values.country, tax_class=values.tax_class)
            session.add(rate)
        rate.name, rate.rate_bp = values.name, values.rate_bp
        _trail(values, before, {"rate_bp": values.rate_bp}, user_id)
        bump_settings()
        return True


@retried
def remove_rate(values: RateValues, *, user_id: int | None) -> bool:
    """Take the rate of a class in a country away: nothing is taxed there then."""
    with transaction():
        rate = _find(values)
        if rate is None:
            raise NotFound
        changed(delete(TaxRate).where(TaxRate.id == rate.id))
        _trail(values, {"rate_bp": rate.rate_bp}, None, user_id)
        bump_settings()
        return True


def _find(values: RateValues) -> TaxRate | None:
    return db.session.scalar(
        select(TaxRate).where(
            TaxRate.country == values.country, TaxRate.tax_class == values.tax_class
        )
    )


def _trail(
    values: RateValues,
    before: dict[str, int] | None,
    after: dict[str, int] | None,
    user_id: int | None,
) -> None:
    name = f"{values.country}-{values.tax_class}"
    leave_trail("settings.tax_rate", "tax_rate", name, user_id=user_id, before=before, after=after)
