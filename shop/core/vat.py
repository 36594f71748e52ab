"""VAT identification numbers: their form, by country (Directive 2006/112/EC, art. 215). Pure.

Whether a number was given out only the tax offices know (VIES).
"""

import re
from typing import Final

from shop.core.errors import BadInput

# Of the member states, and of neighbours whose shops sell there; EL is Greece.
_FORMS: Final = {
    "AT": r"U[0-9]{8}",
    "BE": r"[01][0-9]{9}",
    "BG": r"[0-9]{9,10}",
    "CHE": r"[0-9]{9}(?:MWST|TVA|IVA)?",
    "CY": r"[0-9]{8}[A-Z]",
    "CZ": r"[0-9]{8,10}",
    "DE": r"[0-9]{9}",
    "DK": r"[0-9]{8}",
    "EE": r"[0-9]{9}",
    "EL": r"[0-9]{9}",
    "ES": r"[A-Z0-9][0-9]{7}[A-Z0-9]",
    "FI": r"[0-9]{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}[0-9]{9}",
    "GB": r"[0-9]{9}(?:[0-9]{3})?",
    "HR": r"[0-9]{11}",
    "HU": r"[0-9]{8}",
    "IE": r"[0-9][A-Z0-9+*][0-9]{5}[A-Z]{1,2}",
    "IT": r"[0-9]{11}",
    "LT": r"(?:[0-9]{9}|[0-9]{12})",
    "LU": r"[0-9]{8}",
    "LV": r"[0-9]{11}",
    "MT": r"[0-9]{8}",
    "NL": r"[A-Z0-9+*]{10}[0-9]{2}",
    "NO": r"[0-9]{9}(?:MVA)?",
    "PL": r"[0-9]{10}",
    "PT": r"[0-9]{9}",
    "RO": r"[0-9]{2,10}",
    "SE": r"[0-9]{12}",
    "SI": r"[0-9]{8}",
    "SK": r"[0-9]{10}",
    "XI": r"[0-9]{9}(?:[0-9]{3})?",
}
_BETWEEN: Final = re.compile(r"[\s.\-]")


def clean_vat_id(text: str) -> str:
    """Return a VAT number without blanks, dots and hyphens, in capitals; "" for none.

    Raises BadInput for a country that has none here, and for another form than its country's.
    """
    number = _BETWEEN.sub("", text).upper()
    if not number:
        return ""
    country = "CHE" if number.startswith("CHE") else number[:2]
    form = _FORMS.get(country)
    if form is None:
        raise BadInput("Begin the VAT number with its country, like DE123456789.")
    if not re.fullmatch(form, number[len(country) :], re.ASCII):
        raise BadInput(f"This is no VAT number of {country}: signs are missing, or too many.")
    return number
