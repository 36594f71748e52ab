"""Postal addresses: what a country asks for, how one is checked, and how it is written. Pure."""

import dataclasses
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from babel import Locale

from shop.core import plaintext
from shop.core.countries import ANYWHERE, RULES, CountryRules
from shop.core.errors import BadInput

FIELDS: Final = (
    "name", "company", "line1", "line2", "postal_code", "city", "region", "country", "phone",
)  # fmt: skip
LENGTHS: Final = {
    "name": 120, "company": 120, "line1": 100, "line2": 100, "postal_code": 16, "city": 100,
    "region": 64, "country": 2, "phone": 32,
}  # fmt: skip
# What Babel lists beside countries: unions, test regions, and places without inhabitants.
_NOT_POSTAL: Final = frozenset(
    "EU EZ UN XA XB ZZ QO AC CP CQ DG EA IC TA AQ BV HM TF GS UM".split()
)
_CODES: Final = frozenset({"postal_code", "country", "phone"})
_LINK: Final = re.compile(r"://|\bwww\.", re.IGNORECASE)
_SHAPES: Final = {"9": "[0-9]", "A": "[A-Z]", "*": "[A-Z0-9]"}


@dataclass(frozen=True)
class PostalAddress:
    """A checked address. `country` is ISO 3166-1 alpha-2; what a country does not use is empty."""

    name: str
    line1: str
    city: str
    country: str
    company: str = ""
    line2: str = ""
    postal_code: str = ""
    region: str = ""
    phone: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the fields by name, as orders keep them."""
        return dataclasses.asdict(self)


def rules_for(country: str) -> CountryRules:
    """Return what addresses in `country` (two letters) look like; unknown ones take anything."""
    return RULES.get(country.upper(), ANYWHERE)


def is_country(code: str) -> bool:
    """Return whether `code` is a country to which post is carried."""
    return code in _postal_countries()


def country_name(code: str, locale: str = "en") -> str:
    """Return the country's name in the language of `locale`; the code itself when unknown."""
    return str(Locale.parse(locale).territories.get(code, code))


@lru_cache(maxsize=32)
def country_choices(locale: str = "en") -> list[tuple[str, str]]:
    """Return (code, name) of every country, sorted by name in the language of `locale`."""
    named = [(code, country_name(code, locale)) for code in _postal_countries()]
    return sorted(named, key=lambda pair: _folded(pair[1]))


def check_address(values: Mapping[str, object], *, needs_phone: bool = False) -> PostalAddress:
    """Return the address in `values` (keys of FIELDS), cleaned and in its country's spelling.

    White space is tidied, postcodes get their usual form ("sw1a1aa" → "SW1A 1AA"), parts that the
    country does not use are dropped. Raises BadInput whose `fields` name everything that is wrong.
    """
    problems: dict[str, str] = {}
    found = {name: _tidy(name, values.get(name), problems) for name in FIELDS}
    found["country"] = found["country"].upper()
    if not is_country(found["country"]):
        problems["country"] = "Choose a country."
    rules = rules_for(found["country"])
    if rules.city:
        found["city"] = rules.city
        problems.pop("city", None)
    _check_lines(found, rules, problems)
    found["postal_code"] = _check_postal_code(
        found["postal_code"], found["country"], rules, problems
    )
    found["region"] = _check_region(found["region"], rules, problems)
    _check_phone(found["phone"], problems, is_needed=needs_phone)
    if problems:
        raise BadInput(**problems)
    return PostalAddress(**found)


def format_address(address: object, locale: str = "en") -> list[str]:
    """Return the address as lines in its country's order, the country's name last.

    `address`: anything with the fields of PostalAddress, or a mapping of them.
    """
    parts = {
        name: str((address.get(name) if isinstance(address, Mapping) else getattr(address, name))
                  or "")
        for name in FIELDS
    }  # fmt: skip
    lines = [_line(template, parts) for template in rules_for(parts["country"]).layout]
    return [line for line in (*lines, country_name(parts["country"], locale)) if line]


def clean_name(text: str, label: str = "name", longest: int = 120) -> str:
    """Return a person's or firm's name without stray white space.

    Raises BadInput for control characters, for more than `longest` characters, and for links:
    names are printed in mails to addresses that nobody has proven yet.
    """
    problems: dict[str, str] = {}
    tidy = _tidy("name", text, problems)
    if not problems and len(tidy) > longest:
        problems["name"] = f"Use {longest} characters or fewer."
    if problems:
        raise BadInput(**{label: problems["name"]})
    return tidy


def clean_phone(text: str) -> str:
    """Return a phone number without stray white space; empty stays empty. Raises BadInput."""
    problems: dict[str, str] = {}
    tidy = _tidy("phone", text, problems)
    _check_phone(tidy, problems, is_needed=False)
    if problems:
        raise BadInput(**problems)
    return tidy


