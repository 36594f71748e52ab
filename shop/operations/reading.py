"""The jobs that were given up, read without the database library."""

from collections.abc import Sequence
from typing import NamedTuple

from shop.core.rows import read_rows

_FAILED = """
SELECT id, name, attempts, error FROM job WHERE state = 'failed'
ORDER BY finished_at DESC, id DESC LIMIT 50
"""


class FailedJob(NamedTuple):
    """A job that was given up; the fields are those of the model."""

    id: int
    name: str
    attempts: int
    error: str


def read_failed(database_url: str) -> Sequence[FailedJob]:
    """Return the newest jobs that were given up, at most 50. Raises CannotRead."""
    return [FailedJob(*row) for row in read_rows(database_url, _FAILED)]
