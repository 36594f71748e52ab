"""Which delivery methods there are for a country, and what they cost now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from shop.core.addresses import country_choices
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import db
from shop.core.errors import BadInput
from shop.delivery.rates import DeliveryQuote, quote
from shop.delivery.tracking import carrier_key
from shop.models import Carrier, DeliveryMethod, DeliveryZone, DeliveryZoneCountry
from shop.settings.queries import kept, shop_settings

GOES_NOT_THERE: Final = "We do not deliver to that country yet."
TAKES_NO_SUCH_BAG: Final = (
    "This bag is too heavy or worth too much for our ways of delivery to that country. Take "
    "something out, or write to us."
)


@dataclass(frozen=True)
class _Reach:
    """The active methods by country, those of all other countries, and where parcels go."""

    by_country: Mapping[str, Sequence[DeliveryMethod]]
    elsewhere: Sequence[DeliveryMethod]
    countries: Sequence[str]

    def methods(self, country: str) -> Sequence[DeliveryMethod]:
        return self.by_country.get(country, self.elsewhere)


def list_methods(country: str) -> Sequence[DeliveryMethod]:
    """Return the active methods of the zone of `country`, in the merchant's order."""
    return kept("delivery zones", _load_reach).methods(country)


def why_undelivered(country: str) -> str:
    """Return why a bag for which there is no quote does not go to `country`."""
    return TAKES_NO_SUCH_BAG if list_methods(country) else GOES_NOT_THERE


def list_countries() -> tuple[str, ...]:
    """Return the countries (ISO codes) that parcels go to: the shop's own, then those of zones.

    Those follow in the order of the zones, by name in each; those that no zone names come last.
    """
    own, reach = shop_settings().ship_from_country, kept("delivery zones", _load_reach)
    return tuple(sorted(reach.countries, key=lambda code: code != own))


def _load_reach() -> _Reach:
    """Load what zones reach; a country of a zone without methods is reached by no other."""
    methods: dict[int, list[DeliveryMethod]] = defaultdict(list)
    for method in db.session.scalars(
        select(DeliveryMethod)
        .where(DeliveryMethod.is_active)
        .order_by(DeliveryMethod.position, DeliveryMethod.id)
    ).all():
        db.session.expunge(method)
        methods[method.zone_id].append(method)
    zones = db.session.execute(
        select(DeliveryZone.id, DeliveryZone.is_rest, DeliveryZoneCountry.country)
        .outerjoin(DeliveryZoneCountry, DeliveryZoneCountry.zone_id == DeliveryZone.id)
        .order_by(DeliveryZone.is_rest, DeliveryZone.position, DeliveryZone.id)
    ).all()
    by_country = {row.country: methods.get(row.id, []) for row in zones if row.country}
    elsewhere = next((methods.get(row.id, []) for row in zones if row.is_rest), [])
    codes = [code for code, _name in country_choices()]
    by_zone: dict[int, set[str]] = defaultdict(set)
    for row in zones:
        by_zone[row.id].add(row.country)
    countries = [
        code
        for zone_id, own in by_zone.items()
        if zone_id in methods
        for code in codes
        if code in own
    ]
    if elsewhere:
        countries += [code for code in codes if code not in by_country]
    return _Reach(by_country, elsewhere, countries)


def list_quotes(country: str, goods_amount: int, weight: int) -> list[DeliveryQuote]:
    """Return what each method that takes such a bag costs to `country`.

    `goods_amount`: what the goods cost, minor units; `weight`: of all pieces, grams.
    """
    cutoff_hour, at, zone = shop_settings().delivery_cutoff_hour, now(), config().timezone
    quotes = (
        quote(method, goods_amount, weight, at=at, zone=zone, cutoff_hour=cutoff_hour)
        for method in list_methods(country)
    )
    return [found for found in quotes if found is not None]


def free_delivery_from() -> int | None:
    """Return from which goods on delivery is free at home, minor units; None if it never is."""
    home = list_quotes(shop_settings().default_country, 0, 0)
    return min((quote.amount_to_free for quote in home if quote.amount_to_free), default=None)


def list_carriers() -> Sequence[Carrier]:
    """Return the active carriers, by name."""
    return db.session.scalars(
        select(Carrier).where(Carrier.is_active).order_by(Carrier.name_key)
    ).all()


def get_carrier(carrier_id: int) -> Carrier:
    """Return a carrier that parcels may be given to. Raises BadInput."""
    carrier = db.session.get(Carrier, carrier_id)
    if carrier is None or not carrier.is_active:
        raise BadInput("Choose a carrier.")
    return carrier


def find_carrier(name: str) -> Carrier | None:
    """Return the carrier of this name, whatever its case and accents, active or not."""
    return db.session.scalar(select(Carrier).where(Carrier.name_key == carrier_key(name)))
