"""What is left to refund, by hand-picked and by random orders: never more than there is."""

from hypothesis import given
from hypothesis import strategies as st

from shop.orders.remainder import RefundableLine, RefundChoice, Remainder, part_of, split_remainder

PIECES = st.dictionaries(
    st.integers(1, 9),
    st.tuples(st.integers(1, 9), st.integers(0, 9), st.integers(0, 99_999)).map(
        lambda drawn: RefundableLine(drawn[0], min(drawn[0], drawn[1]), drawn[2])
    ),
    max_size=4,
)


def costs(found: Remainder) -> int:
    return sum(amount for _, amount in found.lines.values()) + found.amount_shipping


@given(st.integers(0, 999_999), st.integers(0, 5_000), PIECES)
def test_pieces_and_delivery_cost_no_more_than_what_goes_back(
    amount: int, shipping: int, pieces: dict[int, RefundableLine]
) -> None:
    whole = split_remainder(amount, shipping, pieces)
    assert whole.amount == amount
    assert costs(whole) <= amount
    for item_id, (quantity, cost) in whole.lines.items():
        assert quantity == pieces[item_id].left
        assert cost <= pieces[item_id].amount_total


@given(
    st.integers(0, 999_999),
    st.integers(0, 5_000),
    PIECES,
    st.dictionaries(st.integers(1, 9), st.integers(0, 9)),
    st.booleans(),
)
def test_a_part_is_never_more_than_the_whole(
    amount: int,
    shipping: int,
    pieces: dict[int, RefundableLine],
    wanted: dict[int, int],
    ships: bool,
) -> None:
    whole = split_remainder(amount, shipping, pieces)
    part = part_of(whole, RefundChoice(wanted, ships))
    assert part.amount <= whole.amount
    assert costs(part) <= part.amount
    for item_id, (quantity, _cost) in part.lines.items():
        assert quantity <= min(wanted[item_id], pieces[item_id].left)


def test_everything_is_the_whole_to_the_last_cent() -> None:
    pieces = {1: RefundableLine(3, 0, 10_000), 2: RefundableLine(2, 1, 5_001)}
    whole = split_remainder(12_000, 600, pieces)
    assert whole.lines == {1: (3, 9120), 2: (1, 2280)}
    assert part_of(whole, RefundChoice({1: 3, 2: 1})) == whole
    assert part_of(whole, RefundChoice()) == whole
    assert part_of(whole, RefundChoice({1: 1}, with_shipping=False)) == Remainder(
        3040, 0, {1: (1, 3040)}
    )
    assert part_of(whole, RefundChoice({}, with_shipping=False)).amount == 0


def test_what_was_paid_too_much_goes_back_by_itself_or_with_the_rest() -> None:
    whole = split_remainder(11_307, 600, {1: RefundableLine(3, 0, 10_000)})
    assert whole.amount_surplus == 707
    assert part_of(whole, RefundChoice({}, with_shipping=False)) == Remainder(707, 0, {})
    assert part_of(whole, RefundChoice(with_surplus=False)).amount == 10_600
    assert part_of(whole, RefundChoice()) == whole


ORDERS = st.dictionaries(
    st.integers(1, 4),
    st.tuples(st.integers(1, 9), st.integers(0, 99_999)),
    min_size=1,
    max_size=4,
)


@given(ORDERS, st.integers(0, 5_000), st.integers(0, 100), st.data())
def test_refunds_piece_by_piece_give_back_all_that_was_paid(
    order: dict[int, tuple[int, int]], shipping: int, unnamed_percent: int, data: st.DataObject
) -> None:
    """In any order and any split; also when money went back before without naming pieces."""
    pieces = {item_id: RefundableLine(n, 0, total) for item_id, (n, total) in order.items()}
    goods = sum(total for _, total in order.values())
    paid = left = goods + shipping
    is_unnamed = unnamed_percent > 50  # in the other half nothing of the kind has happened
    if is_unnamed:
        left -= goods * (unnamed_percent - 50) // 50
    gone, delivery_at = paid - left, data.draw(st.integers(0, 8))
    shipping_left = shipping
    turn = 0
    while any(piece.left for piece in pieces.values()):
        waiting = [item_id for item_id, piece in pieces.items() if piece.left]
        item_id = data.draw(st.sampled_from(waiting))
        wanted = data.draw(st.integers(1, pieces[item_id].left))
        choice = RefundChoice({item_id: wanted}, with_shipping=turn == delivery_at)
        part = part_of(split_remainder(left, shipping_left, pieces), choice)
        piece, (n, cost) = pieces[item_id], part.lines[item_id]
        back = piece.amount_refunded + cost
        assert back <= piece.amount_total
        pieces[item_id] = RefundableLine(
            piece.quantity, piece.refunded + n, piece.amount_total, back
        )
        left, shipping_left = left - part.amount, shipping_left - part.amount_shipping
        gone, turn = gone + part.amount, turn + 1
    assert left == shipping_left
    assert gone + shipping_left == paid
    if not is_unnamed:
        assert all(piece.amount_refunded == piece.amount_total for piece in pieces.values())


def test_three_for_a_price_that_cannot_be_split_in_three() -> None:
    """3 × 33.33 less 10 % with 6.00 for delivery: the last piece gets what is left."""
    left, given = 8_999 + 600, []
    for refunded in range(3):
        whole = split_remainder(left, 600, {1: RefundableLine(3, refunded, 8_999, sum(given))})
        part = part_of(whole, RefundChoice({1: 1}, with_shipping=False))
        given.append(part.lines[1][1])
        left -= part.amount
    assert given == [2999, 3000, 3000]
    assert left == 600
