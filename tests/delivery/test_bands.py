"""Bands: the first that reaches to the bag, whatever they are; and which cannot be."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.errors import BadInput
from shop.delivery.bands import HEAVIEST, MOST, Band, check_bands, find_rate


@st.composite
def bands(draw: st.DrawFn) -> list[Band]:
    """Return bands as a merchant may enter them, with or without an end."""
    ends = draw(st.lists(st.integers(1, HEAVIEST), unique=True, min_size=1, max_size=MOST))
    found: list[Band] = [(end, draw(st.integers(0, 10_000))) for end in sorted(ends)]
    if draw(st.booleans()):
        found[-1] = (None, found[-1][1])
    return found


@given(bands(), st.integers(0, HEAVIEST * 2))
def test_it_costs_what_the_narrowest_band_says_that_holds_it(found: list[Band], bag: int) -> None:
    check_bands(found, largest=HEAVIEST)
    holding = [(end, price) for end, price in found if end is None or bag <= end]
    holding.sort(key=lambda band: HEAVIEST * 3 if band[0] is None else band[0])
    assert find_rate(found, bag) == (holding[0][1] if holding else None)


@given(bands(), st.integers(0, HEAVIEST * 2), st.integers(0, HEAVIEST))
def test_what_is_too_heavy_stays_so_with_more(found: list[Band], bag: int, more: int) -> None:
    if find_rate(found, bag) is None:
        assert find_rate(found, bag + more) is None
        assert found[-1][0] is not None
    # An end belongs to its own band, and one more to the next.
    for (end, price), (_end, following) in pairwise(found):
        assert end is not None
        assert (find_rate(found, end), find_rate(found, end + 1)) == (price, following)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([], "at least one"),
        ([(n, 1) for n in range(1, MOST + 2)], "at most"),
        ([(None, 1), (5, 1)], "Only the last"),
        ([(None, 1), (None, 1)], "Only the last"),
        ([(0, 1)], "above nothing"),
        ([(HEAVIEST + 1, 1)], "above nothing"),
        ([(5, 1), (5, 2)], "above the one before"),
        ([(5, 1), (4, 2), (None, 3)], "above the one before"),
        ([(5, -1)], "a price"),
    ],
)
def test_bands_that_cannot_be(found: list[Band], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        check_bands(found, largest=HEAVIEST)
