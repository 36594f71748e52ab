"""How amounts are written in each locale, and how typed ones are read: one rule for both."""

import pytest

from shop.core.errors import BadInput
from shop.core.money import SUPPORTED, format_money, format_money_short, plain_amount
from shop.core.number_input import parse_amount, parse_percent, typed_amount
from shop.settings.forms import LOCALES

# 1,234 and, where the currency has hundredths, a half; _ is a no-break space, ' a narrow one.
WRITTEN = {
    "EUR": ("€1,234.50", "1.234,50_€", "1'234,50_€"),
    "USD": ("$1,234.50", "1.234,50_$", "1'234,50_$US"),
    "JPY": ("¥1,234", "1.234_¥", "1'234_JPY"),
    "HUF": ("HUF_1,234.50", "1.234,50_HUF", "1'234,50_HUF"),
    "CHF": ("CHF_1,234.50", "1.234,50_CHF", "1'234,50_CHF"),
    "SEK": ("SEK_1,234.50", "1.234,50_SEK", "1'234,50_SEK"),
    "INR": ("₹1,234.50", "1.234,50_₹", "1'234,50_₹"),
}
SPACES = str.maketrans({"_": "\N{NO-BREAK SPACE}", "'": "\N{NARROW NO-BREAK SPACE}"})


@pytest.mark.parametrize("currency", WRITTEN)
def test_amounts_have_the_decimals_that_are_charged(currency: str) -> None:
    amount = 1234 if currency == "JPY" else 123450
    for locale, expected in zip(("en_US", "de_DE", "fr_FR"), WRITTEN[currency], strict=True):
        wanted = expected.translate(SPACES)
        assert format_money(amount, currency, locale) == wanted
        assert format_money_short(amount, currency, locale) == wanted
        whole = format_money_short(1234 if currency == "JPY" else 123400, currency, locale)
        assert whole == wanted.replace(".50", "").replace(",50", "")


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "expected"),
    [
        (123450, "EUR", "en", "€1,234.50"),  # shops whose locale was never set otherwise
        (123450, "EUR", "en_IE", "€1,234.50"),
        (123450, "CHF", "de_CH", "CHF_1’234.50"),
        (123450, "CHF", "fr_CH", "1\u202f234.50_CHF"),  # not as its numbers
        (123450, "EUR", "de_AT", "€_1.234,50"),
        (12345600, "INR", "en_IN", "₹1,23,456.00"),
        (123450, "HUF", "hu_HU", "1_234,50_Ft"),
        (123450, "SEK", "sv_SE", "1_234,50_kr"),
        (123450, "AUD", "en_IE", "A$1,234.50"),  # a sign stands between letters and digits
        (-1250, "CHF", "en_IE", "-CHF_12.50"),
    ],
)
def test_regions_write_their_own_way(
    amount: int, currency: str, locale: str, expected: str
) -> None:
    assert format_money(amount, currency, locale) == expected.replace("_", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize("locale", [*LOCALES, "en", "en_IN", "ar_EG", "he_IL", "sr_Latn_RS"])
def test_what_the_shop_writes_it_reads(locale: str) -> None:
    for currency in SUPPORTED:
        for write in (format_money, format_money_short, typed_amount):
            for amount in (0, 5, 12345600, 12345678):
                assert parse_amount(write(amount, currency, locale), currency, locale) == amount
        assert parse_amount(plain_amount(12345678, currency), currency, locale) == 12345678


@pytest.mark.parametrize(
    ("typed", "locale", "amount"),
    [
        ("1.250", "de_DE", 125000),
        ("12,50", "de_DE", 1250),
        ("1.250,50", "de_DE", 125050),
        ("12.50", "de_DE", 1250),  # no thousands look like that
        ("1,250", "en_IE", 125000),
        ("12,50", "en_IE", 1250),
        ("1.250,50", "en_IE", 125050),
        ("1 250", "de_DE", 125000),
        ("1 250,5", "fr_FR", 125050),
        ("1’250.50", "de_CH", 125050),
        ("1'250.50", "fr_FR", 125050),
        ("1,00,000", "en_IN", 10000000),
        (" 12,50 € ", "fr_FR", 1250),
        ("EUR 12", "en_IE", 1200),
        ("\u200e１２.５", "en_IE", 1250),
        ("0,05", "de_DE", 5),
    ],
)
def test_typed_amounts_are_read_by_the_marks_of_the_locale(
    typed: str, locale: str, amount: int
) -> None:
    assert parse_amount(typed, "EUR", locale) == amount


@pytest.mark.parametrize(
    ("typed", "currency", "locale", "sentence"),
    [
        ("1.250", "EUR", "en_IE", "“1.250” can be read in two ways. Write 1.25 or 1,250.00."),
        ("12,500", "EUR", "de_DE", "“12,500” can be read in two ways. Write 12,50 or 12.500,00."),
        ("1.255", "EUR", "en_IE", "“1.255” can be read in two ways. Write 1,255.00."),
        ("1.250", "JPY", "ja_JP", "“1.250” can be read in two ways. Write 1,250."),
        ("12,50", "JPY", "ja_JP", "JPY has no decimal places. Enter an amount, like 148."),
        ("0.125", "EUR", "en_IE", "EUR has 2 decimal places. Enter an amount, like 148.00."),
        ("12,3456", "EUR", "de_DE", "EUR has 2 decimal places. Enter an amount, like 148,00."),
        ("1,2,3", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("12,5.0,0", "EUR", "de_DE", "Enter an amount, like 148,00."),
        ("$12", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("-5", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("1e5", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("٣", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("12²", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("12½", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("", "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("9" * 60, "EUR", "en_IE", "Enter an amount, like 148.00."),
        ("1,000,000.00", "EUR", "en_IE", "That amount is too large."),
    ],
)
def test_unclear_amounts_are_refused_with_how_to_write_them(
    typed: str, currency: str, locale: str, sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        parse_amount(typed, currency, locale)
    assert str(refused.value) == sentence


def test_percentages_take_either_mark() -> None:
    found = [parse_percent(text) for text in ("20", "5.5", "5,5", " 19,05 % ", "100")]
    assert found == [2000, 550, 550, 1905, 10000]
    for text in ("", "5.555", "-1", "1,000", "5."):
        with pytest.raises(BadInput):
            parse_percent(text)
