"""Which borders a parcel crosses: of customs, or of value added tax alone. Pure.

Sources, read in November 2026: "Territorial status of EU countries and certain territories"
(taxation-customs.ec.europa.eu), after Regulation (EU) 952/2013, article 4, and Directive
2006/112/EC, articles 5 to 7; for Northern Ireland the Windsor Framework, articles 4 and 5 with
annex 2; for the Isle of Man, Jersey and Guernsey their customs arrangements with the United Kingdom
of 1979 and 2018; for Liechtenstein the customs treaty of 1923 with Switzerland; for Svalbard the
Norwegian customs act, section 1-2. Andorra, San Marino and Türkiye have customs unions with the EU
for some goods and with papers of their own: a parcel is declared there, so they count as abroad.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Border(StrEnum):
    """What lies between where a parcel starts and where it goes."""

    NONE = "none"
    TAX = "tax"  # one customs union, two areas of value added tax
    CUSTOMS = "customs"


@dataclass(frozen=True)
class Area:
    """A place under a country's code with rules of its own.

    `codes`: how its postcodes begin, as a regular expression. `customs`, `tax`: in whose it is,
    "GB/EU" for two at once; a name of its own where it is in nobody's.
    """

    name: str
    codes: str
    customs: str
    tax: str


_EU: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK".split()
)
# Codes of their own, inside the customs union of another: (customs, tax).
_SHARED: Final = {
    **dict.fromkeys(_EU, ("EU", "EU")),  # Monaco counts as France for both
    **{code: ("EU", code) for code in ("AX", "GF", "GP", "MF", "MQ", "RE", "YT")},
    **dict.fromkeys(("CH", "LI"), ("CH", "CH")),
    **dict.fromkeys(("GB", "IM"), ("GB", "GB")),
    **{code: ("GB", code) for code in ("GG", "JE")},
    **dict.fromkeys(("US", "PR"), ("US", "US")),
}
AREAS: Final[dict[str, tuple[Area, ...]]] = {
    "DE": (
        Area("Heligoland", "27498", "Heligoland", "Heligoland"),
        Area("Büsingen", "78266", "CH", "CH"),
    ),
    "DK": (Area("the Faroe Islands", "FO", "FO", "FO"), Area("Greenland", "39", "GL", "GL")),
    "ES": (
        Area("the Canary Islands", "35|38", "EU", "Canary Islands"),
        Area("Ceuta and Melilla", "51|52", "Ceuta and Melilla", "Ceuta and Melilla"),
    ),
    "FI": (Area("Åland", "22", "EU", "AX"),),
    "FR": (
        Area("the overseas territories", "97133|97[57]|98[678]", "overseas", "overseas"),
        Area("the overseas regions", "97[123468]", "EU", "overseas"),
    ),
    "GB": (
        Area("Northern Ireland", "BT", "GB/EU", "GB/EU"),
        Area("the Isle of Man", "IM", "GB", "GB"),
        Area("Guernsey", "GY", "GB", "GG"),
        Area("Jersey", "JE", "GB", "JE"),
        Area("Gibraltar", "GX", "GI", "GI"),
    ),
    "GR": (Area("Mount Athos", "6308[67]", "EU", "Mount Athos"),),
    "IT": (
        Area("Livigno", "23041", "Livigno", "Livigno"),
        Area("Campione d’Italia", "22061", "EU", "Campione d’Italia"),
    ),
    "NO": (Area("Svalbard", "917", "SJ", "SJ"),),
}


def border(origin: str, country: str, postal_code: str = "") -> Border:
    """Return what a parcel from `origin` crosses on its way to `country` (ISO codes).

    `postal_code`: in any spelling; without it a country's mainland is meant.
    """
    return _between(_areas_of(origin, ""), _areas_of(country, postal_code))


def find_area(country: str, postal_code: str) -> Area | None:
    """Return the place with rules of its own that a postcode belongs to."""
    compact = re.sub(r"[^A-Z0-9]", "", postal_code.upper())
    return next((a for a in AREAS.get(country, ()) if re.match(a.codes, compact)), None)


def list_odd_areas(origin: str, country: str) -> list[Area]:
    """Return the places of a country to which another border is crossed than to the rest of it."""
    mainland = border(origin, country)
    start = _areas_of(origin, "")
    return [
        area
        for area in AREAS.get(country, ())
        if _between(start, (area.customs, area.tax)) is not mainland
    ]


def _areas_of(country: str, postal_code: str) -> tuple[str, str]:
    area = find_area(country, postal_code) if postal_code else None
    return (area.customs, area.tax) if area else _SHARED.get(country, (country, country))


def _between(start: tuple[str, str], end: tuple[str, str]) -> Border:
    (own_customs, own_tax), (customs, tax) = start, end
    if own_customs not in customs.split("/"):
        return Border.CUSTOMS
    return Border.NONE if own_tax in tax.split("/") else Border.TAX
