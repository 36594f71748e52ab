"""A shop for races: no limit on open orders, and a way to take its constraints off."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from flask import Flask

from tests.orders import kit
from tests.races.race_kit import drop_constraints, restore_schema


@pytest.fixture(autouse=True)
def shop(app: Flask) -> Flask:
    with app.app_context():
        kit.open_shop()
        kit.lift_limits()
    return app


@pytest.fixture
def drop(app: Flask, shop: Flask) -> Iterator[Callable[..., None]]:
    """Take constraints and indexes off a table by name, for a negative control."""

    def off(table: str, *constraints: str, indexes: Sequence[str] = ()) -> None:
        drop_constraints(app, table, *constraints, indexes=indexes)

    yield off
    restore_schema(app)
