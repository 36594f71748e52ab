"""What the merchant changed in the look: logo and accent, and the style sheet made of them."""

import hashlib
from dataclasses import dataclass

from shop.models import LogoTheme
from shop.settings.colours import tones
from shop.settings.queries import kept, shop_settings, stored_rows

_LOGO = (
    ".logo img{display:block;width:auto;height:auto;max-width:min(12rem,48vw);max-height:2.5rem}"
    ".logo .on-dark{display:none}"
)
# The theme is an attribute where somebody chose it, else the system's.
_SWAP = (
    ":root[data-theme=dark] .logo .on-light{display:none}"
    ":root[data-theme=dark] .logo .on-dark{display:block}"
    "@media screen and (prefers-color-scheme:dark){"
    ":root:not([data-theme=light]) .logo .on-light{display:none}"
    ":root:not([data-theme=light]) .logo .on-dark{display:block}}"
)


@dataclass(frozen=True)
class LogoPicture:
    """A logo: `key` of the stored picture, its own size."""

    key: str
    width: int
    height: int

    def within(self, width: int, height: int) -> tuple[int, int]:
        """Return the size that it has in a box of these pixels."""
        factor = min(width / self.width, height / self.height)
        return max(1, round(self.width * factor)), max(1, round(self.height * factor))


@dataclass(frozen=True)
class Look:
    """What every page needs of it; `css` is "" for a shop that looks as delivered."""

    light: LogoPicture | None = None
    dark: LogoPicture | None = None
    css: str = ""

    @property
    def version(self) -> str:
        """The name of its style sheet's content."""
        return hashlib.sha256(self.css.encode()).hexdigest()[:10]

    @property
    def url(self) -> str:
        """Where its style sheet is, "" for none; browsers keep it for ever."""
        return f"/theme.css?v={self.version}" if self.css else ""


def shop_look() -> Look:
    """Return the look in force."""
    return kept("look", _load_look)


def _load_look() -> Look:
    logos = {theme: LogoPicture(*found) for theme, found in stored_rows().logos.items()}
    light, dark = logos.get(LogoTheme.LIGHT), logos.get(LogoTheme.DARK)
    dark = dark if light else None  # alone it would leave the light theme without any
    return Look(light, dark, theme_css(shop_settings().accent, light, dark))


def theme_css(accent: str, light: LogoPicture | None, dark: LogoPicture | None) -> str:
    """Return the style sheet of a look; everything else is in those of the shop."""
    css = _LOGO if light else ""
    if dark:
        css += _SWAP
    if accent:
        both = tones(accent)
        day, night = both["light"], both["dark"]
        css += (
            f":root{{--accent:{day.accent};--accent-soft:{day.soft}}}"
            "@supports (color:light-dark(#000,#fff)){:root{"
            f"--accent:light-dark({day.accent},{night.accent});"
            f"--accent-soft:light-dark({day.soft},{night.soft})}}}}"
        )
    return css
