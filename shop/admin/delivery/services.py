"""Saving zones and methods of delivery; pages learn of it by the settings' stamp."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from shop.admin.delivery.input_types import MethodValues, ZoneValues, method_shown, zone_shown
from shop.admin.delivery.queries import countries_of
from shop.admin.optimistic_lock import refuse_stale
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.addresses import country_choices
from shop.core.db import changed, db
from shop.core.errors import BadInput, NotFound, OrderError
from shop.models import DeliveryMethod, DeliveryZone, DeliveryZoneCountry, Order
from shop.shared.page_versions import bump_settings

IN_USE = "Orders were sold with {name}. Stop offering it instead."


@done_once
def save_zone(zone_id: int | None, seen: int | None, values: ZoneValues, *, staff: Staff) -> Entry:
    """Add a zone behind the others, or change one.

    `seen`: the version that the form was made from. Raises StaleForm, NotFound, and BadInput for
    a country of another zone and for a second zone that has everywhere else.
    """
    after = zone_shown(values.name, values.countries, is_rest=values.is_rest)
    with audited("settings.zone", "delivery_zone", zone_id or "", staff=staff) as entry:
        if zone_id is None:
            own: set[str] = set()
            zone = DeliveryZone(position=_behind(DeliveryZone))
        else:
            zone = _lock(DeliveryZone, zone_id)
            own, _others = countries_of(zone_id)
            entry.before = zone_shown(zone.name, own, is_rest=zone.is_rest)
            refuse_stale(seen, zone.version, entry.before, after)
        if zone_id is not None and entry.before != after:
            zone.version += 1
        zone.name, zone.is_rest = values.name, values.is_rest
        db.session.add(zone)
        _flush_rest()
        _give_countries(zone.id, own, values.countries)
        bump_settings()
        entry.object_id, entry.after = zone.id, after
    return entry


def _give_countries(zone_id: int, own: set[str], wanted: frozenset[str]) -> None:
    _own, others = countries_of(zone_id)
    taken = [code for code in wanted if code in others]
    if taken:
        raise BadInput(countries=_taken(taken, others))
    gone = DeliveryZoneCountry.country.in_(own - wanted)
    changed(delete(DeliveryZoneCountry).where(DeliveryZoneCountry.zone_id == zone_id, gone))
    db.session.add_all(DeliveryZoneCountry(country=c, zone_id=zone_id) for c in wanted - own)
    try:
        db.session.flush()
    except IntegrityError as error:  # another form was faster
        raise BadInput(countries="A country was just given to another zone.") from error


def _taken(codes: Sequence[str], others: dict[str, str]) -> str:
    found = [(name, others[code]) for code, name in country_choices("en") if code in codes]
    return " ".join(f"{country} belongs to the zone {zone}." for country, zone in found)


def _flush_rest() -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise BadInput(is_rest="Another zone has everywhere else already.") from error


@done_once
def save_method(
    method_id: int | None, seen: int | None, values: MethodValues, *, staff: Staff
) -> Entry:
    """Add a method behind those of its zone, or change one; orders keep what was agreed.

    `seen`: as in `save_zone`. Raises StaleForm, NotFound, and BadInput for a zone that is gone.
    """
    of = ("settings.delivery_method", "delivery_method", method_id or "")
    with audited(*of, staff=staff) as entry:
        if method_id is None:
            method = DeliveryMethod(code=f"method-{secrets.token_hex(4)}")
            method.position = _behind(DeliveryMethod)
        else:
            method = _lock(DeliveryMethod, method_id)
            refuse_stale(seen, method.version, method_shown(method), method_shown(values))
            entry.before = {name: getattr(method, name) for name in asdict(values)}
        if db.session.get(DeliveryZone, values.zone_id) is None:
            raise BadInput(zone_id="Choose a zone.")
        entry.after = asdict(values)
        for name, value in entry.after.items():
            setattr(method, name, value)
        db.session.add(method)
        db.session.flush()
        bump_settings()
        entry.object_id = method.id
    return entry


@done_once
def place_zone(zone_id: int, step: int, *, staff: Staff) -> Entry:
    """Move a zone by `step` places among the others. Raises NotFound."""
    with audited("settings.zone_place", "delivery_zone", zone_id, staff=staff) as entry:
        zone = _lock(DeliveryZone, zone_id)
        beside = select(DeliveryZone.id, DeliveryZone.position).where(~DeliveryZone.is_rest)
        _place(DeliveryZone, zone, beside, step, entry)
    return entry


@done_once
def place_method(method_id: int, step: int, *, staff: Staff) -> Entry:
    """Move a method by `step` places among those of its zone. Raises NotFound."""
    of = ("settings.delivery_method_place", "delivery_method", method_id)
    with audited(*of, staff=staff) as entry:
        method = _lock(DeliveryMethod, method_id)
        beside = select(DeliveryMethod.id, DeliveryMethod.position)
        beside = beside.where(DeliveryMethod.zone_id == method.zone_id)
        _place(DeliveryMethod, method, beside, step, entry)
    return entry


@done_once
def delete_zone(zone_id: int, *, staff: Staff) -> Entry:
    """Delete a zone without methods, with its countries. Raises OrderError, NotFound."""
    with audited("settings.zone_delete", "delivery_zone", zone_id, staff=staff) as entry:
        zone = _lock(DeliveryZone, zone_id)
        own, _others = countries_of(zone_id)
        entry.before = zone_shown(zone.name, own, is_rest=zone.is_rest)
        entry.after = dict.fromkeys(entry.before)
        has_methods = select(DeliveryMethod.id).where(DeliveryMethod.zone_id == zone_id)
        if db.session.scalar(has_methods.limit(1)) is not None:
            raise OrderError(f"{zone.name} still has methods. Move or delete them first.")
        _delete(zone, f"{zone.name} still has methods. Move or delete them first.")
    return entry


@done_once
def delete_method(method_id: int, *, staff: Staff) -> Entry:
    """Delete a method that no order was sold with. Raises OrderError, NotFound."""
    of = ("settings.delivery_method_delete", "delivery_method", method_id)
    with audited(*of, staff=staff) as entry:
        method = _lock(DeliveryMethod, method_id)
        entry.before = {"name": method.name, "zone_id": method.zone_id}
        entry.after = dict.fromkeys(entry.before)
        sold = select(Order.id).where(Order.delivery_method_id == method_id).limit(1)
        if db.session.scalar(sold) is not None:
            raise OrderError(IN_USE.format(name=method.name))
        _delete(method, IN_USE.format(name=method.name))
    return entry


def _delete(row: DeliveryZone | DeliveryMethod, refusal: str) -> None:
    """Delete a row; raises OrderError where something came to depend on it just now."""
    db.session.delete(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise OrderError(refusal) from error
    bump_settings()


def _lock(model: Any, row_id: int) -> Any:
    row = db.session.get(model, row_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    return row


def _behind(model: Any) -> int:
    return int(db.session.scalars(select(func.coalesce(func.max(model.position) + 1, 0))).one())


def _place(model: Any, row: Any, beside: Any, step: int, entry: Entry) -> None:
    """Write new places; being moved is no new version, so no open form is overtaken."""
    ids = [found.id for found in db.session.execute(beside.order_by(model.position, model.id))]
    if row.id not in ids:  # what has everywhere else stays behind
        return
    place = ids.index(row.id)
    entry.before = {"place": place + 1}
    ids.remove(row.id)
    ids.insert(max(place + step, 0), row.id)
    for position, row_id in enumerate(ids):
        changed(update(model).where(model.id == row_id).values(position=position))
    entry.after = {"place": ids.index(row.id) + 1}
    bump_settings()
