"""Rows that hold anything: what is read, and the reason why a row is not."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.seed.files.document import read_document
from shop.seed.files.found import Reading
from shop.seed.files.values import BadRow
from tests.seed.kit import EUROS, makeup_row, own_row, read_one

YEN = Reading(currency="JPY")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": ...}, "name is missing"),
        ({"name": ""}, "name is missing"),
        ({"name": " \t "}, "name is missing"),
        ({"name": 7}, "name must be text"),
        ({"name": ["a"]}, "name must be text"),
        ({"name": "a" * 201}, "name is longer than 200 characters"),
        ({"name": "Salt\x00"}, "name holds a NUL character"),
        ({"name": "Salt\ud800"}, "name holds half a character"),
        ({"name": "☕", "brand": ""}, "Use at least one letter or digit in the name."),
        ({"slug": "Not A Slug"}, "Use lower-case letters"),
        ({"price": ...}, "price is missing"),
        ({"price": "0"}, "price is 0"),
        ({"price": "-1"}, "price is not a price"),
        ({"price": "free"}, "price is not a price"),
        ({"price": "1e3000"}, "price is not a price"),
        ({"price": "nan"}, "price is not a price"),
        ({"price": True}, "price is not a price"),
        ({"price": {"amount": 1}}, "price is not a price"),
        ({"price": 10**50}, "price is not a price"),
        ({"price": "1.005"}, "price has more decimals than EUR has"),
        ({"price": "1000000000"}, "price is larger than can be charged"),
        ({"compare_at": "10"}, "compare_at must be higher than price"),
        ({"stock": -1}, "stock must be a whole number"),
        ({"stock": 1.5}, "stock must be a whole number"),
        ({"stock": "12"}, "stock must be a whole number"),
        ({"stock": True}, "stock must be a whole number"),
        ({"stock": 10**30}, "stock must be a whole number"),
        ({"weight_grams": 10**9}, "weight_grams must be a whole number"),
        ({"policy": "maybe"}, "policy must be one of deny, continue, untracked"),
        ({"tax_class": "luxury"}, "tax_class must be one of standard, reduced, zero"),
        ({"category": "Table"}, "category must be a list"),
        ({"category": list("abcdef")}, "category has more than 5 entries"),
        ({"tags": [1]}, "tags must be text"),
        ({"tags": ["a" * 61]}, "an entry of tags is longer than 60 characters"),
        ({"details": []}, "details must be an object"),
        ({"details": {"Care": 1}}, "details must be text"),
        ({"description": "a" * 20_001}, "description is longer than 20,000 characters"),
        ({"options": ["Size"]}, "values must name one value for each of options"),
        ({"variants": "none"}, "variants must be a list"),
        ({"variants": [1]}, "it is not an object with fields"),
        ({"sku": "a" * 61}, "sku is longer than 60 characters"),
        ({"barcode": "1" * 33}, "barcode is longer than 32 characters"),
        ({"pictures": [{}]}, "a picture must have one of demo, file and url"),
        ({"pictures": [{"url": "http://a.example/b"}]}, "url of a picture must begin with https"),
        ({"pictures": [{"demo": "a", "file": "b"}]}, "a picture must have one of"),
        ({"pictures": [{"demo": 1}]}, "demo must be text"),
        ({"swatches": {"Ash": "red"}, "options": ["Glaze"], "values": ["Ash"]}, "Write colours"),
    ],
)
def test_a_row_of_our_own_that_cannot_be_used_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRow) as caught:
        read_one(own_row(**fields))
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": ...}, "id is missing"),
        ({"id": "1048"}, "id must be a whole number"),
        ({"id": 2**40}, "id must be a whole number"),
        ({"name": None}, "name is missing"),
        ({"price": None}, "price is missing"),
        ({"price": "0.0"}, "price is 0"),
        ({"price": "n/a"}, "price is not a price"),
        ({"brand": {"name": "x"}}, "brand must be text"),
        ({"product_colors": {}}, "product_colors must be a list"),
        ({"product_colors": ["#fff"]}, "it is not an object with fields"),
        ({"product_colors": [{"colour_name": 1}]}, "colour_name must be text"),
        ({"tag_list": "Vegan"}, "tag_list must be a list"),
        ({"image_link": "https://a.example/" + "b" * 2000}, "image_link is longer"),
        ({"description": "a\x00b"}, "description holds a NUL character"),
    ],
)
def test_a_makeup_row_that_cannot_be_used_says_why(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRow) as caught:
        read_one(makeup_row(**fields))
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize("row", [None, 1, "row", [], [[]], True])
def test_what_is_no_row_says_so(row: object) -> None:
    with pytest.raises(BadRow, match="it is not an object with fields"):
        read_one(row)


@pytest.mark.parametrize(
    ("price", "amount"), [("32.00", 3200), ("32", 3200), (32, 3200), (32.5, 3250), (" 7.1 ", 710)]
)
def test_prices_may_be_texts_or_numbers(price: object, amount: int) -> None:
    assert read_one(own_row(price=price)).variants[0].fields.unit_amount == amount


def test_yen_have_no_decimals() -> None:
    assert read_one(own_row(price="3200"), YEN).variants[0].fields.unit_amount == 3200
    with pytest.raises(BadRow, match="more decimals than JPY"):
        read_one(own_row(price="32.50"), YEN)


def test_controls_are_taken_out_of_texts() -> None:
    piece = read_one(own_row(name=" Salt\x07 Cellar\x1b[2J ", description="One.\nTwo."))
    assert piece.name == "Salt Cellar[2J"
    assert piece.text == "One.\nTwo."


def test_markup_of_the_api_becomes_plain_words() -> None:
    described = "<p>It <b>blurs</b> &amp; sets.<script>x</script></p> Good."
    piece = read_one(makeup_row(description=described))
    assert piece.text == "It blurs & sets. x Good."


def test_a_hostile_description_is_read_quickly() -> None:
    assert read_one(makeup_row(description="<" * 20_000)).text
    assert read_one(makeup_row(description="<a " * 6_000)).text


def test_shades_without_a_name_or_with_the_same_one() -> None:
    colours = [
        {"hex_value": "#FFF", "colour_name": "White"},
        {"hex_value": "#B28378 ", "colour_name": None},
        {"hex_value": "", "colour_name": " "},
        {"hex_value": "#112233#445566", "colour_name": "Two"},
        {"hex_value": "#000000", "colour_name": "WHITE"},
        {"colour_name": "a" * 200},
    ]
    piece = read_one(makeup_row(product_colors=colours))
    assert [(value.label, value.hex) for value in piece.options[0].values] == [
        ("White", None),
        ("#b28378", "#b28378"),
        ("Two", None),
        ("a" * 60, None),
    ]
    assert len(piece.variants) == 4


def test_no_shades_make_a_simple_piece() -> None:
    piece = read_one(makeup_row(product_colors=[], brand=None, product_type=None))
    assert (piece.options, len(piece.variants), piece.house) == ([], 1, "")
    assert piece.category == "Make-up"


def test_pictures_are_asked_for_by_https_alone() -> None:
    assert read_one(makeup_row(image_link="http://a.example/b.png")).shots[0].source == (
        "https://a.example/b.png"
    )
    for link in (None, "", "ftp://a.example/b", "//a.example/b", "file:///etc/passwd"):
        drawn = read_one(makeup_row(image_link=link)).shots[0].source
        assert drawn == "drawn:CS|#b28378|#5f2a30"


def test_a_row_without_a_sku_gets_the_same_one_every_time() -> None:
    first, again = read_one(own_row()), read_one(own_row())
    assert first.variants[0].fields.sku == again.variants[0].fields.sku == "KER-SALTCELLAR"


_SCALAR = st.none() | st.booleans() | st.integers() | st.floats(-1e9, 1e9) | st.text(max_size=9)
_JSON = _SCALAR | st.lists(_SCALAR, max_size=3) | st.dictionaries(st.text(max_size=3), _SCALAR)
_ANY = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
_OWN = st.sampled_from(
    "name slug brand category price compare_at stock options variants values pictures details "
    "tags swatches policy tax_class sku barcode weight_grams unit_measure".split()
)
_MAKEUP = st.sampled_from(
    "id brand name price price_sign currency image_link description category product_type "
    "tag_list product_colors".split()
)


@_ANY
@given(st.dictionaries(_OWN, _JSON, max_size=4))
def test_whatever_a_row_of_our_own_holds_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    data = json.dumps([own_row(**fields)]).encode()
    read = read_document(data, EUROS)
    assert len(read.found) + len(read.bad) == 1
    assert all(bad.reason for bad in read.bad)


@_ANY
@given(st.dictionaries(_MAKEUP, _JSON, max_size=4))
def test_whatever_a_makeup_row_holds_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    reading = Reading(currency="EUR", rates={"USD": Decimal("0.9")})
    data = json.dumps([makeup_row(**fields)]).encode()
    read = read_document(data, reading)
    assert len(read.found) + len(read.bad) == 1
    for _, found in read.found:
        for variant in found.piece.variants:
            variant.fields.check()
