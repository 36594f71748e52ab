import re
from collections import Counter
from itertools import pairwise

import pytest

from shop.core.money import LARGEST, ZERO_DECIMAL
from shop.media.services import WIDTHS
from shop.models import StockPolicy, TaxClass
from shop.seed.demo_data import (
    CLOSE,
    demo_shot,
    picture_name,
    read_demo,
    read_toml,
    way_to,
)
from shop.seed.naming import check_digit
from shop.seed.pictures import demo_files
from shop.seed.values import Demo
from tools.arrange import PAGE, neighbours_alike, places_of, repeated_on_first_page

DEMO = read_demo("EUR")
VARIANTS = [variant for product in DEMO.products for variant in product.variants]


def test_there_is_as_much_as_the_shop_promises() -> None:
    with_variants = [product for product in DEMO.products if len(product.variants) > 1]
    motifs = {DEMO.pictures[picture_name(product.shots[0])].motif for product in DEMO.products}
    assert len(DEMO.products) >= 260
    assert len(motifs) >= 20
    assert len({product.category for product in DEMO.products}) >= 14
    assert len({product.brand for product in DEMO.products}) >= 10
    assert len(with_variants) >= 60


def test_sections_nest_two_or_three_deep_and_none_is_empty() -> None:
    depths = {len(way_to(DEMO.categories, product.category)) for product in DEMO.products}
    filled = {slug for p in DEMO.products for slug in way_to(DEMO.categories, p.category)}
    assert depths == {2, 3}
    assert filled == set(DEMO.categories)


def test_houses_have_a_country_and_something_to_say() -> None:
    assert {product.brand for product in DEMO.products} == set(DEMO.brands)
    for brand in DEMO.brands.values():
        assert re.fullmatch("[A-Z]{2}", brand.country), brand.name
        assert 2 <= len(sentences(brand.text)) <= 3, brand.name


def test_choices_are_of_sizes_of_colours_and_of_both() -> None:
    names = Counter(tuple(option.name for option in product.options) for product in DEMO.products)
    assert names[("Size",)] >= 15
    assert names[("Colour",)] >= 25
    assert {len(key) for key in names} == {0, 1, 2}


def test_every_colour_has_a_swatch() -> None:
    for product in DEMO.products:
        for option in product.options:
            if option.name in {"Colour", "Shade", "Strap", "Caddy", "Lens"}:
                assert all(value.hex for value in option.values), (product.name, option)


def test_descriptions_have_substance_and_no_two_are_alike() -> None:
    for product in DEMO.products:
        assert 3 <= len(sentences(product.text)) <= 6, (product.name, sentences(product.text))
        assert 180 <= len(product.text) <= 700, product.name
        assert 15 <= len(product.summary) <= 110, product.name
        assert product.summary not in product.text
        assert product.details, product.name
    assert len({product.text for product in DEMO.products}) == len(DEMO.products)
    assert len({product.summary for product in DEMO.products}) == len(DEMO.products)
    assert len({product.name for product in DEMO.products}) == len(DEMO.products)


def test_no_sentence_comes_twice() -> None:
    counts = Counter(line for product in DEMO.products for line in sentences(product.text))
    assert [line for line, count in counts.items() if count > 1] == []


def test_the_voice_is_quiet_and_the_marks_are_typographic() -> None:
    said = [(p.name, t) for p in DEMO.products for t in (p.name, p.summary, p.text)]
    said += [(p.name, t) for p in DEMO.products for pair in p.details for t in pair]
    said += [(c.name, c.text) for c in DEMO.categories.values()]
    said += [(h.name, h.text) for h in DEMO.brands.values()]
    for name, text in said:
        assert not set(text) & set("!'\"{}<>\n"), (name, text)
        assert "  " not in text, (name, text)


def test_prices_go_from_twelve_to_nine_thousand_and_some_are_reduced() -> None:
    amounts = [variant.fields.unit_amount for variant in VARIANTS]
    reduced = [
        p for p in DEMO.products if any(variant.fields.compare_at_amount for variant in p.variants)
    ]
    assert (min(amounts), max(amounts)) == (12_00, 9_000_00)
    assert 0.09 <= len(reduced) / len(DEMO.products) <= 0.15
    for variant in VARIANTS:
        before = variant.fields.compare_at_amount
        assert before is None or before > variant.fields.unit_amount


def test_stock_is_of_every_kind() -> None:
    counted = [v.stock for v in VARIANTS if v.fields.stock_policy is StockPolicy.DENY]
    policies = Counter(variant.fields.stock_policy for variant in VARIANTS)
    assert (min(counted), max(counted)) == (0, 200)
    assert counted.count(0) >= 8
    assert sum(stock <= 2 for stock in counted) <= 20, "the list of what is low stays short"
    assert counted.count(2) >= 5
    assert policies[StockPolicy.CONTINUE] >= 8
    assert policies[StockPolicy.UNTRACKED] >= 8
    assert 5 <= sum(not product.is_available for product in DEMO.products) <= 20


def test_tea_and_paper_are_taxed_less_and_gift_cards_not_yet() -> None:
    classes = {p.category: p.variants[0].fields.tax_class for p in DEMO.products}
    assert classes["tea"] == classes["journals"] == TaxClass.REDUCED
    assert classes["gift-cards"] == TaxClass.ZERO
    assert classes["handbags"] == TaxClass.STANDARD


