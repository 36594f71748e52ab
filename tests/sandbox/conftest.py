from collections.abc import Iterator

import pytest

from tests.sandbox.kit import World, clock_at


@pytest.fixture
def world() -> Iterator[World]:
    """A sandbox in memory whose clock stands still until a test moves it."""
    made = World(":memory:", time_source=clock_at())
    yield made
    made.sandbox.store.close()
