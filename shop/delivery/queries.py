"""Which delivery methods there are for a country, and what they cost now."""

from collections.abc import Sequence

from sqlalchemy import select

from shop.core.addresses import country_choices
from shop.core.clock import now
from shop.core.config import config
from shop.core.db import db
from shop.core.errors import BadInput
from shop.delivery.rates import DeliveryQuote, quote
from shop.delivery.tracking import carrier_key
from shop.models import Carrier, DeliveryMethod
from shop.settings.queries import kept, shop_settings


def list_methods(country: str) -> list[DeliveryMethod]:
    """Return the active methods that go to `country`, in the merchant's order."""
    methods = kept("delivery methods", _load_methods)
    return [method for method in methods if not method.countries or country in method.countries]


def list_countries() -> tuple[str, ...]:
    """Return the countries (ISO codes) that parcels go to: the shop's own, then the merchant's.

    Those follow in the order of the ways of delivery; with one that goes everywhere the rest of
    the world comes last, by name.
    """
    return kept("delivery countries", _find_countries)


def _find_countries() -> tuple[str, ...]:
    found: dict[str, None] = {}
    methods = kept("delivery methods", _load_methods)
    for method in methods:
        found |= dict.fromkeys(method.countries)
    if any(not method.countries for method in methods):
        found |= dict.fromkeys(code for code, _name in country_choices())
    own = shop_settings().ship_from_country
    return tuple(sorted(found, key=lambda code: code != own))


def _load_methods() -> tuple[DeliveryMethod, ...]:
    methods = db.session.scalars(
        select(DeliveryMethod)
        .where(DeliveryMethod.is_active)
        .order_by(DeliveryMethod.position, DeliveryMethod.id)
    ).all()
    for method in methods:
        db.session.expunge(method)
    return tuple(methods)


def list_quotes(country: str, goods_amount: int) -> list[DeliveryQuote]:
    """Return what each method costs for goods worth `goods_amount` (minor units) to `country`."""
    settings, at, zone = shop_settings(), now(), config().timezone
    return [
        quote(m, goods_amount, at=at, zone=zone, cutoff_hour=settings.delivery_cutoff_hour)
        for m in list_methods(country)
    ]


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