def test_skus_are_unique_and_barcodes_are_valid() -> None:
    skus = [variant.fields.sku for variant in VARIANTS]
    barcodes = [variant.fields.barcode or "" for variant in VARIANTS]
    assert len(set(skus)) == len(skus)
    assert len(set(barcodes)) == len(barcodes)
    for barcode in barcodes:
        assert re.fullmatch("2[0-9]{12}", barcode)
        assert barcode[-1] == check_digit(barcode[:-1])


def test_what_is_shipped_weighs_something() -> None:
    for product in DEMO.products:
        weights = [variant.fields.weight_grams for variant in product.variants]
        is_nothing = product.category in {"gift-cards", "services"}
        assert all((weight == 0) is is_nothing for weight in weights), product.name


def test_what_is_sold_by_volume_or_weight_has_a_measure() -> None:
    for product in DEMO.products:
        if product.category in {"eau-de-parfum", "extrait", "candles", "tea", "chocolate"}:
            assert all(v.fields.unit_measure for v in product.variants), product.name


def test_every_piece_has_two_pictures_and_every_picture_is_there() -> None:
    used = set()
    for product in DEMO.products:
        sources = [shot.source for shot in product.shots]
        assert 2 <= len(set(sources)) == len(sources) <= 12, product.name
        assert all(shot.alt for shot in product.shots)
        used |= {picture_name(shot) for shot in product.shots}
    assert used == set(DEMO.pictures)
    assert all(max(WIDTHS) in demo_files(name) for name in used)
    closer = {
        shot.source for product in DEMO.products for shot in product.shots if CLOSE in shot.source
    }
    assert all(demo_files(source.removeprefix("demo:")) for source in closer)


def test_a_picture_of_a_variant_names_one_that_is_there() -> None:
    shown = 0
    for product in DEMO.products:
        choices = {tuple(variant.fields.option_values) for variant in product.variants}
        keys = [tuple(shot.variant_key) for shot in product.shots if shot.variant_key]
        assert set(keys) <= choices, product.name
        shown += len(keys)
    assert shown > 60


def test_a_close_view_says_so_once() -> None:
    whole, close = demo_shot(DEMO.pictures, "tea-01"), demo_shot(DEMO.pictures, f"tea-01{CLOSE}")
    twice = demo_shot(DEMO.pictures, f"watch-05{CLOSE}")
    assert close.alt == f"{whole.alt}, close up"
    assert twice.alt.count("close up") == 1


def test_no_picture_stands_beside_itself_in_any_list() -> None:
    assert list(neighbours_alike(places_of(DEMO, DEMO.products))) == []


def test_no_picture_leads_twice_on_the_first_page() -> None:
    assert repeated_on_first_page(places_of(DEMO, DEMO.products)) == []


def test_neighbours_are_of_different_kinds_while_there_is_a_choice() -> None:
    motifs = [place.motif for place in places_of(DEMO, DEMO.products)]
    assert all(one != other for one, other in pairwise(motifs[:250]))


def test_what_is_sold_out_comes_last() -> None:
    available = [product.is_available for product in DEMO.products]
    assert available == sorted(available, reverse=True)


def test_a_few_pieces_are_new_and_of_different_looks() -> None:
    newest = sorted(DEMO.products, key=lambda product: product.age_days)[:12]
    assert 10 <= sum(product.age_days < 30 for product in DEMO.products) <= 30
    assert len({product.shots[0].source for product in newest}) == 12
    assert 3 <= sum(product.age_days < 30 for product in DEMO.products[:PAGE]) <= 8


def test_the_order_is_the_same_every_time() -> None:
    read_demo.cache_clear()
    assert [product.slug for product in read_demo("EUR").products] == [
        p.slug for p in DEMO.products
    ]


@pytest.mark.parametrize("currency", ["JPY", "USD", "HUF", "VND"])
def test_other_currencies_have_sensible_prices_too(currency: str) -> None:
    demo: Demo = read_demo(currency)
    for product in demo.products:
        for variant in product.variants:
            variant.fields.check()
            assert 1 <= variant.fields.unit_amount <= LARGEST
    gift_card = next(product for product in demo.products if product.category == "gift-cards")
    labels = [variant.fields.option_values[0] for variant in gift_card.variants]
    assert len(set(labels)) == 4
    assert all("€" not in label for label in labels)
    if currency in ZERO_DECIMAL:
        assert all("." not in label for label in labels)


def test_patterns_can_be_filled() -> None:
    words = {"brand": "House", "series": "Series", "colour": "amber"}
    patterns = read_toml("patterns.toml")
    assert set(patterns["motif"]) == {picture.motif for picture in DEMO.pictures.values()}
    for motif, entry in patterns["motif"].items():
        for kind in ("begin", "make", "use"):
            assert len(entry[kind]) == 3, (motif, kind)
            for line in entry[kind]:
                filled = line.format(**words)
                assert not set(filled) & set("{}!'\""), line
                assert filled.endswith((".", "?")), line
    assert len(set(patterns["series"].split())) == len(patterns["series"].split()) > 150


def sentences(text: str) -> list[str]:
    return [line for line in re.split(r"(?<=[.?])\s+(?=[A-ZÀ-Þ0-9])", text.strip()) if line]