@lru_cache(maxsize=1)
def _postal_countries() -> frozenset[str]:
    known = (str(code) for code in Locale("en").territories)
    return frozenset(code for code in known if re.fullmatch(r"[A-Z]{2}", code)) - _NOT_POSTAL


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


def _tidy(name: str, value: object, problems: dict[str, str]) -> str:
    text = value if isinstance(value, str) else ""
    if len(text) > 4 * LENGTHS[name]:
        problems[name] = f"Use {LENGTHS[name]} characters or fewer."
        return ""
    tidy = plaintext.code(text) if name in _CODES else plaintext.line(text)
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in tidy):
        problems[name] = "Use letters, numbers and signs on one line."
    elif len(tidy) > LENGTHS[name]:
        problems[name] = f"Use {LENGTHS[name]} characters or fewer."
    elif _LINK.search(tidy):
        problems[name] = "Leave out web addresses."
    return tidy


def _check_lines(found: dict[str, str], rules: CountryRules, problems: dict[str, str]) -> None:
    wanted = {
        "name": "Enter a full name.",
        "line1": "Enter a street and a number.",
    }
    if rules.needs_city:
        wanted["city"] = f"Enter a {rules.city_label[0].lower()}{rules.city_label[1:]}."
    for name, sentence in wanted.items():
        if not found[name]:
            problems.setdefault(name, sentence)


def _check_postal_code(
    text: str, country: str, rules: CountryRules, problems: dict[str, str]
) -> str:
    if not rules.has_postal_code or "postal_code" in problems:
        return ""
    label = rules.postal_label if rules.postal_label[1].isupper() else rules.postal_label.lower()
    if not text:
        if rules.needs_postal_code:
            problems["postal_code"] = f"Enter your {label}, like {rules.example}."
        return ""
    if not rules.masks:
        return text.upper()
    compact = re.sub(r"[^A-Z0-9]", "", text.upper())
    if rules.masks[0].startswith("9"):
        compact = re.sub(
            f"^(?:{'|'.join(filter(None, (country, rules.sign)))})(?=[0-9])", "", compact
        )
    for mask in rules.masks:
        shaped = _shape(compact, mask)
        if shaped and re.fullmatch(rules.pattern or ".*", shaped, re.ASCII):
            return shaped
    problems["postal_code"] = f"Enter your {label} like this: {rules.example}."
    return text


def _shape(compact: str, mask: str) -> str:
    """Return `compact` spelled as `mask` says; empty when it does not fit.

    A prefix that the country writes before the number ("LV-") may be left out.
    """
    prefix = re.match(r"[B-Z][A-Z]-", mask)
    if prefix and compact[:1].isdigit():
        compact = prefix[0][:2] + compact
    rest = iter(compact)
    shaped = []
    for sign in mask:
        if sign not in _SHAPES:
            shaped.append(sign)
            if sign.isalnum() and next(rest, "") != sign:
                return ""
            continue
        found = next(rest, "")
        if not re.fullmatch(_SHAPES[sign], found, re.ASCII):
            return ""
        shaped.append(found)
    return "" if next(rest, "") else "".join(shaped)


def _check_region(text: str, rules: CountryRules, problems: dict[str, str]) -> str:
    if not rules.region_label or "region" in problems:
        return ""
    label = rules.region_label.split(" (", maxsplit=1)[0].lower()
    if not text:
        if rules.needs_region:
            problems["region"] = f"{'Choose' if rules.regions else 'Enter'} your {label}."
        return ""
    if rules.regions:
        found = find_region(text, rules)
        if found:
            return found
        problems["region"] = f"Choose your {label}."
    return text


def find_region(text: str, rules: CountryRules) -> str:
    """Return the code of the region that `text` names, by code or name; "" for none of these.

    Accents, case and signs do not count: "quebec", "Forli Cesena".
    """
    named = {_letters(name): code for code, name in (*rules.more_names, *rules.regions)}
    named |= {_letters(code): code for code, _name in rules.regions}
    return named.get(_letters(text), "")


def _letters(name: str) -> str:
    return "".join(c for c in _folded(name) if c.isalnum())


def _check_phone(text: str, problems: dict[str, str], *, is_needed: bool) -> None:
    if not text:
        if is_needed:
            problems.setdefault("phone", "Enter a phone number.")
        return
    digits = sum(c.isdigit() for c in text)
    if not re.fullmatch(r"\+?[0-9 ()./-]+", text, re.ASCII) or not 5 <= digits <= 20:
        problems.setdefault("phone", "Enter a phone number, like +33 6 12 34 56 78.")


def _line(template: str, parts: Mapping[str, str]) -> str:
    line = " ".join(template.format_map(parts).split())
    return re.sub(r"^[ ,]+|[ ,]+$", "", line)
