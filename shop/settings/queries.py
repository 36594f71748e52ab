"""The settings in force: kept in the process, loaded again when their stamp has moved."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Integer, String, cast, null, select

from shop.core.db import db, in_transaction
from shop.models import Logo, Setting, ShopState
from shop.settings.registry import DEFINITIONS, ShopSettings
from shop.settings.stored import settings_of
from shop.web.visitor import current_visitor

Loaded = TypeVar("Loaded")

_kept: WeakKeyDictionary[Engine, dict[Hashable, tuple[int, Any]]] = WeakKeyDictionary()


def shop_settings() -> ShopSettings:
    """Return the settings in force."""
    return kept("settings", _load)


def kept(key: Hashable, load: Callable[[], Loaded]) -> Loaded:
    """Return what `load()` reads, kept in the process until the settings' stamp moves.

    For what stands on every page, is changed by the merchant alone and bumps that stamp: settings,
    categories and brands, delivery methods, tax rates. Inside a request the stamp comes with the
    visitor, so it usually costs no statement; outside one (jobs, commands) one is spent to learn
    it. What is kept is shared between threads: values only, no rows of a session.
    """
    stamp = current_visitor().settings_stamp or _stamp()
    found = _kept.get(db.engine, {}).get(key)
    if found is not None and found[0] == stamp:
        value: Loaded = found[1]
        return value
    loaded = load()
    # What an open transaction sees may be rolled back yet: it is not kept for others.
    if stamp is not None and not in_transaction():
        _kept.setdefault(db.engine, {})[key] = (stamp, loaded)
    return loaded


def _stamp() -> int | None:
    return db.session.scalar(select(ShopState.settings_stamp).where(ShopState.id == 1))


def _load() -> ShopSettings:
    return settings_of(stored_rows().settings)


@dataclass(frozen=True)
class StoredRows:
    """What the merchant changed: settings by key, logos (picture, width, height) by theme."""

    settings: dict[str, Any]
    logos: dict[str, tuple[str, int, int]]


def stored_rows() -> StoredRows:
    """Return what is stored of settings and look, which every page needs, read at once."""
    return kept("stored", _load_stored)


def _load_stored() -> StoredRows:
    none = null()
    settings = select(
        Setting.key, Setting.value, cast(none, String).label("picture"),
        cast(none, Integer).label("width"), cast(none, Integer).label("height"),
    )  # fmt: skip
    logos = select(cast(Logo.theme, String), null(), Logo.picture, Logo.width, Logo.height)
    stored = StoredRows({}, {})
    for row in db.session.execute(settings.union_all(logos)):
        if row.picture is None:
            stored.settings[row.key] = row.value
        else:
            stored.logos[row.key] = (row.picture, row.width, row.height)
    return stored


def list_unusable() -> list[tuple[str, str]]:
    """Return (key, why) of each stored setting for which the default stands in."""
    found = []
    for key, value in db.session.execute(select(Setting.key, Setting.value).order_by(Setting.key)):
        definition = DEFINITIONS.get(key)
        if definition is None:
            found.append((key, "this version has no such setting"))
        elif not definition.accepts(value):
            found.append((key, f"{value!r} cannot be used. {definition.objection(value)}".strip()))
    return found
