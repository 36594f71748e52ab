"""What is drawn: reads designs.toml and describes every picture for pictures.json."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tools.art.scene import Scene

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "shop" / "seed" / "demo" / "pictures"
MANIFEST = PICTURES.parent / "pictures.json"


@dataclass(frozen=True)
class Picture:
    """One picture: a design of a motif, seen in one way."""

    motif: str
    number: int
    design: str
    colours: tuple[str, ...]
    text: str
    view: str
    params: dict[str, Any]
    scene: Scene

    @property
    def name(self) -> str:
        """The name that its files begin with, stable for ever: products of a shop refer to it."""
        return f"{self.motif}-{self.number:02}"

    @property
    def seed(self) -> str:
        """The seed of everything random, shared by all views of a design so that they agree."""
        return f"{self.motif}/{self.design}"

    @property
    def alt(self) -> str:
        """The text for those who do not see the picture, telling the views of a design apart."""
        if self.view == "detail":
            return f"{self.text}, close up"
        if self.view == "lead":
            return self.text
        where = "on a round plinth" if self.scene.plinth else f"on {self.scene.back} paper"
        return f"{self.text}, {where}"


@cache
def pictures() -> tuple[Picture, ...]:
    """Every picture of designs.toml, ordered by name."""
    motifs = tomllib.loads((HERE / "designs.toml").read_text("utf-8"))
    found = (
        _picture(motif, entry["scale"], design, view)
        for motif, entry in motifs.items()
        for design in entry["designs"]
        for view in design["pictures"]
    )
    return tuple(sorted(found, key=lambda picture: picture.name))


def manifest() -> str:
    """The text of pictures.json: a list with one object, and one line, a picture."""
    lines = (json.dumps(_entry(picture), ensure_ascii=False) for picture in pictures())
    return "[\n  " + ",\n  ".join(lines) + "\n]\n"


def _picture(motif: str, scale: float, design: dict[str, Any], view: dict[str, Any]) -> Picture:
    look = {"scale": scale, **view}
    number, kind = look.pop("no"), look.pop("view")
    if "crop" in look:
        look["crop"] = tuple(look["crop"])
    return Picture(
        motif=motif,
        number=number,
        design=design["name"],
        colours=tuple(design["colours"]),
        text=design["alt"],
        view=kind,
        params=design["params"],
        scene=Scene(**look),
    )


def _entry(picture: Picture) -> dict[str, Any]:
    return {
        "name": picture.name,
        "motif": picture.motif,
        "design": picture.design,
        "view": picture.view,
        "colours": list(picture.colours),
        "backdrop": picture.scene.back,
        "tone": "dark" if picture.scene.is_dark else "light",
        "alt": picture.alt,
    }
