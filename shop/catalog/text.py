"""Names as keys: folded for searching, as slugs, as SKU keys. Pure."""

import re
import unicodedata
from collections.abc import Iterable

from slugify import slugify

# What Unicode's decomposition leaves alone.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "œ": "oe", "æ": "ae", "ı": "i", "’": "'", "‘": "'"}
)
_NOT_WORDS = re.compile(r"[^\w.+#-]+")
_WORD = re.compile(r"(?<![^\W_])[^\W_](?:\+\+|#)(?!\w)|[^\W_]+")
LONGEST_QUERY = 100  # characters; what is longer is cut
MOST_WORDS = 8
LONGEST_TEXT = 2000  # bytes of what a product is found by: PostgreSQL indexes at most 2,704


def fold(text: str) -> str:
    """Return text without case, accents and punctuation: "Néroli, l’Œuvre" → "neroli l oeuvre"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _NOT_WORDS.sub(" ", bare).strip()


def words(query: str) -> list[str]:
    """Return the folded words of a search, at most MOST_WORDS, each once.

    Signs within or beside a word do not count, since texts are written with and without them:
    "No.5" is found by "no 5", "bath towel" by "bath-towel". Only names such as C++ keep theirs.
    """
    return list(dict.fromkeys(_WORD.findall(fold(query[:LONGEST_QUERY]))))[:MOST_WORDS]


def like(word: str) -> str:
    """Return a LIKE pattern (escape character !) for text that contains `word` literally."""
    escaped = word.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


def search_text(
    name: str, brand: str, category: str, tags: Iterable[str], skus: Iterable[str]
) -> str:
    """Return what a product is found by, folded; at most LONGEST_TEXT bytes of whole words."""
    parts = " ".join([name, brand, category, *map(str, tags), *skus])
    text = " ".join(dict.fromkeys(fold(parts).split()))
    if len(text.encode()) <= LONGEST_TEXT:
        return text
    return text.encode()[:LONGEST_TEXT].decode(errors="ignore").rpartition(" ")[0]


def make_slug(name: str, longest: int = 150) -> str:
    """Return `name` as a part of a URL; empty when it has no letter or digit."""
    made: str = slugify(name, max_length=longest, word_boundary=True)
    return made


def sku_key(sku: str) -> str:
    """Return the form in which a SKU is unique: upper case without spaces."""
    return "".join(sku.upper().split())


def option_key(values: Iterable[str]) -> str:
    """Return the form in which a combination of options is unique within its product."""
    return "|".join(fold(value) or value.casefold() for value in values)
