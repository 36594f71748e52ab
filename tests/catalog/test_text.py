"""Folding, slugs and keys."""

import pytest

from shop.catalog.text import fold, like, make_slug, option_key, search_text, sku_key, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Néroli, l’Œuvre", "neroli l oeuvre"),
        ("ŁÓDŹ Straße", "lodz strasse"),
        ("  50 ml — No. 5  ", "50 ml no. 5"),
        ("100 % soie", "100 soie"),
        ("FX-1042", "fx-1042"),
        ("香水", "香水"),
        ("%_", "_"),
        ("", ""),
    ],
)
def test_folds_case_accents_and_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_query_is_cut_to_a_few_words() -> None:
    assert words("Rose rose ROSÉ bois") == ["rose", "bois"]
    assert len(words(" ".join(f"w{n}" for n in range(1000)))) == 8
    assert len(words("x" * 50_000)[0]) == 100


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("cotton.", ["cotton"]),
        ("no.5", ["no", "5"]),
        ("bath-towel", ["bath", "towel"]),
        ("bath+towel, #7 (red)", ["bath", "towel", "7", "red"]),
        ("-soap- …soap", ["soap"]),
        ("ab_12", ["ab", "12"]),
        ("C++ c# C", ["c++", "c#", "c"]),
        ("b12+", ["b12"]),
        ("... - #", []),
        ("香水。", ["香水"]),
    ],
)
def test_signs_beside_and_within_words_do_not_count(query: str, asked: list[str]) -> None:
    assert words(query) == asked


def test_like_patterns_take_wildcards_literally() -> None:
    assert like("50%_!") == "%50!%!_!!%"


def test_search_text_names_everything_once() -> None:
    assert search_text("Eau Rosé", "Maison Flux", "Eau", ["bois"], ["FX-1"]) == (
        "eau rose maison flux bois fx-1"
    )


def test_keys() -> None:
    assert make_slug("Néroli — Eau de Parfum") == "neroli-eau-de-parfum"
    assert make_slug("香水") != ""
    assert make_slug("!!!") == ""
    assert sku_key(" fx 10-a ") == "FX10-A"
    assert option_key(["50 ml", "Ambré"]) == "50 ml|ambre"
    assert option_key([]) == ""
