"""Every pair of colours that meets as text and ground, read from core.css (WCAG 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "shop"
CSS = (ROOT / "static/css/core.css").read_text()
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


COLOURING = r"\b(?:color|background(?:-color)?|border-color|fill|stroke|opacity)\s*:\s*([^;}]+)"
PROVEN = {name for ink, ground, _ in MEETINGS for name in (ink, ground)}


def blocks_of_a_width(css: str) -> list[str]:
    """Return what stands in the `@media` blocks of a style sheet that ask for a width."""
    found = []
    for opening in re.finditer(r"@media [^{]*width[^{]*\{", css):
        depth, end = 1, opening.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(css[end], 0)
            end += 1
        found.append(css[opening.end() : end - 1])
    return found


def strange_colours(css: str) -> list[str]:
    """Return what colours something at some widths alone, other than by a proven token."""
    values = [v for block in blocks_of_a_width(css) for v in re.findall(COLOURING, block)]
    tokens = {f"var(--{name})" for name in PROVEN} | {"none", "transparent", "inherit"}
    return [value for value in values if value.strip() not in tokens]


def test_a_width_moves_things_and_colours_none_but_by_the_pairs_above() -> None:
    """So `browser/furnished/test_pages.py` need not read each page in each width and theme."""
    sheets = [*ROOT.glob("static/css/*.css"), *ROOT.parent.glob("sandboxes/**/*.css")]
    assert len(sheets) >= 4
    found = {sheet.name: strange_colours(sheet.read_text()) for sheet in sheets}
    assert {name: values for name, values in found.items() if values} == {}


def test_a_colour_of_one_width_is_seen() -> None:
    rule = "@media (max-width: 30rem) { .a { .b { color: %s; } } } p { color: #777; }"
    assert strange_colours(rule % "#999") == ["#999"]
    assert strange_colours(rule % "var(--ink-2)") == []
