"""How addresses are written, country by country. Pure data; `shop/addresses.py` uses it.

Sources: the Universal Postal Union's addressing sheets and national posts' own guidance, from
general knowledge; countries not listed here take any postcode. In a mask `9` stands for a digit,
`A` for a letter, `*` for either, anything else for itself.
"""

from dataclasses import dataclass
from typing import Any, Final

_STREET: Final = ("{name}", "{company}", "{line1}", "{line2}")
_POSTCODE_FIRST: Final = (*_STREET, "{postal_code} {city}")
_POSTCODE_LAST: Final = (*_STREET, "{city} {postal_code}")
_STATE_LAST: Final = (*_STREET, "{city} {region} {postal_code}")


@dataclass(frozen=True)
class CountryRules:
    """What an address in a country needs, what its parts are called, and how it is written.

    `masks`: shapes of a postcode, none for "anything goes"; `pattern` narrows them. `regions`:
    code → name, when the region must be one of these; a region is only asked for when it has a
    label. `order`: the order of the fields in a form.
    """

    masks: tuple[str, ...] = ()
    example: str = ""
    pattern: str = ""
    postal_label: str = "Postcode"
    has_postal_code: bool = True
    needs_postal_code: bool = True
    city_label: str = "Town or city"
    region_label: str = ""
    needs_region: bool = False
    regions: tuple[tuple[str, str], ...] = ()
    region_codes: frozenset[str] = frozenset()
    layout: tuple[str, ...] = _POSTCODE_FIRST
    order: tuple[str, ...] = ("line1", "line2", "postal_code", "city", "region")


