"""The studio around a subject, as chosen in designs.toml."""

from dataclasses import dataclass

from tools.art.palette import BACKDROPS, DARK, Backdrop

WIDTH, HEIGHT = 800, 1000
GROUND = 812
PLINTH_HEIGHT = 118


@dataclass(frozen=True)
class Scene:
    """Backdrop, props and framing; the light is always the same, from the upper left.

    scale enlarges the subject only; crop (x, y, zoom) cuts a close up out of the whole picture.
    """

    back: str = "bone"
    prop: str = ""
    gobo: str = ""
    plinth: bool = False
    scale: float = 1.0
    crop: tuple[float, float, float] | None = None

    @property
    def is_dark(self) -> bool:
        """Whether the backdrop is one of the dark ones."""
        return self.back in DARK

    @property
    def tones(self) -> Backdrop:
        """The colours of the backdrop."""
        return BACKDROPS[self.back]

    @property
    def ground(self) -> int:
        """The y on which things stand, in pixels from the top."""
        return GROUND - (PLINTH_HEIGHT if self.plinth else 0)
