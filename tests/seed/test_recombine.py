from itertools import islice

from shop.catalog.input_types import ProductFields, check_options
from shop.seed.demo_data import read_demo
from shop.seed.recombine import further_products
from shop.seed.services import FURTHER_FROM, _placed
from tools.arrange import neighbours_alike, places_of

DEMO = read_demo("EUR")
PRODUCTS = list(further_products(1500, "EUR"))


def test_they_are_the_same_every_time_and_can_be_continued() -> None:
    assert list(further_products(20, "EUR")) == PRODUCTS[:20]
    assert list(further_products(5, "EUR", start=1000)) == PRODUCTS[1000:1005]


def test_the_catalogue_takes_every_one() -> None:
    for product in PRODUCTS:
        ProductFields(
            name=product.name, slug=product.slug, summary=product.summary, description=product.text
        ).check()
        check_options(product.options, [v.fields.option_values for v in product.variants])
        for variant in product.variants:
            variant.fields.check()
            assert 12_00 <= variant.fields.unit_amount <= 9_000_00


def test_addresses_and_skus_are_unique_beside_the_demos_own() -> None:
    everything = [*DEMO.products, *PRODUCTS]
    slugs = [product.slug for product in everything]
    skus = [variant.fields.sku for product in everything for variant in product.variants]
    assert len(set(slugs)) == len(slugs)
    assert len(set(skus)) == len(skus)


def test_every_brand_section_and_motif_gets_some() -> None:
    pictures = {picture for place in places_of(DEMO, PRODUCTS) for picture in [place.picture]}
    assert pictures == set(DEMO.pictures)
    assert {product.brand for product in PRODUCTS} == set(DEMO.brands)
    assert {product.category for product in DEMO.products} - {p.category for p in PRODUCTS} == {
        "gift-cards",
        "services",
    }


def test_houses_make_only_what_they_make_in_the_demo() -> None:
    made = {
        (product.brand, place.motif)
        for product, place in zip(DEMO.products, places_of(DEMO, DEMO.products), strict=True)
    }
    assert {
        (product.brand, place.motif)
        for product, place in zip(PRODUCTS, places_of(DEMO, PRODUCTS), strict=True)
    } <= made


def test_some_are_reduced_and_some_sold_out() -> None:
    sold_out = sum(not product.is_available for product in PRODUCTS)
    reduced = sum(bool(product.variants[0].fields.compare_at_amount) for product in PRODUCTS)
    assert 0.04 < sold_out / len(PRODUCTS) < 0.08
    assert 0.10 < reduced / len(PRODUCTS) < 0.14


def test_colours_to_choose_are_those_of_the_pictures() -> None:
    coloured = [
        product for product in PRODUCTS if product.options and product.options[0].name == "Colour"
    ]
    assert coloured
    for product in coloured:
        labels = {value.label for value in product.options[0].values}
        shown = {shot.variant_key[0] for shot in product.shots if shot.variant_key}
        assert shown == labels, product.slug


def test_descriptions_do_not_repeat_themselves() -> None:
    for product in PRODUCTS:
        lines = product.text.split(". ")
        assert len(set(lines)) == len(lines) >= 3
        assert product.summary not in product.text
        assert "{" not in product.text + product.summary


def test_lists_of_the_demo_and_further_pieces_show_no_picture_beside_itself() -> None:
    placed = list(_placed(iter(PRODUCTS), DEMO))
    assert sorted(p.product.slug for p in placed) == sorted(product.slug for product in PRODUCTS)
    assert [p.position for p in placed] == sorted({p.position for p in placed})
    assert placed[0].position > FURTHER_FROM
    further = [p.product for p in placed]
    for is_available in (True, False):
        shown = [p for p in [*DEMO.products, *further] if p.is_available is is_available]
        alike = [
            fault
            for fault in neighbours_alike(places_of(DEMO, shown))
            if fault[2] < len(shown) - 30
        ]
        assert alike == []


def test_a_long_stream_needs_little_memory() -> None:
    stream = _placed(further_products(10**9, "EUR"), DEMO)
    assert len(list(islice(stream, 50))) == 50
