from itertools import islice

from shop.catalog.input_types import ProductFields, check_options
from shop.seed.demo_data import read_demo
from shop.seed.recombine import further_pieces
from shop.seed.services import FURTHER_FROM, _placed
from tools.arrange import neighbours_alike, places_of

DEMO = read_demo("EUR")
PIECES = list(further_pieces(1500, "EUR"))


def test_they_are_the_same_every_time_and_can_be_continued() -> None:
    assert list(further_pieces(20, "EUR")) == PIECES[:20]
    assert list(further_pieces(5, "EUR", start=1000)) == PIECES[1000:1005]


def test_the_catalogue_takes_every_one() -> None:
    for piece in PIECES:
        ProductFields(
            name=piece.name, slug=piece.slug, summary=piece.summary, description=piece.text
        ).check()
        check_options(piece.options, [v.fields.option_values for v in piece.variants])
        for variant in piece.variants:
            variant.fields.check()
            assert 12_00 <= variant.fields.unit_amount <= 9_000_00


def test_addresses_and_skus_are_unique_beside_the_demos_own() -> None:
    everything = [*DEMO.pieces, *PIECES]
    slugs = [piece.slug for piece in everything]
    skus = [variant.fields.sku for piece in everything for variant in piece.variants]
    assert len(set(slugs)) == len(slugs)
    assert len(set(skus)) == len(skus)


def test_every_house_shelf_and_motif_gets_some() -> None:
    pictures = {picture for place in places_of(DEMO, PIECES) for picture in [place.picture]}
    assert pictures == set(DEMO.pictures)
    assert {piece.house for piece in PIECES} == set(DEMO.houses)
    assert {piece.category for piece in DEMO.pieces} - {p.category for p in PIECES} == {
        "gift-cards",
        "services",
    }


def test_houses_make_only_what_they_make_in_the_demo() -> None:
    made = {
        (piece.house, place.motif)
        for piece, place in zip(DEMO.pieces, places_of(DEMO, DEMO.pieces), strict=True)
    }
    assert {
        (piece.house, place.motif)
        for piece, place in zip(PIECES, places_of(DEMO, PIECES), strict=True)
    } <= made


def test_some_are_reduced_and_some_sold_out() -> None:
    sold_out = sum(not piece.is_available for piece in PIECES)
    reduced = sum(bool(piece.variants[0].fields.compare_at_amount) for piece in PIECES)
    assert 0.04 < sold_out / len(PIECES) < 0.08
    assert 0.10 < reduced / len(PIECES) < 0.14


def test_colours_to_choose_are_those_of_the_pictures() -> None:
    coloured = [piece for piece in PIECES if piece.options and piece.options[0].name == "Colour"]
    assert coloured
    for piece in coloured:
        labels = {value.label for value in piece.options[0].values}
        shown = {shot.variant_key[0] for shot in piece.shots if shot.variant_key}
        assert shown == labels, piece.slug


def test_descriptions_do_not_repeat_themselves() -> None:
    for piece in PIECES:
        lines = piece.text.split(". ")
        assert len(set(lines)) == len(lines) >= 3
        assert piece.summary not in piece.text
        assert "{" not in piece.text + piece.summary


def test_lists_of_the_demo_and_further_pieces_show_no_picture_beside_itself() -> None:
    placed = list(_placed(iter(PIECES), DEMO))
    assert sorted(p.piece.slug for p in placed) == sorted(piece.slug for piece in PIECES)
    assert [p.position for p in placed] == sorted({p.position for p in placed})
    assert placed[0].position > FURTHER_FROM
    further = [p.piece for p in placed]
    for is_available in (True, False):
        shown = [p for p in [*DEMO.pieces, *further] if p.is_available is is_available]
        alike = [
            fault
            for fault in neighbours_alike(places_of(DEMO, shown))
            if fault[2] < len(shown) - 30
        ]
        assert alike == []


def test_a_long_stream_needs_little_memory() -> None:
    stream = _placed(further_pieces(10**9, "EUR"), DEMO)
    assert len(list(islice(stream, 50))) == 50
