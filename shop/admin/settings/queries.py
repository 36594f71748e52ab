"""What the settings desk reads."""

from collections.abc import Sequence

from sqlalchemy import select

from shop.db import db
from shop.models import DeliveryMethod, Role, TaxRate, User


def list_methods() -> Sequence[DeliveryMethod]:
    """Return all delivery methods, in the merchant's order."""
    return db.session.scalars(
        select(DeliveryMethod).order_by(DeliveryMethod.position, DeliveryMethod.id)
    ).all()


def list_rates() -> Sequence[TaxRate]:
    """Return all tax rates, by country."""
    return db.session.scalars(
        select(TaxRate).order_by(TaxRate.country, TaxRate.rate_bp.desc())
    ).all()


def list_staff() -> list[tuple[str, str]]:
    """Return (address, role) of everybody with a role."""
    rows = db.session.execute(
        select(User.email, Role.name).join(Role, Role.id == User.role_id).order_by(User.email)
    )
    return [(row.email, row.name) for row in rows]
