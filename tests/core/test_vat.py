"""VAT numbers: the form of each country, and a word on what is wrong."""

import pytest

from shop.core.errors import BadInput
from shop.core.vat import clean_vat_id


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("de 123 456 789", "DE123456789"),
        ("FR-83.404833048", "FR83404833048"),
        ("ATU12345678", "ATU12345678"),
        ("NL123456789B01", "NL123456789B01"),
        ("CHE-123.456.789 MWST", "CHE123456789MWST"),
        ("EL123456789", "EL123456789"),
        ("IE1234567WA", "IE1234567WA"),
        ("GB123456789", "GB123456789"),
    ],
)
def test_numbers_are_taken_however_they_are_spaced(typed: str, kept: str) -> None:
    assert clean_vat_id(typed) == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("123456789", "Begin the VAT number with its country"),
        ("US123456789", "Begin the VAT number with its country"),
        ("DE12345678", "no VAT number of DE"),
        ("ATU1234567X", "no VAT number of AT"),
        ("CHE12345678", "no VAT number of CHE"),
        ("DE١٢٣٤٥٦٧٨٩", "no VAT number of DE"),  # digits of another script
    ],
)
def test_what_is_none_is_refused(typed: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        clean_vat_id(typed)
