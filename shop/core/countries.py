"""How addresses are written, country by country. Pure data; `shop/core/addresses.py` uses it.

Sources: the Universal Postal Union's addressing sheets and national posts' own guidance, from
general knowledge; which countries have no towns, and the names of provinces, as in the address
metadata of Google's libaddressinput (chromium-i18n.appspot.com/ssl-address, `fmt` without %C).
The signs are those of the UN Convention on Road Traffic, which people put before postcodes as the
CEPT once advised. Countries not listed here take any postcode. In a mask `9` stands for a digit,
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
    code → name, when the region must be one of these, `more_names` what else they are called; a
    region is only asked for when it has a label. `city`: the town of every address, which nobody
    is asked for. `sign`: what may stand before a postcode beside the country's code. `order`: the
    order of the fields in a form.
    """

    masks: tuple[str, ...] = ()
    example: str = ""
    pattern: str = ""
    sign: str = ""
    postal_label: str = "Postcode"
    has_postal_code: bool = True
    needs_postal_code: bool = True
    city_label: str = "Town or city"
    city: str = ""
    needs_city: bool = True
    region_label: str = ""
    needs_region: bool = False
    regions: tuple[tuple[str, str], ...] = ()
    more_names: tuple[tuple[str, str], ...] = ()
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
_ITALY: Final = _named(
    "AG Agrigento;AL Alessandria;AN Ancona;AO Aosta;AR Arezzo;AP Ascoli Piceno;AT Asti;"
    "AV Avellino;BA Bari;BT Barletta-Andria-Trani;BL Belluno;BN Benevento;BG Bergamo;BI Biella;"
    "BO Bologna;BZ Bolzano;BS Brescia;BR Brindisi;CA Cagliari;CL Caltanissetta;CB Campobasso;"
    "CE Caserta;CT Catania;CZ Catanzaro;CH Chieti;CO Como;CS Cosenza;CR Cremona;KR Crotone;"
    "CN Cuneo;EN Enna;FM Fermo;FE Ferrara;FI Firenze;FG Foggia;FC Forlì-Cesena;FR Frosinone;"
    "GE Genova;GO Gorizia;GR Grosseto;IM Imperia;IS Isernia;AQ L'Aquila;SP La Spezia;LT Latina;"
    "LE Lecce;LC Lecco;LI Livorno;LO Lodi;LU Lucca;MC Macerata;MN Mantova;MS Massa-Carrara;"
    "MT Matera;ME Messina;MI Milano;MO Modena;MB Monza e Brianza;NA Napoli;NO Novara;NU Nuoro;"
    "OR Oristano;PD Padova;PA Palermo;PR Parma;PV Pavia;PG Perugia;PU Pesaro e Urbino;"
    "PE Pescara;PC Piacenza;PI Pisa;PT Pistoia;PN Pordenone;PZ Potenza;PO Prato;RG Ragusa;"
    "RA Ravenna;RC Reggio Calabria;RE Reggio Emilia;RI Rieti;RN Rimini;RM Roma;RO Rovigo;"
    "SA Salerno;SS Sassari;SV Savona;SI Siena;SR Siracusa;SO Sondrio;SU Sud Sardegna;"
    "TA Taranto;TE Teramo;TR Terni;TO Torino;TP Trapani;TN Trento;TV Treviso;TS Trieste;"
    "UD Udine;VA Varese;VE Venezia;VB Verbano-Cusio-Ossola;VC Vercelli;VR Verona;"
    "VV Vibo Valentia;VI Vicenza;VT Viterbo"
)
# How regions are called beside their names above, by folded name; in the language of the country.
_IN_FRENCH: Final = _named(
    "BC Colombie-Britannique;NB Nouveau-Brunswick;NL Terre-Neuve-et-Labrador;"
    "NS Nouvelle-Écosse;NT Territoires du Nord-Ouest;PE Île-du-Prince-Édouard"
)
_IN_KANJI: Final = tuple(
    zip(
        (code for code, _name in _PREFECTURES),
        (
            "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 "
            "埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 "
            "岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 "
            "鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 "
            "佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
        ).split(),
        strict=True,
    )
)


def _plain(mask: str, example: str, **more: Any) -> CountryRules:
    return CountryRules((mask,), example, **more)


ANYWHERE: Final = CountryRules(
    needs_postal_code=False, region_label="State, province or region", postal_label="Postal code"
)

