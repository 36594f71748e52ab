"""Every pair of colours that meets as text and ground, read from core.css (WCAG 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "shop/static/css/core.css").read_text()
PAIR = re.compile(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: (light, dark) for name, light, dark in PAIR.findall(CSS)}

TEXT, CONTROL = 4.5, 3.0
MEETINGS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3")
      for ground in ("bg", "surface", "tile")),
    ("on-primary", "primary", TEXT),
    ("on-primary", "primary-hover", TEXT),
    ("on-strip", "strip", TEXT),
    ("bg", "accent", TEXT),  # the count on the bag
    ("bg", "ink", TEXT),  # toasts, chosen chips
    ("ink", "accent-soft", TEXT),
    ("ink-2", "accent-soft", TEXT),
    *((tone, ground, TEXT) for tone in ("accent", "success", "danger", "warn", "info")
      for ground in ("bg", "surface", f"{tone}-soft")),
    *(("line-strong", ground, CONTROL) for ground in ("bg", "surface", "tile")),
    *(("focus", ground, CONTROL) for ground in ("bg", "surface", "tile")),
]  # fmt: skip


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the WCAG contrast of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def faint(tokens: dict[str, tuple[str, str]]) -> list[str]:
    """Return the pairs of `tokens` that are hard to read, by theme."""
    return [
        f"{theme}: {ink} on {ground}"
        for place, theme in enumerate(("light", "dark"))
        for ink, ground, least in MEETINGS
        if contrast(tokens[ink][place], tokens[ground][place]) < least
    ]


def test_every_pair_is_readable() -> None:
    assert faint(TOKENS) == []


def test_a_faint_pair_is_seen() -> None:
    for place, theme in enumerate(("light", "dark")):
        pale = (TOKENS["strip"][place],) * 2  # as its own ground
        assert f"{theme}: on-strip on strip" in faint(TOKENS | {"on-strip": pale})


def test_fallback_for_old_browsers_repeats_the_light_theme() -> None:
    block = CSS[CSS.index("@supports not (color: light-dark(") :]
    plain = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block[: block.index("@media")]))
    assert plain == {name: light for name, (light, _) in TOKENS.items()}
