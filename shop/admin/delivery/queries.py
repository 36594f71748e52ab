"""What the delivery desk reads: zones with their countries and methods."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.core.addresses import country_choices
from shop.core.db import db
from shop.core.errors import NotFound
from shop.models import DeliveryMethod, DeliveryZone, DeliveryZoneCountry

_ORDER = (DeliveryZone.is_rest, DeliveryZone.position, DeliveryZone.id)


@dataclass(frozen=True)
class ZoneRow:
    """A zone on its desk: the names of its countries and its methods, in the merchant's order."""

    zone: DeliveryZone
    countries: Sequence[str]
    methods: Sequence[DeliveryMethod]
    is_first: bool
    is_last: bool


def list_desk_zones() -> list[ZoneRow]:
    """Return all zones in their order; the one that has everywhere else is the last."""
    names = dict(country_choices("en"))
    countries: dict[DeliveryZone, list[str]] = defaultdict(list)
    named = select(DeliveryZone, DeliveryZoneCountry.country).order_by(*_ORDER)
    of = DeliveryZoneCountry.zone_id == DeliveryZone.id
    for zone, country in db.session.execute(named.outerjoin(DeliveryZoneCountry, of)):
        countries[zone] += [names.get(country, country)] if country else []
    zones = list(countries)
    methods: dict[int, list[DeliveryMethod]] = defaultdict(list)
    order = (DeliveryMethod.position, DeliveryMethod.id)
    for method in db.session.scalars(select(DeliveryMethod).order_by(*order)):
        methods[method.zone_id].append(method)
    last = sum(not zone.is_rest for zone in zones)
    return [
        ZoneRow(
            zone,
            sorted(countries[zone]),
            methods[zone.id],
            place == 1 or zone.is_rest,
            place >= last,
        )
        for place, zone in enumerate(zones, 1)
    ]


def list_zones() -> Sequence[DeliveryZone]:
    """Return all zones in their order, the one that has everywhere else at the end."""
    return db.session.scalars(select(DeliveryZone).order_by(*_ORDER)).all()


def get_zone(zone_id: int) -> DeliveryZone:
    """Return a zone as it is now. Raises NotFound."""
    found = db.session.get(DeliveryZone, zone_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def get_method(method_id: int) -> DeliveryMethod:
    """Return a method as it is now. Raises NotFound."""
    found = db.session.get(DeliveryMethod, method_id, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def countries_of(zone_id: int | None) -> tuple[set[str], dict[str, str]]:
    """Return the countries of a zone, and those of others with the names of these."""
    rows = db.session.execute(
        select(DeliveryZoneCountry.country, DeliveryZone.id, DeliveryZone.name).join(
            DeliveryZone, DeliveryZone.id == DeliveryZoneCountry.zone_id
        )
    ).all()
    own = {row.country for row in rows if row.id == zone_id}
    return own, {row.country: row.name for row in rows if row.id != zone_id}
