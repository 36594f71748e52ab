"""The accent: read in both themes, whatever it is; refused with a way out where it cannot be."""

import colorsys

import pytest

from shop.core.errors import BadInput
from shop.settings.colours import GROUNDS, LEAST, clean_accent, contrast, tones
from shop.settings.look import LogoPicture, theme_css
from tests.front.test_contrast import TOKENS
from tests.front.test_contrast import contrast as proven

HUES = [colorsys.hls_to_rgb(hue / 24, light, 0.9) for hue in range(24) for light in (0.1, 0.5, 0.9)]
COLOURS = ["#" + "".join(f"{round(c * 255):02x}" for c in hue) for hue in HUES]


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    for place, theme in enumerate(("light", "dark")):
        assert GROUNDS[theme] == (TOKENS["bg"][place], TOKENS["surface"][place])


@pytest.mark.parametrize("colour", ["", "#855e1a", "855E1A", " #855e1a ", "#000", "#00f"])
def test_what_can_be_read_is_taken(colour: str) -> None:
    assert clean_accent(colour.strip()) in {"", "#855e1a", "#000000", "#0000ff"}


def or_nearest(colour: str) -> str:
    """Return a colour where it is taken, else the one that its refusal names."""
    try:
        return clean_accent(colour)
    except BadInput as error:
        return clean_accent(str(error).rstrip(".").rpartition(" ")[2])


def test_what_cannot_be_read_is_refused_with_the_nearest_that_can() -> None:
    refused = 0
    for colour in COLOURS:
        passed = or_nearest(colour)
        refused += passed != colour
        for place, (theme, tone) in enumerate(tones(passed).items()):
            for ground in (*GROUNDS[theme], tone.soft):
                assert proven(tone.accent, ground) >= LEAST, (colour, theme)
            for ink in ("ink", "ink-2"):
                assert proven(TOKENS[ink][place], tone.soft) >= LEAST, (colour, theme, ink)
    assert 20 < refused < len(COLOURS) - 10
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(
    "typed", ["gold", "#12345", "#1234567", "rgb(1,2,3)", "#fff}body{", "url(x)"]
)
def test_what_is_no_colour_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="six digits and letters"):
        clean_accent(typed)


def test_the_style_sheet_says_what_differs_and_no_more() -> None:
    logo = LogoPicture("a" * 64, 800, 200)
    assert theme_css("", None, None) == ""
    assert "--accent" not in theme_css("", logo, None)
    assert "prefers-color-scheme" not in theme_css("", logo, None)
    whole = theme_css("#1d5a8a", logo, logo)
    assert "--accent:light-dark(#1d5a8a,#" in whole
    assert len(whole) < 1_024
    assert whole.count("{") == whole.count("}")
    assert logo.within(192, 40) == (160, 40)
