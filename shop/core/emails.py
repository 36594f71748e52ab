"""E-mail addresses: what one is, how it is written, and the key under which it is unique.

A domain is compared, stored and sent as its IDNA 2008 A-label (RFC 5891), mapped without
transitional processing (UTS 46): `straße.de` is `xn--strae-oqa.de`, never `strasse.de`, which is
somebody else's. What is before the @ belongs to the mail server behind the domain. By its
standard (RFC 5321, section 2.4) even letters of another case may be another mailbox, but no
server known takes A–Z for that, and people type either; so the key folds A–Z and nothing else.
Every further folding (ß to ss, ı to i, full width, ligatures) makes one mailbox of two.
"""

import re
import string
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from shop.core.errors import BadInput
from shop.core.plaintext import bare

if TYPE_CHECKING:
    from email.headerregistry import Address

# Of ASCII alone: str.lower() makes a k of the Kelvin sign.
_UPPER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_HOST: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?", re.ASCII)
_INVALID: Final = "Enter an email address, like name@example.com."


def normalise_email(address: str) -> str:
    """Return the key under which an e-mail address is unique.

    Takes anything: what is no address is only folded, and equals no address.
    """
    local, at, domain = bare(address).rpartition("@")
    local = unicodedata.normalize("NFC", local).translate(_UPPER)
    return f"{local}{at}{to_ascii_domain(domain) or domain.translate(_UPPER)}"


def clean_email(text: str, field: str = "email") -> str:
    """Return an e-mail address as it is stored and sent; nothing is asked of the network.

    At most 254 characters. The part before the @ keeps its case, in NFC (RFC 6532, section 3.1).
    Raises BadInput, for `field`.
    """
    from email_validator import EmailNotValidError, validate_email

    typed = bare(text)[:320]
    try:
        found = validate_email(typed, check_deliverability=False)
    except EmailNotValidError as error:
        # It may be longer than it looks: domains are counted as A-labels (RFC 5321, 4.5.3.1.3).
        too_long = "too long" in str(error)
        raise BadInput(
            **{field: "That email address is too long." if too_long else _INVALID}
        ) from error
    if found.local_part.isascii() and not typed.rpartition("@")[0].isascii():
        raise BadInput(**{field: _INVALID})  # NFC makes a K of the Kelvin sign
    return f"{found.local_part}@{found.ascii_domain}"


def needs_smtputf8(address: str) -> bool:
    """Return whether only mail servers with SMTPUTF8 (RFC 6531) can take mail to the address."""
    return not address.rpartition("@")[0].isascii()


def to_ascii_domain(domain: str) -> str:
    """Return a domain as A-labels in small letters; "" for what is none."""
    if domain.isascii():
        return domain.lower() if _HOST.fullmatch(domain) else ""
    import idna

    try:
        return idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except (idna.IDNAError, UnicodeError):
        return ""


def parse_mailbox(text: str) -> "Address":
    """Return "Name <user@host>" or "user@host" as it is sent. Raises BadInput for anything else.

    A name with a comma or another sign of RFC 5322 stands in quotation marks.
    """
    from email.errors import InvalidHeaderDefect
    from email.headerregistry import Address, HeaderRegistry

    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise BadInput("A mail address has no control characters.")
    try:
        header: Any = HeaderRegistry()("from", text)
        (group,) = header.groups
        (found,) = group.addresses
    except (ValueError, IndexError) as error:  # the library's own for what ends with an @
        raise BadInput(f"{text!r} is not a mail address.") from error
    is_wrong = any(isinstance(defect, InvalidHeaderDefect) for defect in header.defects)
    domain = to_ascii_domain(found.domain)
    if is_wrong or group.display_name is not None or not (found.username and domain):
        raise BadInput(f"{text!r} is not a mail address.")
    return Address(found.display_name, found.username, domain)
