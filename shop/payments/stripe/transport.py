"""How the library reaches Stripe: over the network, or in this process to a WSGI application."""

import io
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

import requests
import stripe
from requests.structures import CaseInsensitiveDict
from urllib3.util import Timeout

from shop.payments.patience import is_time_for, time_left
from shop.payments.provider import WsgiApp

READ_TIMEOUT = "stripe.read_timeout"
"""WSGI environ key: after how many seconds the caller gives up. An application that plays dead
raises TimeoutError at once instead of making a thread wait for it."""


class Patient(stripe.HTTPClient):
    """Tries again only while whoever waits for the answer has time for it."""

    def _should_retry(
        self,
        response: tuple[Any, int, Mapping[str, str] | None] | None,
        api_connection_error: stripe.APIConnectionError | None,
        num_retries: int,
        max_network_retries: int | None,
    ) -> bool:
        pause = min(self.INITIAL_DELAY * 2**num_retries, self.MAX_DELAY)
        return is_time_for(pause) and bool(
            super()._should_retry(response, api_connection_error, num_retries, max_network_retries)
        )


class WsgiTransport(Patient):
    """Calls a WSGI application as if it were api.stripe.com.

    The application plays network faults by raising: ConnectionError (refused, reset, answer lost
    after the work was done) or TimeoutError (no answer in time). The library sees what it would
    see of a real network, so its own retries run. `pause_scale` shortens the waits between them.
    """

    name = "wsgi"

    def __init__(self, app: WsgiApp, *, read_timeout: float = 8, pause_scale: float = 1) -> None:
        super().__init__()
        self._app = app
        self._read_timeout = read_timeout
        self._pause_scale = pause_scale

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """Return body, status and headers. Raises stripe.APIConnectionError."""
        environ = self._environ(method, url, headers or {}, post_data)
        try:
            body, status, answer = _call(self._app, environ)
        except (ConnectionError, TimeoutError) as error:
            _connection_failed(error)
        return body.decode("utf-8", "replace"), status, answer

    def close(self) -> None:
        """Nothing is kept open."""

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return super()._sleep_time_seconds(num_retries) * self._pause_scale

    def _environ(
        self, method: str, url: str, headers: Mapping[str, str], data: str | bytes | None
    ) -> dict[str, Any]:
        parts = urlsplit(url)
        body = data.encode() if isinstance(data, str) else data or b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method.upper(),
            "SCRIPT_NAME": "",
            # PEP 3333: bytes travel as latin-1 text
            "PATH_INFO": unquote(parts.path, encoding="latin-1"),
            "QUERY_STRING": parts.query,
            "SERVER_NAME": parts.hostname or "",
            "SERVER_PORT": str(parts.port or 80),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            READ_TIMEOUT: _at_most(self._read_timeout),
        }
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return environ


class PatientRequests(Patient, stripe.RequestsClient):
    """The library's transport, each try bounded by what is left of the request it is made for."""

    # requests takes what urllib3 knows as a time-out; the library's types do not say so.
    @property  # type: ignore[override]
    def _timeout(self) -> Timeout:
        connect, read = self._limits
        return Timeout(total=time_left(), connect=connect, read=read)

    @_timeout.setter  # type: ignore[override]
    def _timeout(self, limits: tuple[float, float]) -> None:
        self._limits = limits


def _at_most(seconds: float) -> float:
    left = time_left()
    return seconds if left is None else min(seconds, left)


def network_transport(timeout: tuple[float, float], *, is_stripe: bool) -> stripe.HTTPClient:
    """Return the transport over sockets; `timeout` is (connect, read) in seconds.

    To Stripe each thread has its own connection. To a stand-in on this machine one session is
    shared, because only a session of our own can be told to ignore the proxies of the environment.
    """
    if is_stripe:
        return PatientRequests(timeout=timeout)
    session = requests.Session()
    session.trust_env = False
    return PatientRequests(timeout=timeout, session=session)


def _call(app: WsgiApp, environ: dict[str, Any]) -> tuple[bytes, int, Mapping[str, str]]:
    answer: dict[str, Any] = {}

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: object = None
    ) -> object:
        answer["status"], answer["headers"] = status, headers
        return io.BytesIO().write

    parts = app(environ, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()
    return body, int(answer["status"].split()[0]), CaseInsensitiveDict(answer["headers"])


def _connection_failed(error: OSError) -> NoReturn:
    message = f"Unexpected error communicating with the sandbox. ({type(error).__name__}: {error})"
    # The library has no types for its errors' constructors.
    raise stripe.APIConnectionError(message, should_retry=True) from error  # type: ignore[no-untyped-call]