def _named(text: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) pairs of "CA California;CO Colorado"."""
    return tuple((part.split(" ", 1)[0], part.split(" ", 1)[1]) for part in text.split(";"))


_CITY_FIRST: Final = ("line1", "line2", "city", "region", "postal_code")

_STATES: Final = _named(
    "AL Alabama;AK Alaska;AZ Arizona;AR Arkansas;CA California;CO Colorado;CT Connecticut;"
    "DE Delaware;DC District of Columbia;FL Florida;GA Georgia;HI Hawaii;ID Idaho;IL Illinois;"
    "IN Indiana;IA Iowa;KS Kansas;KY Kentucky;LA Louisiana;ME Maine;MD Maryland;"
    "MA Massachusetts;MI Michigan;MN Minnesota;MS Mississippi;MO Missouri;MT Montana;NE Nebraska;"
    "NV Nevada;NH New Hampshire;NJ New Jersey;NM New Mexico;NY New York;NC North Carolina;"
    "ND North Dakota;OH Ohio;OK Oklahoma;OR Oregon;PA Pennsylvania;PR Puerto Rico;"
    "RI Rhode Island;SC South Carolina;SD South Dakota;TN Tennessee;TX Texas;UT Utah;VT Vermont;"
    "VA Virginia;WA Washington;WV West Virginia;WI Wisconsin;WY Wyoming;"
    "AA Armed Forces Americas;AE Armed Forces Europe;AP Armed Forces Pacific"
)
_PROVINCES: Final = _named(
    "AB Alberta;BC British Columbia;MB Manitoba;NB New Brunswick;NL Newfoundland and Labrador;"
    "NT Northwest Territories;NS Nova Scotia;NU Nunavut;ON Ontario;PE Prince Edward Island;"
    "QC Quebec;SK Saskatchewan;YT Yukon"
)
_AUSTRALIA: Final = _named(
    "ACT Australian Capital Territory;NSW New South Wales;NT Northern Territory;QLD Queensland;"
    "SA South Australia;TAS Tasmania;VIC Victoria;WA Western Australia"
)
_EMIRATES: Final = tuple(
    (name, name)
    for name in (
        "Abu Dhabi", "Ajman", "Dubai", "Fujairah", "Ras al-Khaimah", "Sharjah", "Umm al-Quwain",
    )
)  # fmt: skip
_PREFECTURES: Final = tuple(
    (name, name)
    for name in (
        "Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba "
        "Tokyo Kanagawa Niigata Toyama Ishikawa Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie "
        "Shiga Kyoto Osaka Hyogo Nara Wakayama Tottori Shimane Okayama Hiroshima Yamaguchi "
        "Tokushima Kagawa Ehime Kochi Fukuoka Saga Nagasaki Kumamoto Oita Miyazaki Kagoshima "
        "Okinawa"
    ).split()
)
_ITALY: Final = frozenset(
    (
        "AG AL AN AO AP AQ AR AT AV BA BG BI BL BN BO BR BS BT BZ CA CB CE CH CL CN CO CR CS CT CZ "
        "EN FC FE FG FI FM FR GE GO GR IM IS KR LC LE LI LO LT LU MB MC ME MI MN MO MS MT NA NO NU "
        "OR PA PC PD PE PG PI PN PO PR PT PU PV PZ RA RC RE RG RI RM RN RO SA SI SO SP SR SS SU SV "
        "TA TE TN TO TP TR TS TV UD VA VB VC VE VI VR VT VV"
    ).split()
)


def _plain(mask: str, example: str, **more: Any) -> CountryRules:
    return CountryRules((mask,), example, **more)


ANYWHERE: Final = CountryRules(
    needs_postal_code=False, region_label="State, province or region", postal_label="Postal code"
)

RULES: Final[dict[str, CountryRules]] = {
    "AE": CountryRules(
        has_postal_code=False, needs_postal_code=False, region_label="Emirate", needs_region=True,
        regions=_EMIRATES, layout=(*_STREET, "{city}", "{region}"),
    ),
    "AT": _plain("9999", "1010"),
    "AU": _plain(
        "9999", "2000", city_label="Suburb or town", region_label="State or territory",
        needs_region=True, regions=_AUSTRALIA, layout=_STATE_LAST, order=_CITY_FIRST,
    ),
    "BE": _plain("9999", "1000"),
    "BG": _plain("9999", "1000"),
    "CA": _plain(
        "A9A 9A9", "K1A 0B1", pattern="[ABCEGHJ-NPRSTVXY].*", postal_label="Postal code",
        region_label="Province or territory", needs_region=True, regions=_PROVINCES,
        layout=_STATE_LAST, order=_CITY_FIRST,
    ),
    "CH": _plain("9999", "8001"),
    "CY": _plain("9999", "1010"),
    "CZ": _plain("999 99", "110 00"),
    "DE": _plain("99999", "10117"),
    "DK": _plain("9999", "1050"),
    "EE": _plain("99999", "10111"),
    "ES": _plain(
        "99999", "28001", region_label="Province", layout=(*_POSTCODE_FIRST, "{region}"),
    ),
    "FI": _plain("99999", "00100"),
    "FR": _plain("99999", "69001"),
    "GB": CountryRules(
        ("A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"), "SW1A 1AA",
        layout=(*_STREET, "{city}", "{postal_code}"), order=_CITY_FIRST,
    ),
    "GR": _plain("999 99", "104 31"),
    "HK": CountryRules(
        has_postal_code=False, needs_postal_code=False, city_label="District",
        layout=(*_STREET, "{city}"),
    ),
    "HR": _plain("99999", "10000"),
    "HU": _plain(
        "9999", "1051", layout=("{name}", "{company}", "{city}", "{line1}", "{line2}",
                                "{postal_code}"),
    ),
    "IE": _plain(
        "A9* ****", "D02 AF30", pattern="[AC-FHKNPRTV-Y][0-9][0-9W].*", postal_label="Eircode",
        needs_postal_code=False, region_label="County", order=_CITY_FIRST,
        layout=(*_STREET, "{city}", "{region}", "{postal_code}"),
    ),
    "IS": _plain("999", "101"),
    "IT": _plain(
        "99999", "00187", region_label="Province (two letters)", needs_region=True,
        region_codes=_ITALY, layout=(*_STREET, "{postal_code} {city} {region}"),
    ),
    "JP": _plain(
        "999-9999", "100-0001", postal_label="Postal code", city_label="City or ward",
        region_label="Prefecture", needs_region=True, regions=_PREFECTURES,
        layout=(*_STREET, "{city}, {region} {postal_code}"),
        order=("postal_code", "region", "city", "line1", "line2"),
    ),
    "LI": _plain("9999", "9490"),
    "LT": _plain("LT-99999", "LT-01100"),
    "LU": _plain("9999", "1111"),
    "LV": _plain("LV-9999", "LV-1050", layout=(*_STREET, "{city}, {postal_code}")),
    "MC": _plain("99999", "98000", pattern="980.*"),
    "MT": _plain("AAA 9999", "VLT 1117", layout=_POSTCODE_LAST, order=_CITY_FIRST),
    "NL": _plain("9999 AA", "1012 AB"),
    "NO": _plain("9999", "0150"),
    "NZ": _plain("9999", "6011", layout=_POSTCODE_LAST, order=_CITY_FIRST),
    "PL": _plain("99-999", "00-001"),
    "PT": _plain("9999-999", "1100-148"),
    "RO": _plain("999999", "010011", region_label="County"),
    "SE": _plain("999 99", "111 20"),
    "SG": _plain("999999", "018956", layout=_POSTCODE_LAST, order=_CITY_FIRST),
    "SI": _plain("9999", "1000"),
    "SK": _plain("999 99", "811 01"),
    "US": CountryRules(
        ("99999", "99999-9999"), "94103", postal_label="ZIP code", city_label="City",
        region_label="State", needs_region=True, regions=_STATES,
        layout=(*_STREET, "{city}, {region} {postal_code}"), order=_CITY_FIRST,
    ),
}  # fmt: skip
