from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.bench import Bench, working_bench
from tests.contract.sides import SIDES, Side, sandbox_side, stripe_side


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A sandbox whose every request, answer, event and stored object is judged at the end."""
    with working_bench(tmp_path) as made:
        yield made
        assert made.faults() == []


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Side]:
    """The sandbox, and Stripe's test mode where a key is given."""
    if request.param == "stripe":
        yield stripe_side()
        return
    with working_bench(tmp_path) as bench:
        yield sandbox_side(bench)
        assert bench.witness.faults == []
