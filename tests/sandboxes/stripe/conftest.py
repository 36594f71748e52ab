from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.sandboxes.stripe.kit import World, clock_at


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    """Makes sandboxes in memory whose clocks stand still until a test moves them."""
    made: list[World] = []

    def make(database: Any = ":memory:", **settings: Any) -> World:
        made.append(World(database, **{"time_source": clock_at(), **settings}))
        return made[-1]

    yield make
    for world in made:
        world.sandbox.store.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
