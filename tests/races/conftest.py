"""A shop for races: no limit on open orders, and a way to take its guards off."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from flask import Flask

from shop.core.db import remove_guards
from tests.orders import kit
from tests.races.race_kit import drop_constraints, restore_schema


@pytest.fixture(autouse=True)
def shop(app: Flask) -> Flask:
    with app.app_context():
        kit.open_shop()
        kit.lift_limits()
    return app


@pytest.fixture
def unguard(app: Flask, shop: Flask) -> Iterator[Callable[..., None]]:
    """Take guards off in code and constraints off in the database, for a negative control."""

    def off(
        *guards: str, table: str = "", constraints: Sequence[str] = (), indexes: Sequence[str] = ()
    ) -> None:
        if table:
            drop_constraints(app, table, *constraints, indexes=indexes)
        remove_guards(*guards)

    yield off
    remove_guards()
    restore_schema(app)
