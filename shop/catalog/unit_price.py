"""The price per unit of measure, for what is sold by volume, weight or length. Pure.

Directive 98/6/EC, article 3: beside the selling price; article 2(b) allows another single unit
than kilogram, litre or metre where that is what is customary, as 100 ml is for fragrance.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

_MEASURE = re.compile(r"([0-9]{1,7}(?:[.,][0-9]{1,3})?) ?(ml|cl|l|g|kg|m|cm)", re.ASCII)
# unit → (the unit it is counted in, how many of those, per how many, as it is written)
_UNITS: dict[str, tuple[str, int]] = {
    "ml": ("ml", 1),
    "cl": ("ml", 10),
    "l": ("ml", 1000),
    "g": ("g", 1),
    "kg": ("g", 1000),
    "cm": ("cm", 1),
    "m": ("cm", 100),
}
_SMALL = {"ml": (100, "100 ml"), "g": (100, "100 g"), "cm": (100, "1 m")}
_LARGE = {"ml": (1000, "1 l"), "g": (1000, "1 kg"), "cm": (100, "1 m")}


def unit_price(amount: int, measure: str | None) -> tuple[int, str] | None:
    """Return (minor units, "100 ml") for a piece of `measure` such as "50 ml".

    None without a measure, with one we cannot read, or when the piece is that unit itself.
    """
    found = _MEASURE.fullmatch((measure or "").strip().lower())
    if found is None:
        return None
    unit, factor = _UNITS[found[2]]
    size = Decimal(found[1].replace(",", ".")) * factor
    per, label = (_LARGE if size >= 1000 else _SMALL)[unit]
    if size in (0, per):
        return None
    return int((Decimal(amount) * per / size).to_integral_value(ROUND_HALF_UP)), label
