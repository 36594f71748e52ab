"""What the settings desk reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.core.db import db
from shop.models import Carrier, Setting, TaxRate
from shop.payments.current import chosen_providers, configured_providers, gateway
from shop.payments.registry import PROVIDERS
from shop.settings.kinds import Value
from shop.settings.registry import get_definition


@dataclass(frozen=True)
class WayToPay:
    """Who takes money: "off", "sandbox", "test" or "live"; whether its messages are believed.

    `has_secret` is None where there are no messages.
    """

    title: str
    kind: str
    has_secret: bool | None


def list_ways_to_pay() -> list[WayToPay]:
    """Return whom the shop can ask about money, the preferred first."""
    return [_way_to_pay(name) for name in configured_providers()]


def _way_to_pay(name: str) -> WayToPay:
    there, entry = gateway(name), PROVIDERS[name]
    kind = "live" if there.livemode else "test"
    if name not in chosen_providers() or not there.is_on():
        kind = "off"
    elif entry.is_play_money:
        kind = "sandbox"
    has_secret = not there.webhook_advice("") if entry.webhook else None
    return WayToPay(str(entry.words.title), kind, has_secret)


def list_desk_carriers() -> Sequence[Carrier]:
    """Return all carriers, by name."""
    return db.session.scalars(select(Carrier).order_by(Carrier.name_key)).all()


def list_rates() -> Sequence[TaxRate]:
    """Return all tax rates, by country."""
    return db.session.scalars(
        select(TaxRate).order_by(TaxRate.country, TaxRate.rate_bp.desc())
    ).all()


def load_settings(keys: Collection[str]) -> tuple[dict[str, Value], dict[str, int]]:
    """Return these settings as they are in the database now, and their versions, by key.

    The version of several is the sum: it grows whenever one of them is changed.
    """
    stored = db.session.execute(
        select(Setting.key, Setting.value, Setting.version).where(Setting.key.in_(list(keys)))
    ).all()
    values = {row.key: row.value for row in stored}
    found = {}
    for key in keys:
        definition = get_definition(key)
        value = values.get(key, definition.default)
        found[key] = value if definition.accepts(value) else definition.default
    return found, {row.key: row.version for row in stored}


def show_settings(values: Mapping[str, Value]) -> dict[str, str]:
    """Return what a form shows of these settings, by key."""
    return {key: get_definition(key).show(value) for key, value in values.items()}
