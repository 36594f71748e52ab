"""Rows that hold anything: what is read, and the reason why a row is not."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shop.seed.files.document import read_document
from shop.seed.files.reading import Reading
from shop.seed.files.row_values import BadRow
from tests.seed.kit import EUROS, dummy_row, makeup_row, own_row, read_one

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
        ({"price": 1.005}, "price has more decimals than EUR has"),
        ({"price": "1000000000"}, "price: That amount is too large."),
        ({"price": 10**9}, "price is larger than can be charged"),
        ({"price": "1.250"}, "price: “1.250” can be read in two ways"),
        ({"price": "1.005"}, "price: “1.005” can be read in two ways"),
        ({"compare_at": "10"}, "compare_at must be higher than price"),
        ({"stock": -1}, "stock must be a whole number"),
        ({"stock": 1.5}, "stock must be a whole number"),
        ({"stock": "12.0"}, "stock must be a whole number"),
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
        ({"id": "x1048"}, "id must be a whole number"),
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


@pytest.mark.parametrize(
    ("locale", "price", "amount", "read"),
    [
        ("en", "12,50", 1250, {"12,50": "€12.50"}),
        ("en", "1,250.00", 125000, {"1,250.00": "€1,250.00"}),
        ("en", "1.250,00", 125000, {"1.250,00": "€1,250.00"}),
        ("en", "€ 12.50", 1250, {"€ 12.50": "€12.50"}),
        ("en", "12.50", 1250, {}),
        ("de_DE", "12.50", 1250, {}),
        ("de_DE", "1.250", 125000, {"1.250": "1.250,00 €"}),
        ("de_DE", 1.25, 125, {}),  # a number of JSON has JSON's marks
    ],
)
def test_prices_in_marks_of_their_own_are_read_by_the_locale_and_told(
    locale: str, price: object, amount: int, read: dict[str, str]
) -> None:
    reading = Reading(currency="EUR", locale=locale)
    assert read_one(own_row(price=price), reading).variants[0].fields.unit_amount == amount
    assert {text: said.replace("\xa0", " ") for text, said in reading.read.items()} == read


def test_a_price_in_another_currency_follows_the_same_rule() -> None:
    reading = Reading(currency="EUR", rates={"USD": Decimal("0.5")})
    product = read_one(makeup_row(price="1,250.00"), reading)
    assert product.variants[0].fields.unit_amount == 62500
    with pytest.raises(BadRow, match="can be read in two ways"):
        read_one(makeup_row(price="1.250"), reading)


def test_yen_have_no_decimals() -> None:
    assert read_one(own_row(price="3200"), YEN).variants[0].fields.unit_amount == 3200
    with pytest.raises(BadRow, match="JPY has no decimal places"):
        read_one(own_row(price="32.50"), YEN)


def test_controls_are_taken_out_of_texts() -> None:
    product = read_one(own_row(name=" Salt\x07 Cellar\x1b[2J ", description="One.\nTwo."))
    assert product.name == "Salt Cellar[2J"
    assert product.text == "One.\nTwo."


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One<p>Two <i>and</i> three", "One\n\nTwo and three"),
        ("<ul><li>Wool</li>\n<li><p>Silk</p></li></ul>Dry", "• Wool\n\n• Silk\n\nDry"),
        ("Line<br>line<br><br>new", "Line line\n\nnew"),
        ("Wool &#8211; soft&nbsp;&amp; warm", "Wool – soft & warm"),
        ("<style>p{}</style><script>x()</script><p>Seen</p>", "Seen"),
        ("<!-- not this -->This", "This"),
        ("<p title='a>b'>Both</p>", "Both"),
        ("<b>5 &lt; 6</b> and <unknown", "5 < 6 and <unknown"),
        ("5 < 6 & 7 > 3", "5 < 6 & 7 > 3"),
        ("One.\nTwo.", "One.\nTwo."),
    ],
)
def test_markup_becomes_paragraphs(markup: str, text: str) -> None:
    assert read_one(own_row(description=markup)).text == text
    assert read_one(own_row(details={"Care": markup})).details[0][1] == text
    assert read_one(makeup_row(description=markup)).text == text
    assert read_one(dummy_row(description=markup)).text == text


def test_markup_in_a_name_is_one_line() -> None:
    for row in (own_row(name="Salt &amp; <b>Pepper</b>"), dummy_row(title="Salt &amp; Pepper")):
        assert read_one(row).name == "Salt & Pepper"


@given(st.text(alphabet="<>/&;!-ap br=\"'\n#x1", max_size=200))
@settings(deadline=None, max_examples=150)
def test_whatever_a_description_holds_it_is_read(markup: str) -> None:
    assert "\x00" not in read_one(own_row(description=markup)).text


def test_values_with_slashes_and_the_same_value_of_two_options() -> None:
    jeans = own_row(
        options=["Size"],
        variants=[{"values": [size], "price": 80} for size in ("W32/L32", "W32/L34")],
    )
    assert [v.fields.option_values for v in read_one(jeans).variants] == [
        ("W32/L32",),
        ("W32/L34",),
    ]
    lamp = own_row(
        options=["Shade", "Foot"],
        variants=[{"values": pair, "price": 80} for pair in (["black", "black"], ["black", "oak"])],
        pictures=[{"demo": "vase-01", "values": ["black", "black"]}],
    )
    product = read_one(lamp)
    assert product.variants[0].fields.option_values == ("black", "black")
    assert product.shots[0].variant_key == ("black", "black")
    assert [len(option.values) for option in product.options] == [1, 2]
    waist = own_row(options=["Waist", "Length"], values=["32", "32"])
    assert read_one(waist).variants[0].fields.option_values == ("32", "32")


def test_a_picture_of_a_variant_that_is_not_there_is_told() -> None:
    row = own_row(pictures=[{"demo": "vase-01", "values": ["Ash"]}])
    with pytest.raises(BadRow, match="names a variant that is not there"):
        read_one(row)


def test_numbers_may_be_texts_of_digits() -> None:
    product = read_one(makeup_row(id="1"))
    assert (product.slug, product.variants[0].fields.sku) == (
        "colourhaus-slow-pencil-1",
        "MAKEUP-1-01",
    )
    assert read_one(own_row(stock="12")).variants[0].stock == 12


def test_a_row_of_dummyjson_is_read() -> None:
    reading = Reading(currency="EUR")
    product = read_one(dummy_row(), reading)
    fields = product.variants[0].fields
    assert (product.name, product.slug, product.brand) == (
        "Essence Mascara",
        "essence-mascara-essence-1",
        "Essence",
    )
    assert (product.category, product.tags) == ("Womens bags", ["beauty", "mascara"])
    assert (fields.sku, fields.unit_amount, fields.compare_at_amount) == ("BEA-1", 999, None)
    assert (fields.barcode, product.variants[0].stock) == ("5784719087687", 99)
    assert [shot.source for shot in product.shots] == ["https://cdn.example/1.webp"]
    assert dict(product.details) == {
        "Dimensions": "15.14 × 13.08 × 22.99",
        "Warranty": "1 week warranty",
    }
    assert "not taken off" in " ".join(reading.remarks)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": ""}, "name is missing"),
        ({"price": ...}, "price is missing"),
        ({"price": 0}, "price is 0"),
        ({"meta": "x"}, "it is not an object"),
        ({"images": "x"}, "images must be a list"),
    ],
)
def test_a_row_of_dummyjson_that_cannot_be_used_says_why(
    fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadRow) as caught:
        read_one(dummy_row(**fields))
    assert str(caught.value).replace("title", "name").startswith(reason)


def test_a_row_of_dummyjson_may_lack_most_and_its_likes_differ() -> None:
    bare = read_one({"title": "Kiwi", "price": 2.5})
    assert (bare.slug, bare.brand, bare.category) == ("kiwi", "", "")
    assert bare.shots[0].source.startswith("drawn:")
    thumb = read_one(dummy_row(images=[], brand=None))
    assert thumb.shots[0].source == "https://cdn.example/t.webp"
    like = {"id": "3", "title": "Shirt", "price": 5, "category": {"name": "Clothes"}}
    assert read_one({**like, "image": "https://cdn.example/s.png"}).category == "Clothes"


def test_markup_of_the_api_becomes_plain_words() -> None:
    described = "<p>It <b>blurs</b> &amp; sets.<script>x</script></p> Good."
    product = read_one(makeup_row(description=described))
    assert product.text == "It blurs & sets.\n\nGood."


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
    product = read_one(makeup_row(product_colors=colours))
    assert [(value.label, value.hex) for value in product.options[0].values] == [
        ("White", None),
        ("#b28378", "#b28378"),
        ("Two", None),
        ("a" * 60, None),
    ]
    assert len(product.variants) == 4


def test_no_shades_make_a_simple_piece() -> None:
    product = read_one(makeup_row(product_colors=[], brand=None, product_type=None))
    assert (product.options, len(product.variants), product.brand) == ([], 1, "")
    assert product.category == "Make-up"


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


_DUMMY = st.sampled_from(
    "id title description category price discountPercentage stock tags brand sku dimensions meta "
    "warrantyInformation images image thumbnail".split()
)


@_ANY
@given(st.dictionaries(_DUMMY, _JSON, max_size=4))
def test_whatever_a_row_of_dummyjson_holds_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    read = read_document(json.dumps([dummy_row(**fields)]).encode(), EUROS)
    assert len(read.found) + len(read.bad) == 1


@_ANY
@given(st.dictionaries(_MAKEUP, _JSON, max_size=4))
def test_whatever_a_makeup_row_holds_it_is_read_or_refused(fields: dict[str, Any]) -> None:
    reading = Reading(currency="EUR", rates={"USD": Decimal("0.9")})
    data = json.dumps([makeup_row(**fields)]).encode()
    read = read_document(data, reading)
    assert len(read.found) + len(read.bad) == 1
    for _, found in read.found:
        for variant in found.product.variants:
            variant.fields.check()
