from hypothesis import given
from hypothesis import strategies as st

from shop.seed.demo_data import ORDER
from tools.arrange import (
    Place,
    arrange,
    neighbours_alike,
    ordered_slugs,
    repeated_on_first_page,
)


def place(picture: str, *lists: str, is_available: bool = True, **more: bool) -> Place:
    motif = picture.rstrip("0123456789")
    return Place(picture, picture, motif, lists, is_available=is_available, **more)


def test_alike_neighbours_are_found_in_each_list() -> None:
    ordered = [place("a1", "x"), place("b1", "y"), place("a1", "x"), place("a1", "y")]
    assert list(neighbours_alike(ordered)) == [("x", 0, 2), ("", 2, 3)]


def test_pictures_that_lead_twice_on_the_first_page_are_found() -> None:
    first = [place(f"a{number}") for number in range(23)]
    assert repeated_on_first_page([*first, place("b1"), place("a1")]) == []
    assert repeated_on_first_page([*first, place("a1")]) == ["a1"]


def test_the_same_pictures_are_parted_in_every_list() -> None:
    places = [place(f"{motif}{number % 3}", motif) for number in range(9) for motif in "abc"]
    ordered = [places[at] for at in arrange(places)]
    assert list(neighbours_alike(ordered)) == []


def test_sold_out_pieces_come_last_and_favourites_first() -> None:
    places = [
        place("a1", is_available=False),
        *(place(f"b{number}") for number in range(30)),
        place("c1", is_favourite=True),
    ]
    order = arrange(places)
    assert order[-1] == 0
    assert 31 in order[:24]


def test_a_sold_out_piece_is_not_beside_the_last_one_on_sale_that_looks_like_it() -> None:
    places = [place("a1", "x"), place("a2", "x"), place("a1", "x", is_available=False)]
    ordered = [places[at] for at in arrange(places)]
    assert list(neighbours_alike(ordered)) == []


def test_nothing_to_arrange_is_arranged() -> None:
    assert arrange([]) == []


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("xyz"), st.booleans())))
def test_every_piece_keeps_its_place_in_the_shop(drawn: list[tuple[str, str, bool]]) -> None:
    places = [place(f"{letter}1", name, is_available=is_on) for letter, name, is_on in drawn]
    assert sorted(arrange(places)) == list(range(len(places)))


def test_the_demo_is_read_in_the_order_that_the_tool_makes() -> None:
    assert ORDER.read_text("utf-8") == ordered_slugs(), "run python -m tools.arrange"
