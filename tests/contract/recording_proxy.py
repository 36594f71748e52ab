"""Stands between a client and a Stripe-like WSGI application and judges all that passes."""

import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from shop.core import clock
from tests.contract.contract_checker import Judge
from tests.contract.session_rules import session_faults


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    verb: str
    path: str
    params: dict[str, Any]
    headers: dict[str, str]
    status: int
    answer: Any


@dataclass
class Witness:
    """A WSGI application around another. Faults are sentences; see `Judge`.

    An invalid request must not be accepted, an answer must be whole: `faults` of the application.
    `request_faults` are the client's: what it asked was not valid by the contract.
    """

    app: Callable[..., Iterable[bytes]]
    judge: Judge = field(default_factory=Judge)
    exchanges: list[Exchange] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    request_faults: list[str] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Pass the request on; judge it and its answer when it belongs to the API."""
        if not environ["PATH_INFO"].startswith("/v1/"):
            return self.app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        said: dict[str, Any] = {}

        def note(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Any:
            said["status"] = int(status.split(maxsplit=1)[0])
            said["is_replay"] = ("Idempotent-Replayed", "true") in headers
            return start_response(status, headers, *([exc_info] if exc_info else []))

        parts = self.app(environ, note)
        try:
            answer = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        self._judge(environ, body.decode(), answer, **said)
        return [answer]

    def asked(self, verb: str, path: str) -> list[Exchange]:
        """Return the exchanges of one operation, oldest first."""
        return [one for one in self.exchanges if (one.verb, one.path) == (verb, path)]

    def _judge(
        self, environ: dict[str, Any], body: str, answer: bytes, *, status: int, is_replay: bool
    ) -> None:
        verb, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        address = f"{path}?{environ.get('QUERY_STRING', '')}"
        params, wrong = self.judge.request(verb, address, body)
        # a replay was judged when it was new, by the time it was then
        if not (wrong or is_replay) and (verb, path) == ("POST", "/v1/checkout/sessions"):
            wrong = session_faults(params, clock.epoch())
        where = f"{verb} {path}"
        self.request_faults += [f"{where}: {fault}" for fault in wrong]
        if wrong and status < 400:
            self.faults.append(f"{where}: accepted in spite of {wrong}")
        told = json.loads(answer)
        self.faults += [f"{where} → {fault}" for fault in self.judge.answer(told, strict=True)]
        if ("error" in told) != (status >= 400):
            self.faults.append(f"{where}: status {status} does not fit the answer")
        headers = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
        self.exchanges.append(Exchange(verb, path, params, headers, status, told))
