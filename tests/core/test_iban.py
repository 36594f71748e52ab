import pytest

from shop.core.errors import BadInput
from shop.core.iban import clean_bic, clean_iban, grouped


@pytest.mark.parametrize(
    ("typed", "iban"),
    [
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("fr1420041010050500013m02606", "FR1420041010050500013M02606"),
        ("GB29NWBK60161331926819 ", "GB29NWBK60161331926819"),
        ("NO93 8601 1117 947", "NO9386011117947"),
        ("", ""),
    ],
)
def test_an_iban_is_kept_without_spaces(typed: str, iban: str) -> None:
    assert clean_iban(typed) == iban


@pytest.mark.parametrize(
    "typed",
    [
        "DE88 3704 0044 0532 0130 00",  # one digit more or less
        "DE89 3704 0044 0523 0130 00",  # two digits changed places
        "DE89", "8937040044053201300000", "DE89 3704-0044 0532 0130 00", "DE٨9370400440532013000",
    ],
)  # fmt: skip
def test_a_mistake_in_an_iban_is_seen(typed: str) -> None:
    with pytest.raises(BadInput):
        clean_iban(typed)


def test_an_iban_is_printed_in_fours() -> None:
    assert grouped("NO9386011117947") == "NO93 8601 1117 947"


def test_a_bic_has_8_or_11_signs() -> None:
    assert clean_bic(" cobadeff xxx") == "COBADEFFXXX"
    for wrong in ("COBADEF", "COBADEFFXX", "C0BADEFF"):
        with pytest.raises(BadInput):
            clean_bic(wrong)
