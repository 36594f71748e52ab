"""Where a carrier shows a parcel: the pattern of its link, and the link of a number. Pure."""

import re
from typing import Final
from urllib.parse import quote, urlsplit

from shop.catalog.text import fold
from shop.core.errors import BadInput

NUMBER: Final = "{number}"
LONGEST_LINK: Final = 500  # characters; a pattern is no longer than its column


def carrier_key(name: str) -> str:
    """Return the form in which a carrier's name is unique: without case and accents."""
    return fold(name) or name.casefold()


def check_pattern(text: str) -> str:
    """Return the pattern of a link, "" for none. Raises BadInput(tracking_url=…).

    An https address with {number} once, behind the host's name: a number chooses no host.
    """
    if not text:
        return ""
    if text.count(NUMBER) != 1:
        raise BadInput(tracking_url="Put {number} where the tracking number goes, once.")
    if not _is_https(text.replace(NUMBER, "1")) or NUMBER in _host_of(text):
        raise BadInput(tracking_url="Enter an https:// address, with {number} behind its host.")
    return text


def check_link(text: str) -> str:
    """Return the https address of one parcel's page, "" for none. Raises BadInput."""
    if text and (len(text) > LONGEST_LINK or not _is_https(text)):
        raise BadInput(tracking_url="Enter the tracking page’s whole address, with https://.")
    return text


def tracking_link(pattern: str, number: str) -> str:
    """Return the link of a parcel by its carrier's pattern, "" where one of the two is missing.

    Every sign of the number that means something in a path or a query is escaped. Carriers print
    their numbers in groups: blanks are not part of them.
    """
    bare = "".join(number.split())
    return pattern.replace(NUMBER, quote(bare, safe="")) if pattern and bare else ""


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 and parts.username is None else None
    except ValueError:  # brackets or a port that are none
        return False
    return url.startswith("https://") and bool(host) and url.isprintable() and " " not in url


def _host_of(pattern: str) -> str:
    return re.split("[/?#]", pattern.removeprefix("https://"), maxsplit=1)[0]
