"""Get a file from the public internet without becoming somebody's way into this network.

Only https on port 443, only public addresses, and the connection goes to the very address that
was judged: a name that resolves to something else a moment later changes nothing. No redirects,
no credentials, no compressed bodies, at most 20 seconds and 25 MB in all, which is what a picture
may have.
"""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Final, Protocol
from urllib.parse import SplitResult, urlsplit

from shop.core.clock import monotonic
from shop.core.errors import ShopError

SECONDS: Final = 20.0
MAX_BYTES: Final = 25 * 1024 * 1024
_PORT: Final = 443
# Networks whose addresses carry another one inside, which could be a private one.
_WRAPPING: Final = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
)


class FetchError(ShopError):
    """The file cannot be had; the message says why."""


class Network(Protocol):
    """The outside world, as little of it as fetching needs."""

    def resolve(self, host: str) -> Sequence[str]:
        """Return the addresses of `host`. Raises OSError."""

    def connect(self, address: str, host: str, timeout: float) -> socket.socket:
        """Return a TLS connection to `address`, its certificate checked for `host`.

        Raises OSError.
        """


class Internet:
    """The real one."""

    def resolve(self, host: str) -> Sequence[str]:
        """Return the addresses of `host`. Raises OSError."""
        found = socket.getaddrinfo(host, _PORT, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))

    def connect(self, address: str, host: str, timeout: float) -> socket.socket:
        """Return a TLS connection to `address`, its certificate checked for `host`.

        Raises OSError.
        """
        plain = socket.create_connection((address, _PORT), timeout=timeout)
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise


def fetch(url: str, network: Network | None = None) -> bytes:
    """Return the body of `url`. Raises FetchError."""
    parts = _checked(url)
    host = parts.hostname or ""
    outside = network or Internet()
    deadline = monotonic() + SECONDS
    address = _public_address(host, outside, deadline)
    try:
        connection = outside.connect(address, host, _left(deadline))
    except OSError as error:
        raise FetchError(f"{host} cannot be reached.") from error
    with connection:
        return _exchange(connection, parts, deadline)


def _checked(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FetchError("That is not an address.") from error
    if parts.scheme != "https" or not parts.hostname:
        raise FetchError("Only https addresses are fetched.")
    if parts.username is not None or parts.password is not None:
        raise FetchError("An address with a name or password in it is not fetched.")
    if port not in {None, _PORT}:
        raise FetchError("Only the usual https port is used.")
    if not url.isascii() or any(sign <= " " or sign == "\x7f" for sign in url):
        raise FetchError("The address holds characters that must be percent-encoded.")
    return parts


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or (ip.teredo[1] if ip.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if any(ip in network for network in _WRAPPING):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


@dataclass
class _Answer:
    addresses: Sequence[str] = ()
    failure: OSError | UnicodeError | None = None


def _public_address(host: str, network: Network, deadline: float) -> str:
    """Return an address of `host`; every one that it has must be public.

    The system's resolver knows no time limit, so it is asked in a thread that may be left behind.
    """
    answer = _Answer()

    def ask() -> None:
        try:
            answer.addresses = network.resolve(host)
        except (OSError, UnicodeError) as error:
            answer.failure = error

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if thread.is_alive() or answer.failure is not None or not answer.addresses:
        raise FetchError(f"{host} has no address.") from answer.failure
    if not all(is_public(address) for address in answer.addresses):
        raise FetchError(f"{host} is not on the public internet.")
    return answer.addresses[0]


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise FetchError(f"It took longer than {SECONDS:g} seconds.")
    return left


def _exchange(connection: socket.socket, parts: SplitResult, deadline: float) -> bytes:
    """Ask and read; a timer cuts the connection at the deadline, whoever waits for whom."""
    cut = threading.Event()

    def end() -> None:
        cut.set()
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was closed already

    timer = threading.Timer(_left(deadline), end)
    timer.start()
    failure: Exception | None = None
    body = b""
    try:
        body = _read(connection, parts)
    except (OSError, HTTPException) as error:
        failure = error
    finally:
        timer.cancel()
    if cut.is_set() or isinstance(failure, TimeoutError):  # the socket's own end may come first
        raise FetchError(f"It took longer than {SECONDS:g} seconds.") from failure
    if failure is not None:
        raise FetchError("It broke off.") from failure
    return body


def _read(connection: socket.socket, parts: SplitResult) -> bytes:
    http = HTTPConnection(parts.hostname or "", _PORT)
    http.sock = connection
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {"Accept-Encoding": "identity", "User-Agent": "Vitrine", "Connection": "close"}
    http.request("GET", target, headers=headers)
    with http.getresponse() as response:
        _check_response(response)
        body = response.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise FetchError(f"It is larger than {MAX_BYTES // 1024**2} MB.")
        if response.length:  # bytes that were promised and did not come
            raise IncompleteRead(body, response.length)
    return body


def _check_response(response: HTTPResponse) -> None:
    if 300 <= response.status < 400:
        raise FetchError("It is somewhere else now; redirects are not followed.")
    if response.status != 200:
        raise FetchError(f"The answer was {response.status}.")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise FetchError("It came compressed, which was not asked for.")
    length = response.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and len(length) < 20 and int(length) > MAX_BYTES:
        raise FetchError(f"It is larger than {MAX_BYTES // 1024**2} MB.")
