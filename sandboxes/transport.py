"""Calling a WSGI application in this process, as if it were a server at the other end of a line.

An application that plays a fault of the network raises ConnectionError or TimeoutError, which the
caller gets as it is.
"""

import contextvars
import io
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

READ_TIMEOUT = "sandbox.read_timeout"
"""WSGI environ key: after how many seconds the caller gives up. An application that plays dead
raises TimeoutError at once instead of making a thread wait for it."""


class Answer(NamedTuple):
    """What the application answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def call(
    app: Callable[..., Iterable[bytes]],
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    read_timeout: float | None = None,
) -> Answer:
    """Return what `app` answers to a request; `read_timeout` in seconds, None for no limit.

    In a context of its own, as in another process: it shares no request, session or deadline with
    the caller.
    """
    environ = _environ(method, url, headers, body)
    if read_timeout is not None:
        environ[READ_TIMEOUT] = read_timeout
    return contextvars.Context().run(_answer, app, environ)


def _environ(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method.upper(),
        "SCRIPT_NAME": "",
        # PEP 3333: bytes travel as latin-1 text
        "PATH_INFO": unquote(parts.path, encoding="latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": parts.netloc,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def _answer(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Answer:
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> object:
        begun.append((status, headers))
        return io.BytesIO().write

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    status, headers = begun[-1]
    return Answer(int(status.split()[0]), headers, body)