RULES: Final[dict[str, CountryRules]] = {
    "AE": CountryRules(
        has_postal_code=False, needs_postal_code=False, needs_city=False, region_label="Emirate",
        needs_region=True, regions=_EMIRATES, layout=(*_STREET, "{city}", "{region}"),
    ),
    "AT": _plain("9999", "1010", sign="A"),
    "AU": _plain(
        "9999", "2000", city_label="Suburb or town", region_label="State or territory",
        needs_region=True, regions=_AUSTRALIA, layout=_STATE_LAST, order=_CITY_FIRST,
    ),
    "AX": _plain("99999", "22100", pattern="22.*"),
    "BE": _plain("9999", "1000", sign="B"),
    "BG": _plain("9999", "1000"),
    "CA": _plain(
        "A9A 9A9", "K1A 0B1", pattern="[ABCEGHJ-NPRSTVXY].*", postal_label="Postal code",
        region_label="Province or territory", needs_region=True, regions=_PROVINCES,
        more_names=_IN_FRENCH, layout=_STATE_LAST, order=_CITY_FIRST,
    ),
    "CH": _plain("9999", "8001"),
    "CY": _plain("9999", "1010"),
    "CZ": _plain("999 99", "110 00"),
    "DE": _plain("99999", "10117", sign="D"),
    "DK": _plain("9999", "1050"),
    "EE": _plain("99999", "10111", sign="EST"),
    "ES": _plain(
        "99999", "28001", sign="E", region_label="Province", layout=(*_POSTCODE_FIRST, "{region}"),
    ),
    "FI": _plain("99999", "00100", sign="FIN"),
    "FR": _plain("99999", "69001", sign="F"),
    "GB": CountryRules(
        ("A9 9AA", "A99 9AA", "AA9 9AA", "AA99 9AA", "A9A 9AA", "AA9A 9AA"), "SW1A 1AA",
        layout=(*_STREET, "{city}", "{postal_code}"), order=_CITY_FIRST,
    ),
    "GI": _plain("AA99 9AA", "GX11 1AA", city="Gibraltar", layout=_POSTCODE_LAST),
    "GR": _plain("999 99", "104 31"),
    "HK": CountryRules(
        has_postal_code=False, needs_postal_code=False, city_label="District", needs_city=False,
        layout=(*_STREET, "{city}"),
    ),
    "HR": _plain("99999", "10000"),
    "HU": _plain(
        "9999", "1051", sign="H", layout=("{name}", "{company}", "{city}", "{line1}", "{line2}",
                                "{postal_code}"),
    ),
    "IE": _plain(
        "A9* ****", "D02 AF30", pattern="[AC-FHKNPRTV-Y][0-9][0-9W].*", postal_label="Eircode",
        needs_postal_code=False, region_label="County", order=_CITY_FIRST,
        layout=(*_STREET, "{city}", "{region}", "{postal_code}"),
    ),
    "IS": _plain("999", "101"),
    "IT": _plain(
        "99999", "00187", sign="I", region_label="Province", needs_region=True, regions=_ITALY,
        layout=(*_STREET, "{postal_code} {city} {region}"),
    ),
    "JP": _plain(
        "999-9999", "100-0001", postal_label="Postal code", city_label="City or ward",
        region_label="Prefecture", needs_region=True, regions=_PREFECTURES, more_names=_IN_KANJI,
        layout=(*_STREET, "{city}, {region} {postal_code}"),
        order=("postal_code", "region", "city", "line1", "line2"),
    ),
    "LI": _plain("9999", "9490", sign="FL"),
    "LT": _plain("LT-99999", "LT-01100"),
    "LU": _plain("9999", "1111", sign="L"),
    "LV": _plain("LV-9999", "LV-1050", layout=(*_STREET, "{city}, {postal_code}")),
    "MC": _plain("99999", "98000", pattern="980.*", city="Monaco"),
    "MO": CountryRules(
        has_postal_code=False, needs_postal_code=False, city="Macau", layout=(*_STREET, "{city}"),
    ),
    "MT": _plain("AAA 9999", "VLT 1117", layout=_POSTCODE_LAST, order=_CITY_FIRST),
    "NL": _plain("9999 AA", "1012 AB"),
    "NO": _plain("9999", "0150", sign="N"),
    "NZ": _plain("9999", "6011", layout=_POSTCODE_LAST, order=_CITY_FIRST),
    "PL": _plain("99-999", "00-001"),
    "PT": _plain("9999-999", "1100-148", sign="P"),
    "RO": _plain("999999", "010011", sign="R", region_label="County"),
    "SE": _plain("999 99", "111 20", sign="S"),
    "SG": _plain("999999", "018956", city="Singapore", layout=_POSTCODE_LAST),
    "SI": _plain("9999", "1000", sign="SLO"),
    "SK": _plain("999 99", "811 01"),
    "US": CountryRules(
        ("99999", "99999-9999"), "94103", postal_label="ZIP code", city_label="City",
        region_label="State", needs_region=True, regions=_STATES,
        layout=(*_STREET, "{city}, {region} {postal_code}"), order=_CITY_FIRST,
    ),
    "VA": _plain("99999", "00120", city="Vatican City"),
}  # fmt: skip
