"""What is left to refund, by hand-picked and by random orders: never more than there is."""

from hypothesis import given
from hypothesis import strategies as st

from shop.orders.remainder import Choice, Piece, Remainder, part_of, split_remainder

PIECES = st.dictionaries(
    st.integers(1, 9),
    st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 99_999)).map(
        lambda drawn: Piece(drawn[0], min(drawn[0], drawn[1]), drawn[2])
    ),
    max_size=4,
)


def costs(found: Remainder) -> int:
    return sum(amount for _, amount in found.lines.values()) + found.amount_shipping


@given(st.integers(0, 999_999), st.integers(0, 5_000), PIECES)
def test_pieces_and_delivery_cost_no_more_than_what_goes_back(
    amount: int, shipping: int, pieces: dict[int, Piece]
) -> None:
    whole = split_remainder(amount, shipping, pieces)
    assert whole.amount == amount
    assert costs(whole) <= amount
    for item_id, (quantity, cost) in whole.lines.items():
        assert quantity == pieces[item_id].left
        assert cost <= pieces[item_id].worth


@given(
    st.integers(0, 999_999),
    st.integers(0, 5_000),
    PIECES,
    st.dictionaries(st.integers(1, 9), st.integers(0, 9)),
    st.booleans(),
)
def test_a_part_is_never_more_than_the_whole(
    amount: int, shipping: int, pieces: dict[int, Piece], wanted: dict[int, int], ships: bool
) -> None:
    whole = split_remainder(amount, shipping, pieces)
    part = part_of(whole, Choice(wanted, ships))
    assert part.amount <= whole.amount
    assert costs(part) <= part.amount
    for item_id, (quantity, _cost) in part.lines.items():
        assert quantity <= min(wanted[item_id], pieces[item_id].left)


def test_everything_is_the_whole_to_the_last_cent() -> None:
    pieces = {1: Piece(3, 0, 10_000), 2: Piece(2, 1, 5_001)}
    whole = split_remainder(12_000, 600, pieces)
    assert whole.lines == {1: (3, 9120), 2: (1, 2280)}
    assert part_of(whole, Choice({1: 3, 2: 1})) is whole
    assert part_of(whole, Choice()) is whole
    assert part_of(whole, Choice({1: 1}, with_shipping=False)) == Remainder(3040, 0, {1: (1, 3040)})
    assert part_of(whole, Choice({}, with_shipping=False)).amount == 0
