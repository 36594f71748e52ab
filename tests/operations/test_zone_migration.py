"""Zones are made of the countries of methods, and nobody's delivery changes."""

import json
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from shop.core.db import db
from tests.conftest import both_engines
from tests.operations.test_migrations import MIGRATIONS

(ZONES,) = Path(MIGRATIONS, "versions").glob("*_delivery_zones.py")
BEFORE = f"{int(ZONES.name[:4]) - 1:04d}"
METHODS = {
    "standard": ["FR", "DE"],
    "express": ["FR", "DE", "BE"],
    "world": [],
    "island": ["GB"],
}


@both_engines
def test_every_country_keeps_its_methods(ctx: Flask) -> None:
    downgrade(directory=MIGRATIONS, revision=BEFORE)
    insert = sa.text(
        "INSERT INTO delivery_method (code, name, description, unit_amount, countries, min_days,"
        " max_days, position, is_active) VALUES (:code, :code, '', 1, :countries, 1, 1, :n, true)"
    )
    with db.engine.connect().execution_options(shop_write=True) as connection, connection.begin():
        for n, (code, countries) in enumerate(METHODS.items()):
            values = {"code": code, "countries": json.dumps(countries), "n": n}
            connection.execute(insert, values)
    upgrade(directory=MIGRATIONS)
    found = sa.text(
        "SELECT delivery_zone_country.country, delivery_method.name FROM delivery_zone"
        " LEFT JOIN delivery_zone_country ON delivery_zone_country.zone_id = delivery_zone.id"
        " JOIN delivery_method ON delivery_method.zone_id = delivery_zone.id"
    )
    by_country: dict[str | None, set[str]] = {}
    for country, name in db.session.execute(found):
        by_country.setdefault(country, set()).add(name)
    assert by_country == {
        "FR": {"standard", "express", "world"},
        "DE": {"standard", "express", "world"},
        "BE": {"express", "world"},
        "GB": {"world", "island"},
        None: {"world"},
    }
    names = set(db.session.scalars(sa.text("SELECT name FROM delivery_zone")))
    assert names == {"FR, DE", "BE", "GB", "Everywhere else"}
    codes = db.session.scalars(sa.text("SELECT code FROM delivery_method ORDER BY id")).all()
    assert list(codes[:4]) == list(METHODS), "orders name the first"
    db.session.remove()
    downgrade(directory=MIGRATIONS, revision=BEFORE)
    former = sa.text("SELECT countries FROM delivery_method WHERE code = 'standard'")
    stored = db.session.scalar(former)
    assert sorted(json.loads(stored) if isinstance(stored, str) else stored) == ["DE", "FR"]
    db.session.remove()
    upgrade(directory=MIGRATIONS)
