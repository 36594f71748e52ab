from hypothesis import given
from hypothesis import strategies as st

from shop.seed.spread import Place, Spread


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("xy")), max_size=200))
def test_a_stream_loses_nothing_when_it_is_spread(drawn: list[tuple[str, str]]) -> None:
    spread: Spread[int] = Spread()
    passed = []
    for number, (picture, name) in enumerate(drawn):
        passed += spread.take(Place(picture, (name,)), number)
    passed += spread.rest()
    assert sorted(passed) == list(range(len(drawn)))
    assert spread.rest() == []


def test_a_stream_with_few_alike_neighbours_is_parted() -> None:
    spread: Spread[Place] = Spread([Place("a1", ("x",))])
    stream = [Place("a1", ("x",)), Place("b1", ("x",)), Place("b1", ("x",)), Place("c1", ("x",))]
    passed = [product for each in stream for product in spread.take(each, each)] + spread.rest()
    assert [product.picture for product in passed] == ["b1", "a1", "b1", "c1"]
