"""What counts as one client, for every limit: addresses as proxies send them, and networks."""

import ipaddress
import re
from typing import Final

UNKNOWN: Final = "unknown"  # what cannot be read counts together: a free choice would void a limit
_LONGEST: Final = 100  # characters; an IPv6 address with zone, brackets and port is far shorter
_BRACKETS: Final = re.compile(r"\[([^\]]*)\](?::[0-9]{1,5})?", re.ASCII)
_WITH_PORT: Final = re.compile(r"([0-9.]+):[0-9]{1,5}", re.ASCII)
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052


def read_ip(text: str) -> str:
    """Return an address as it is usually written, at most 45 characters; UNKNOWN for what is none.

    Takes what proxies send: `192.0.2.7:4711`, `[2001:db8::7]`, `[2001:db8::7]:4711`, zones
    (`fe80::1%eth0`). An IPv4 address that travels inside an IPv6 one is an IPv4 address again.
    """
    address = _parse(text)
    return UNKNOWN if address is None else str(address)


def place_of(ip: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 network of an IPv6 address.

    A household or a server is given a whole /64 (RFC 6177), so its addresses are one place. At
    most 43 characters.
    """
    address = _parse(ip)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return UNKNOWN if address is None else str(address)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.strip() if len(text) <= _LONGEST else ""
    found = _BRACKETS.fullmatch(text) or _WITH_PORT.fullmatch(text)
    try:
        address = ipaddress.ip_address((found[1] if found else text).partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
