from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.bench import Bench, working_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A sandbox whose every request, answer, event and stored object is judged at the end."""
    with working_bench(tmp_path) as made:
        yield made
        assert made.faults() == []
