"""The settings in force: kept in the process, loaded again when their stamp has moved."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select, true

from shop.core.db import db, in_transaction
from shop.models import Setting, ShopState
from shop.settings.registry import DEFINITIONS, ShopSettings
from shop.settings.stored import settings_of
from shop.web.visitor import current_visitor

Loaded = TypeVar("Loaded")

_kept: WeakKeyDictionary[Engine, tuple[int, ShopSettings]] = WeakKeyDictionary()
_others: WeakKeyDictionary[Engine, dict[Hashable, tuple[int, Any]]] = WeakKeyDictionary()


def shop_settings() -> ShopSettings:
    """Return the settings in force.

    Inside a request their stamp comes with the visitor, so they usually cost no statement;
    outside one (jobs, commands) one is spent to learn the stamp.
    """
    stamp = current_visitor().settings_stamp or _stamp()
    kept = _kept.get(db.engine)
    if kept is not None and kept[0] == stamp:
        return kept[1]
    return _load()


def kept(key: Hashable, load: Callable[[], Loaded]) -> Loaded:
    """Return what `load()` reads, kept in the process until the settings' stamp moves.

    For the merchant's other choices, which bump the same stamp: delivery methods, tax rates. What
    is kept is shared between threads: values only, no rows of a session.
    """
    stamp = current_visitor().settings_stamp or _stamp()
    others = _others.setdefault(db.engine, {})
    found = others.get(key)
    if found is not None and found[0] == stamp:
        value: Loaded = found[1]
        return value
    loaded = load()
    if stamp is not None and not in_transaction():
        others[key] = (stamp, loaded)
    return loaded


def _stamp() -> int | None:
    return db.session.scalar(select(ShopState.settings_stamp).where(ShopState.id == 1))


def _load() -> ShopSettings:
    rows = db.session.execute(
        select(ShopState.settings_stamp, Setting.key, Setting.value)
        .select_from(ShopState)
        .outerjoin(Setting, true())
        .where(ShopState.id == 1)
    ).all()
    settings = settings_of({key: value for _, key, value in rows if key is not None})
    # What an open transaction sees may be rolled back yet: it is not kept for others.
    if rows and not in_transaction():
        _kept[db.engine] = (rows[0].settings_stamp, settings)
    return settings


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
