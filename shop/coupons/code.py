"""Codes as people type them and as the shop makes them. Pure."""

import secrets
import unicodedata
from typing import Final

from shop.models.coupon import LONGEST_CODE

# Without 0 O 1 I L U: what is read out or printed is typed in again.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_INVISIBLE: Final = {"\N{COMBINING GRAPHEME JOINER}", *map(chr, range(0xFE00, 0xFE10))}
_GROUPS: Final = (5, 4, 4)


def code_key(typed: str) -> str:
    """Return the key under which a code is unique: NFKC, upper case, without blanks.

    What comes along when a code is copied from a mail does not count: invisible signs, and the
    kind of its dashes. "" for what cannot be a code: empty, longer than LONGEST_CODE, or with
    unprintable characters.
    """
    if len(typed) > 4 * LONGEST_CODE:
        return ""
    bare = "".join(map(_plain, "".join(unicodedata.normalize("NFKC", typed).split())))
    key = unicodedata.normalize("NFKC", bare.casefold().upper())
    return key if len(key) <= LONGEST_CODE and key.isprintable() else ""


def _plain(sign: str) -> str:
    category = unicodedata.category(sign)
    if category == "Cf" or sign in _INVISIBLE:
        return ""
    return "-" if category == "Pd" or sign == "\N{MINUS SIGN}" else sign


def new_code(prefix: str = "") -> str:
    """Return a code nobody can guess: 63 random bits, such as `LUCKY-7K3MQ-9Q2P-XW4T`."""
    groups = ["".join(secrets.choice(ALPHABET) for _ in range(size)) for size in _GROUPS]
    return "-".join([prefix, *groups] if prefix else groups)
