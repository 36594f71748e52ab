"""What a list's URL means, and which URL a list has."""

import pytest
from werkzeug.datastructures import MultiDict

from shop.catalog.filters import Filters, read_filters
from shop.catalog.unit_price import unit_price
from shop.core.errors import NotFound


def read(*pairs: tuple[str, str]) -> Filters:
    filters, wrong = read_filters("/products", MultiDict(pairs), "EUR", "en_IE")
    assert wrong == {}
    return filters


def test_the_url_says_what_was_read() -> None:
    filters = read(
        ("brand", "b"),
        ("q", " néroli  50 "),
        ("min_price", "12.50"),
        ("max_price", "4000"),
        ("brand", "a"),
        ("brand", "b"),
        ("in_stock", "1"),
        ("sort", "price_desc"),
        ("page", "3"),
        ("utm_source", "x"),
    )
    assert filters.url(3) == (
        "/products?q=n%C3%A9roli+50&brand=b&brand=a&min_price=12.50&max_price=4000"
        "&in_stock=1&sort=price_desc&page=3"
    )
    assert filters.but(brands=()).page == 1
    assert filters.cleared().url() == "/products?q=n%C3%A9roli+50&sort=price_desc"


@pytest.mark.parametrize(
    "page", ["0", "-1", "abc", "", "501", "1.5", "1_0", "１", "1" + "0" * 30, " 2", "+2", "0x1"]
)
def test_a_page_that_is_none_is_not_found(page: str) -> None:
    with pytest.raises(NotFound):
        read(("page", page))


@pytest.mark.parametrize("sort", ["evil", "", "price_from; --", "PRICE_ASC", "rating"])
def test_an_unknown_order_is_the_default(sort: str) -> None:
    assert read(("sort", sort)).sort == "featured"


@pytest.mark.parametrize("typed", ["abc", "-5", "1e5", "10" * 30, "12.345", "٣", "1,2,3.4.5"])
def test_a_price_that_is_none_is_told(typed: str) -> None:
    filters, wrong = read_filters("/products", MultiDict({"min_price": typed}), "EUR", "en_IE")
    assert filters.min_price is None
    assert "min_price" in wrong


def test_prices_the_wrong_way_round_are_told() -> None:
    filters, wrong = read_filters(
        "/products", MultiDict({"min_price": "50", "max_price": "20"}), "EUR", "en_IE"
    )
    assert (filters.min_price, filters.max_price) == (5000, None)
    assert "max_price" in wrong


@pytest.mark.parametrize(
    ("pairs", "plain"),
    [
        ([], True),
        ([("page", "5")], True),
        ([("page", "6")], False),
        ([("sort", "newest")], True),
        ([("brand", "a")], True),
        ([("brand", "a"), ("brand", "b")], False),
        ([("brand", "a"), ("sort", "newest")], False),
        ([("in_stock", "1")], True),
        ([("min_price", "5")], False),
        ([("q", "x")], False),
    ],
)
def test_only_plain_lists_are_kept(pairs: list[tuple[str, str]], plain: bool) -> None:
    assert read(*pairs).is_plain is plain


def test_what_is_typed_has_limits() -> None:
    filters = read(("q", "x" * 50_000), *(("brand", f"b{n}") for n in range(500)))
    assert len(filters.q) == 100
    assert len(filters.brands) == 20


@pytest.mark.parametrize(
    ("amount", "measure", "expected"),
    [
        (14800, "50 ml", (29600, "100 ml")),
        (23200, "100 ml", None),
        (4500, "1.5 l", (3000, "1 l")),
        (4500, "75cl", (600, "100 ml")),
        (3800, "125 g", (3040, "100 g")),
        (9000, "2 kg", (4500, "1 kg")),
        (1000, "250 cm", (400, "1 m")),
        (1000, "0 ml", None),
        (1000, "a lot", None),
        (1000, "", None),
        (1000, None, None),
    ],
)
def test_unit_prices(amount: int, measure: str | None, expected: tuple[int, str] | None) -> None:
    assert unit_price(amount, measure) == expected
