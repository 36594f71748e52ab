"""What a table of moves says: from which states to which."""

from collections.abc import Mapping
from typing import TypeVar

S = TypeVar("S")


def sources_of(moves: Mapping[S, frozenset[S]], to: S) -> frozenset[S]:
    """Return the states from which a table of moves leads to `to`."""
    return frozenset(source for source, targets in moves.items() if to in targets)
