"""The shop's accent colour: whether it can be read, and the tones that follow from it. Pure.

It is text and ground on the light theme's grounds, so it must be dark enough there (WCAG 2.2,
1.4.3: 4.5 to 1). The dark theme gets a lighter tone of the same hue.
"""

import colorsys
import re
from dataclasses import dataclass
from typing import Final

from shop.core.errors import BadInput

LEAST: Final = 4.5  # contrast of text
# --bg and --surface of core.css, by theme; a test compares them.
GROUNDS: Final = {"light": ("#fbf9f5", "#ffffff"), "dark": ("#14120f", "#1c1a16")}
SOFTNESS: Final = {"light": 0.1, "dark": 0.16}  # how much of the accent is in its soft ground
_STEPS: Final = 400
_COLOUR: Final = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE | re.ASCII)

Channels = tuple[float, float, float]


@dataclass(frozen=True)
class Tones:
    """An accent in a theme: itself, and the soft ground that it stands on."""

    accent: str
    soft: str


def clean_accent(text: str) -> str:
    """Return a colour as #rrggbb, "" for the delivered one.

    Raises BadInput for what is no colour, and for one that could not be read, with the nearest
    that can.
    """
    if not text:
        return ""
    found = _COLOUR.fullmatch(text)
    if found is None:
        raise BadInput("Enter a colour as six digits and letters, like #855e1a.")
    digits = found[1].lower()
    colour = "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    if not _is_readable(colour, "light"):
        ratio = contrast(colour, GROUNDS["light"][0])
        raise BadInput(
            f"{colour} is too pale to be read on the shop’s light ground ({ratio:.1f} to 1, where "
            f"text needs {LEAST}). The nearest that can be read is {_shifted(colour, 'light')}."
        )
    return colour


def tones(accent: str) -> dict[str, Tones]:
    """Return the tones of a checked accent in both themes."""
    lighter = accent if _is_readable(accent, "dark") else _shifted(accent, "dark")
    return {
        "light": Tones(accent, _soft(accent, "light")),
        "dark": Tones(lighter, _soft(lighter, "dark")),
    }


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _is_readable(colour: str, theme: str) -> bool:
    grounds = (*GROUNDS[theme], _soft(colour, theme))
    return all(contrast(colour, ground) >= LEAST for ground in grounds)


def _shifted(colour: str, theme: str) -> str:
    """Return the nearest colour of the same hue that can be read in a theme."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    end = 0.0 if theme == "light" else 1.0
    for step in range(_STEPS + 1):
        level = lightness + (end - lightness) * step / _STEPS
        found = _hex(colorsys.hls_to_rgb(hue, level, saturation))
        if _is_readable(found, theme):
            return found
    raise ValueError(f"no tone of {colour} can be read")


def _soft(colour: str, theme: str) -> str:
    share, ground = SOFTNESS[theme], _channels(GROUNDS[theme][0])
    red, green, blue = (
        c * share + g * (1 - share) for c, g in zip(_channels(colour), ground, strict=True)
    )
    return _hex((red, green, blue))


def _luminance(colour: str) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> Channels:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(channels: Channels) -> str:
    return "#" + "".join(f"{round(c * 255):02x}" for c in channels)
