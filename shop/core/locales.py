"""Two choices: a region's marks, a language's words.

`locale` decides how amounts are written and in which order a date stands; `language` the words and
the names of months. A shop in Germany that speaks English writes 6,90 € and 4 Dec.

Any region of CLDR can be chosen, by the setting `locale`: none is listed anywhere. Languages are
those of `core/languages.py`.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from babel import Locale, localedata

_PLAIN_ENGLISH: Final = "en_IE"  # what plain "en" means here: it would write like in the USA


class PageLocale(NamedTuple):
    """How a page or mail is written: `locale` like "de_DE", `language` one of LANGUAGES."""

    locale: str = "en_IE"
    language: str = "en"

    @property
    def words(self) -> Locale:
        """The locale of words and dates: the language, with the region's order of dates."""
        return words_locale(self.language, self.locale)


@lru_cache(maxsize=256)
def words_locale(language: str, locale: str) -> Locale:
    """Return the Babel locale of `language` that writes dates in the order of `locale`.

    The language in that country, where CLDR knows it (en_DE), else a variant of the language that
    puts day and month in the same order (en_001 or en).
    """
    region = Locale.parse(_PLAIN_ENGLISH if locale == "en" else locale)
    if region.language == Locale.parse(language).language:
        return region
    near = f"{language}_{region.territory}"
    if region.territory and localedata.exists(near):
        return Locale.parse(near)
    variants = [name for name in (language, f"{language}_001") if localedata.exists(name)]
    known = [Locale.parse(name) for name in variants]
    return next((one for one in known if is_day_first(one) == is_day_first(region)), known[0])


def is_day_first(locale: Locale) -> bool:
    """Return whether a date begins with its day."""
    pattern: str = locale.date_formats["short"].pattern
    return pattern.index("d") < pattern.index("M")


@lru_cache(maxsize=256)
def date_pattern(locale: Locale, name: str) -> str:
    """Return the pattern of a date in `locale`: "long", or a skeleton of CLDR such as "MMMd"."""
    if name == "long":
        return str(locale.date_formats["long"].pattern)
    return str(locale.datetime_skeletons[name].pattern).replace("E, ", "E ")
