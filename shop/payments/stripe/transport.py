"""How the library reaches Stripe: over the network, or what plays it in this process."""

from collections.abc import Mapping
from typing import Any, NoReturn

import requests
import stripe
from requests.structures import CaseInsensitiveDict
from urllib3.util import Timeout

from shop.payments.patience import is_time_for, time_left
from shop.payments.provider import InProcessCall


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


class InProcessTransport(Patient):
    """Calls what plays Stripe in this process as if it were api.stripe.com.

    It plays network faults by raising: ConnectionError (refused, reset, answer lost after the work
    was done) or TimeoutError (no answer in time). The library sees what it would see of a real
    network, so its own retries run. `pause_scale` shortens the waits between them.
    """

    name = "in-process"

    def __init__(
        self, call: InProcessCall, *, read_timeout: float = 8, pause_scale: float = 1
    ) -> None:
        super().__init__()
        self._call = call
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
        body = post_data.encode() if isinstance(post_data, str) else post_data or b""
        try:
            status, answer_headers, answer = self._call(
                method, url, headers or {}, body, read_timeout=_at_most(self._read_timeout)
            )
        except (ConnectionError, TimeoutError) as error:
            _connection_failed(error)
        return answer.decode("utf-8", "replace"), status, CaseInsensitiveDict(answer_headers)

    def close(self) -> None:
        """Nothing is kept open."""

    def _sleep_time_seconds(self, num_retries: int) -> float:
        return super()._sleep_time_seconds(num_retries) * self._pause_scale


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


def _connection_failed(error: OSError) -> NoReturn:
    message = f"Unexpected error communicating with the sandbox. ({type(error).__name__}: {error})"
    # The library has no types for its errors' constructors.
    raise stripe.APIConnectionError(message, should_retry=True) from error  # type: ignore[no-untyped-call]
