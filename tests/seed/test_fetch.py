"""Fetching from the internet: what is asked for, and everything that is refused."""

import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest

from shop.seed import fetch as fetching
from shop.seed.fetch import FetchError, Internet, fetch, is_public

PUBLIC = "93.184.215.14"


class Twin:
    """A network whose names have the addresses a test says, all of them led to one server here.

    Connections carry no TLS: how that is done is `Internet`'s, and tested there.
    """

    def __init__(self, port: int, addresses: Sequence[str] = (PUBLIC,)) -> None:
        self.port = port
        self.addresses = list(addresses)
        self.connected: list[tuple[str, str]] = []

    def resolve(self, host: str) -> Sequence[str]:
        return self.addresses

    def connect(self, address: str, host: str, timeout: float) -> socket.socket:
        self.connected.append((address, host))
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)


class Server:
    """Answers one connection after the other with the same bytes; keeps what it was asked."""

    def __init__(self, answer: bytes, *, hangs: bool = False, drips: bool = False) -> None:
        self.answer, self.hangs, self.drips = answer, hangs, drips
        self.asked = b""
        self.done = threading.Event()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, suppress(OSError):  # the other side had enough
            while b"\r\n\r\n" not in self.asked and (more := connection.recv(4096)):
                self.asked += more
            self.send(connection)

    def send(self, connection: socket.socket) -> None:
        if self.drips:
            for sign in self.answer:
                connection.sendall(bytes([sign]))
                if self.done.wait(0.05):
                    return
        else:
            connection.sendall(self.answer)
        if self.hangs:
            self.done.wait(30)


@contextmanager
def serving(answer: bytes, **behaviour: bool) -> Iterator[Server]:
    server = Server(answer, **behaviour)
    server.thread.start()
    try:
        yield server
    finally:
        server.done.set()
        with suppress(OSError):  # wakes a server that nobody has asked
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        server.thread.join(10)
        server.socket.close()
        assert not server.thread.is_alive()


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 1)


def test_a_file_is_fetched_from_the_address_that_was_judged() -> None:
    with serving(ok(b"[1, 2]")) as server:
        twin = Twin(server.port)
        assert fetch("https://files.example/a/b.json?c=d", twin) == b"[1, 2]"
    assert twin.connected == [(PUBLIC, "files.example")]
    head = server.asked.decode().split("\r\n")
    assert head[0] == "GET /a/b.json?c=d HTTP/1.1"
    assert "Host: files.example:443" in head or "Host: files.example" in head
    assert "Accept-Encoding: identity" in head
    assert not any(line.lower().startswith(("cookie", "authorization")) for line in head)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a.json",
        "ftp://files.example/a.json",
        "file:///etc/passwd",
        "//files.example/a.json",
        "files.example/a.json",
        "",
        "https://",
        "https:///a",
        "https://ada:secret@files.example/",
        "https://files.example:8443/",
        "https://files.example:99999/",
        "https://[::1/",
        "https://files.example/a b",
        "https://files.example/a\r\nHost: other",
        "https://files.example/é",
    ],
)
def test_other_addresses_are_refused_before_anything_is_asked(url: str) -> None:
    twin = Twin(0)
    with pytest.raises(FetchError):
        fetch(url, twin)
    assert twin.connected == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.5",
        "172.16.4.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.7",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
        "not an address",
        "",
    ],
)
def test_addresses_that_are_not_public_are_never_connected_to(address: str) -> None:
    assert not is_public(address)
    twin = Twin(0, [address])
    with pytest.raises(FetchError, match="not on the public internet"):
        fetch("https://files.example/", twin)
    assert twin.connected == []


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_spoils_them_all() -> None:
    twin = Twin(0, [PUBLIC, "10.0.0.1"])
    with pytest.raises(FetchError, match="public internet"):
        fetch("https://files.example/", twin)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "localhost"])
def test_this_machine_is_not_reached_by_any_of_its_names(host: str) -> None:
    with pytest.raises(FetchError):
        fetch(f"https://{host}/", Internet())


def test_a_name_without_an_address() -> None:
    with pytest.raises(FetchError, match="has no address"):
        fetch("https://files.example/", Twin(0, []))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://10.0.0.1/\r\n\r\n", "redirects"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404"),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 0\r\n\r\n", "206"),
        (ok(b"x", "Content-Encoding: gzip"), "compressed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 26214401\r\n\r\n", "25 MB"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "broke off"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n", "broke off"),
        (b"", "broke off"),
    ],
)
def test_answers_that_are_refused(answer: bytes, reason: str) -> None:
    with serving(answer) as server, pytest.raises(FetchError, match=reason):
        fetch("https://files.example/", Twin(server.port))


def test_a_body_without_a_length_is_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1001
    with serving(answer) as server, pytest.raises(FetchError, match="larger"):
        fetch("https://files.example/", Twin(server.port))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize(
    ("answer", "behaviour"),
    [
        (b"", {"hangs": True}),
        (b"HTTP/1.1 200 OK\r\n", {"hangs": True}),
        (ok(b"x" * 500), {"drips": True}),
    ],
)
def test_a_slow_server_is_left_after_the_time(answer: bytes, behaviour: dict[str, bool]) -> None:
    with (
        serving(answer, **behaviour) as server,
        pytest.raises(FetchError, match=r"longer than 1 seconds"),
    ):
        fetch("https://files.example/", Twin(server.port))


@pytest.mark.usefixtures("soon")
def test_a_resolver_that_never_answers_is_left_behind() -> None:
    free = threading.Event()

    class Slow(Twin):
        def resolve(self, host: str) -> Sequence[str]:
            free.wait(10)
            return [PUBLIC]

    with pytest.raises(FetchError, match="has no address"):
        fetch("https://files.example/", Slow(0))
    free.set()


def test_a_host_that_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        fetch("https://files.example/", Twin(port))


def test_the_real_internet_is_spoken_to_in_tls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(b"HTTP/1.1 200 OK\r\n\r\n") as server:
        monkeypatch.setattr(fetching, "_PORT", server.port)
        server.asked = b"\r\n\r\n"  # it answers at once, in plain text
        with pytest.raises(ssl.SSLError):
            Internet().connect("127.0.0.1", "files.example", 2)
