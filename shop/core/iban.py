"""Numbers of bank accounts (IBAN, ISO 13616) and of banks (BIC, ISO 9362). Pure."""

import re

from shop.core.errors import BadInput

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", re.ASCII)


def clean_iban(text: str) -> str:
    """Return an IBAN without spaces, in capitals, "" for none. Raises BadInput.

    Its two check digits must be right: the number, with its first four signs at the end and A = 10
    to Z = 35, leaves 1 when it is divided by 97.
    """
    iban = _bare(text)
    if not iban:
        return ""
    if not _IBAN.fullmatch(iban):
        raise BadInput("Enter an IBAN, like DE89 3704 0044 0532 0130 00.")
    if int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 != 1:
        raise BadInput("This IBAN has a mistake: its check digits are not right.")
    return iban


def clean_bic(text: str) -> str:
    """Return a BIC without spaces, in capitals, "" for none. Raises BadInput."""
    bic = _bare(text)
    if bic and not _BIC.fullmatch(bic):
        raise BadInput("Enter a BIC of 8 or 11 letters and digits, like COBADEFFXXX.")
    return bic


def grouped(iban: str) -> str:
    """Return an IBAN as it is printed: in groups of four."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _bare(text: str) -> str:
    return "".join(text.split()).upper()
