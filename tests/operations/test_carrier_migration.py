"""Revision 0010 makes carriers of what the delivery methods named."""

import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from shop.core.db import db
from tests.conftest import both_engines
from tests.operations.test_migrations import MIGRATIONS

ONE, TWO = "https://one.example/{number}", "https://two.example/{number}"
# Of each method: its carrier and pattern before, its carrier and pattern afterwards.
METHODS = [
    ("DHL Express", ONE, "DHL Express", ONE),
    ("dhl express", "", "DHL Express", ONE),
    ("DHL Éxpress", TWO, "DHL Éxpress 2", TWO),
    ("DHL Express", ONE, "DHL Express", ONE),
    ("", TWO, "Method 4", TWO),
    ("", "", None, None),
    ("Bicycle", "", "Bicycle", ""),
    ("Twice", "https://x.example/{number}/{number}", "Twice", ""),
    ("Plain", "http://x.example/{number}", "Plain", ""),
]


@both_engines
def test_every_method_keeps_its_carrier_and_its_link(ctx: Flask) -> None:
    downgrade(directory=MIGRATIONS, revision="0009")
    insert = sa.text(
        "INSERT INTO delivery_method (code, name, description, carrier, tracking_url, unit_amount,"
        " countries, min_days, max_days, position, is_active)"
        " VALUES (:code, :name, '', :carrier, :url, 1, '[]', 1, 1, 0, true)"
    )
    with db.engine.connect().execution_options(shop_write=True) as connection, connection.begin():
        for number, (carrier, url, _name, _pattern) in enumerate(METHODS):
            named = {"code": f"c{number}", "name": f"Method {number}"}
            connection.execute(insert, {**named, "carrier": carrier, "url": url})
    upgrade(directory=MIGRATIONS)
    found = sa.text(
        "SELECT carrier.name, carrier.tracking_url FROM delivery_method"
        " LEFT JOIN carrier ON carrier.id = carrier_id ORDER BY delivery_method.id"
    )
    assert [tuple(row) for row in db.session.execute(found)] == [row[2:] for row in METHODS]
    db.session.remove()
    downgrade(directory=MIGRATIONS, revision="0009")
    former = sa.text("SELECT carrier, tracking_url FROM delivery_method ORDER BY id")
    wanted = [(name or "", pattern or "") for *_, name, pattern in METHODS]
    assert [tuple(row) for row in db.session.execute(former)] == wanted
    db.session.remove()
    upgrade(directory=MIGRATIONS)
