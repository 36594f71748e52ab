"""E-mail addresses: what one is, and the key under which it is unique."""

import unicodedata
from typing import Final

from email_validator import EmailNotValidError, validate_email

from shop.errors import BadInput

LONGEST_EMAIL: Final = 254  # characters of the key; RFC 5321, section 4.5.3.1.3


def normalise_email(address: str) -> str:
    """Return the key under which an e-mail address is unique: NFKC, stripped, casefolded."""
    return unicodedata.normalize("NFKC", address).strip().casefold()


def clean_email(text: str, field: str = "email") -> str:
    """Return an e-mail address in its usual spelling; nothing is asked of the network.

    Raises BadInput, for `field`.
    """
    try:
        found = validate_email(text.strip()[:320], check_deliverability=False)
    except EmailNotValidError as error:
        raise BadInput(**{field: "Enter an email address, like name@example.com."}) from error
    if len(normalise_email(found.normalized)) > LONGEST_EMAIL:  # NFKC can lengthen it many times
        raise BadInput(**{field: "That email address is too long."})
    return found.normalized
