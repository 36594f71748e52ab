"""A shop for races: no limit on open orders, and a way to take its constraints off."""

from collections.abc import Callable, Sequence

import pytest
from flask import Flask

from tests.orders import kit
from tests.races.race_kit import drop_constraints


@pytest.fixture(autouse=True)
def shop(app: Flask) -> Flask:
    with app.app_context():
        kit.open_shop()
        kit.lift_limits()
    return app


@pytest.fixture
def drop(app: Flask, shop: Flask, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Take constraints and indexes off a table by name, for a negative control.

    The test has a database of its own, which is thrown away: `@filled_by(nothing)`.
    """
    assert request.node.get_closest_marker("filled_by"), "other tests need these constraints"

    def off(table: str, *constraints: str, indexes: Sequence[str] = ()) -> None:
        drop_constraints(app, table, *constraints, indexes=indexes)

    return off
