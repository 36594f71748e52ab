import pytest

from shop.seed.naming import check_digit, make_barcode, make_sku
from shop.seed.placeholder_images import draw_placeholder, drawn_source, initials
from shop.seed.prices import demo_amount


@pytest.mark.parametrize(
    ("name", "labels", "sku"),
    [
        ("Néroli Eau de Parfum", ["50 ml"], "MF-EDP-NEROLIPARFUM-50ML"),
        ("Fountain Pen, Midnight", ["Fine"], "MF-EDP-FOUNTAINMIDNIGHT-FINE"),
        ("Card Sleeve Nº 3", [], "MF-EDP-CARD3"),
        ("La", [], "MF-EDP-PIECE"),
        ("Carré", ["90 cm", "Émeraude"], "MF-EDP-CARRE-90CM-EMERAUDE"),
    ],
)
def test_skus_can_be_read(name: str, labels: list[str], sku: str) -> None:
    assert make_sku("MF", "EDP", name, labels) == sku


def test_a_sku_without_codes_has_no_empty_parts() -> None:
    assert make_sku("", "", "Salt Cellar") == "SALTCELLAR"


@pytest.mark.parametrize("number", ["4006381333931", "9780306406157", "5901234123457"])
def test_check_digits_are_those_of_known_numbers(number: str) -> None:
    assert check_digit(number[:-1]) == number[-1]


def test_barcodes_are_for_use_inside_the_shop_and_stay_the_same() -> None:
    assert make_barcode("MF-EDP-NEROLI") == make_barcode("MF-EDP-NEROLI")
    assert make_barcode("MF-EDP-NEROLI") != make_barcode("MF-EDP-AMBRE")
    assert make_barcode("X").startswith("2")
    assert len(make_barcode("X")) == 13


@pytest.mark.parametrize(
    ("euros", "currency", "amount"),
    [("6.90", "EUR", 690), (12, "USD", 1200), (9000, "JPY", 1_350_000), (9000, "VND", 90_000_000)],
)
def test_prices_of_the_demo_in_other_currencies(euros: object, currency: str, amount: int) -> None:
    assert demo_amount(str(euros), currency) == amount


def test_drawn_pictures_are_the_same_every_time_and_know_their_colours() -> None:
    source = drawn_source("Rose & Thé", ["#A1B2C3", "red", "#a1b2c3\n"])
    assert source == "drawn:RT|#a1b2c3"
    assert (
        draw_placeholder("RT|#a1b2c3") == draw_placeholder("RT|#a1b2c3") != draw_placeholder("RT")
    )
    assert draw_placeholder("RT").startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("word", "letters"), [("", "·"), ("☕", "·"), ("œuf", "O"), ("a b c", "AB")]
)
def test_initials_are_one_or_two_letters(word: str, letters: str) -> None:
    assert initials(word) == letters
