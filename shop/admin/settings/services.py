"""Saving carriers and tax rates; pages learn of it by the settings' stamp."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.settings.input_types import (
    CarrierValues,
    RateValues,
    carrier_shown,
)
from shop.admin.settings.queries import load_settings, show_settings
from shop.admin.staff_actions import Entry, Staff, State, audited, done_once
from shop.core.db import Base, changed, db, retried, transaction
from shop.core.errors import BadInput, NotFound
from shop.delivery.tracking import carrier_key
from shop.models import Carrier, ShopState, TaxRate
from shop.models.columns import LONGEST_LINE
from shop.settings.services import parse_settings, set_settings
from shop.shared.audit_log import write_audit_entry
from shop.shared.page_versions import bump_settings

Row = TypeVar("Row", bound=Base)


@retried
def save_settings(
    keys: Collection[str],
    texts: Mapping[str, str],
    seen: int | None,
    *,
    user_id: int | None,
    reverts_id: int | None = None,
) -> bool:
    """Change the settings of a form. `seen`: the version of `keys` that it was made from.

    `reverts_id`: the entry of the trail that is taken back. Raises StaleForm when others have
    changed one of them since, BadInput, NotFound.
    """
    wanted = parse_settings(texts)
    with transaction() as session:
        # One after the other: a setting that was never changed has no row to lock.
        session.execute(select(ShopState.id).where(ShopState.id == 1).with_for_update())
        present, versions = load_settings(keys)
        version = sum(versions.values())
        refuse_stale(seen, version, show_settings(present), show_settings(wanted))
        set_settings(texts, user_id=user_id, reverts_id=reverts_id)
        return True


@done_once
def save_carrier(
    carrier_id: int | None, seen: int | None, values: CarrierValues, *, staff: Staff
) -> Entry:
    """Add a carrier, or change one; parcels that have left keep their links.

    `seen`: the version that the form was made from. Raises StaleForm, NotFound, BadInput for the
    name of another one.
    """
    with audited("settings.carrier", "carrier", carrier_id or "", staff=staff) as entry:
        carrier = Carrier()
        if carrier_id is not None:
            carrier = _lock(Carrier, carrier_id)
            refuse_stale(seen, carrier.version, carrier_shown(carrier), carrier_shown(values))
        carrier.name_key = _key_of(values.name)
        _write(carrier, asdict(values), entry)
        _flush_name()
        entry.object_id = carrier.id
    return entry


def _lock(model: type[Row], row_id: int) -> Row:
    row = db.session.get(model, row_id, with_for_update=True)
    if row is None:
        raise NotFound
    return row


def _write(row: Base, values: State, entry: Entry) -> None:
    """Give a row its values, with those it had in the entry."""
    if row in db.session:
        entry.before = {name: getattr(row, name) for name in values}
    entry.after = values
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)


def _key_of(name: str) -> str:
    """Return the key of a carrier's name, which letters written by several can make longer."""
    key = carrier_key(name)
    if len(key) > LONGEST_LINE:
        raise BadInput(name="Enter a shorter name.")
    return key


def _flush_name() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        if "name_key" not in str(error.orig):
            raise
        raise BadInput(name="Another carrier has this name.") from error


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
        if rate is None:  # the same button pressed twice
            return True
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
    write_audit_entry(
        "settings.tax_rate", "tax_rate", name, user_id=user_id, before=before, after=after
    )
