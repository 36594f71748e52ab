"""What people type and paste, made plain before anything judges it. Pure.

A phone number copied from a chat begins with a mark of direction, a keyboard for Japanese writes
`１２`, an emoji leaves a variation sign behind: nobody sees it, and nothing would compare equal.
Passwords are not for these functions: they stay what was typed (`shop/auth/passwords.py`).
"""

import re
import unicodedata
from typing import Final

# Unicode 16: general category Cf, and Default_Ignorable_Code_Point of DerivedCoreProperties.txt,
# to which the variation selectors belong.
_JOINERS: Final = "\u200c\u200d"  # Persian is spelled with them, emoji are joined by them
_SELECTORS: Final = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN: Final = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000110bd"
    "\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_INVISIBLE: Final = re.compile(f"[{_UNSEEN}{_JOINERS}{_SELECTORS}]+")
_MEANINGLESS: Final = re.compile(f"[{_UNSEEN}]+")
# NFKC would change what these say: 12½ Main Street would become number 121, 3º a letter, m² m2.
_MEANT: Final = re.compile(
    "([\u00aa\u00b2\u00b3\u00b9\u00ba\u00bc-\u00be\u2026\u2070-\u209c\u2116\u2120\u2122"
    "\u2150-\u215f\u2189]+)"
)
_HYPHENS: Final = re.compile("[\u2010\u2011]")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def bare(text: str) -> str:
    """Return `text` without invisible signs and without white space around it."""
    return text.strip() if text.isascii() else _INVISIBLE.sub("", text).strip()


def line(text: str) -> str:
    """Return `text` as one line: NFKC but for raised, lowered and broken numbers, tidy blanks.

    For names, places, titles, searches.
    """
    if not text.isascii():
        parts = _MEANT.split(_INVISIBLE.sub("", text))
        parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
        text = _HYPHENS.sub("-", unicodedata.normalize("NFC", "".join(parts)))
    return " ".join(text.split())


def code(text: str) -> str:
    """Return `text` for a machine to read: NFKC, every dash a hyphen, tidy blanks.

    For telephone numbers, postcodes, quantities.
    """
    if not text.isascii():
        text = _DASHES.sub("-", unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)))
    return " ".join(text.split())


def prose(text: str) -> str:
    """Return `text` of many lines as it was written, composed (NFC), without what means nothing.

    For notes and descriptions, which are shown and never compared: ½ and ™ stay, and so do the
    signs that join letters and emoji.
    """
    return unicodedata.normalize("NFC", _MEANINGLESS.sub("", text)).strip()
