"""The door to /v1: turns WSGI into requests, and makes the network as bad as it is told to.

A broken connection is an exception that leaves the WSGI application: a socket server drops the
client then, and an in-process transport sees the ``ConnectionError`` or ``TimeoutError`` itself.
"""

import http
import json
import socket
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from sandboxes.stripe import faults
from sandboxes.stripe.api.pipeline import MAX_BODY, Answer, Api, ApiRequest
from sandboxes.transport import READ_TIMEOUT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Servers lend their socket; without shutting it they would keep the client waiting.
SOCKETS = ("werkzeug.socket", "gunicorn.socket")
SUBJECT_TYPES = {429: "rate_limit", 409: "lock_timeout"}


class Gate:
    """WSGI middleware: /v1 is answered here, everything else by ``pages``."""

    def __init__(self, pages: "WSGIApplication", api: Api) -> None:
        self.pages = pages
        self.api = api

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        if not environ.get("PATH_INFO", "").startswith("/v1/"):
            return self.pages(environ, start_response)
        answer = self._answer(_request(environ), environ)
        reason = _reason(answer.status)
        headers = {**answer.headers, "Content-Length": str(len(answer.body))}
        start_response(f"{answer.status} {reason}", list(headers.items()))
        return [answer.body]

    def _answer(self, request: ApiRequest, environ: "WSGIEnvironment") -> Answer:
        struck = self._strike(request)
        if not struck:
            return self.api.answer(request)
        if "reset_connection" in struck:
            _hang_up(environ, "connection reset")
        status = int(struck.get("fail", 0))
        if status and status != 500:
            answer = _failure(status)
        else:
            # 500 is Stripe's own: the endpoint began, so an idempotency key keeps the answer.
            answer = self.api.answer(request, broken=status == 500)
        return _spoil(answer, struck, environ)

    def _strike(self, request: ApiRequest) -> dict[str, Any]:
        with self.api.store.read() as tx:
            if not faults.is_armed(tx, faults.API_FAULTS):
                return {}
        with self.api.store.write() as tx:
            return faults.strike(tx, faults.API_FAULTS, f"{request.verb} {request.path}")


def _spoil(answer: Answer, struck: dict[str, Any], environ: "WSGIEnvironment") -> Answer:
    # A client that hangs up does not stop the server: the work is done before the wait.
    for name in ("latency_s", "hang_s"):
        if name in struck:
            _wait(float(struck[name]), environ)
    if "drop_after" in struck:
        _hang_up(environ, "the answer was lost")
    if "fail_after" in struck:
        answer = _failure(int(struck["fail_after"]))
    if "bad_json" in struck:
        answer.body = answer.body[: len(answer.body) // 2]
    if "should_retry" in struck:
        answer.headers["Stripe-Should-Retry"] = str(struck["should_retry"]).lower()
    return answer


def _wait(seconds: float, environ: "WSGIEnvironment") -> None:
    patience = environ.get(READ_TIMEOUT)
    if patience is not None and seconds >= float(patience):
        raise TimeoutError(f"sandbox fault: no answer within {patience} seconds")
    time.sleep(seconds)  # the fault that is played: an answer that takes its time


def _hang_up(environ: "WSGIEnvironment", why: str) -> NoReturn:
    for name in SOCKETS:
        if name in environ:
            environ[name].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError(f"sandbox fault: {why}")


def _failure(status: int) -> Answer:
    kind = "invalid_request_error" if status < 500 else "api_error"
    error = {"type": kind, "message": f"Sandbox fault: {status}"}
    if status in SUBJECT_TYPES:
        error["code"] = SUBJECT_TYPES[status]
    body = json.dumps({"error": error}).encode()
    return Answer(status, body, {"Content-Type": "application/json"})


def _request(environ: "WSGIEnvironment") -> ApiRequest:
    announced = environ.get("CONTENT_LENGTH") or "0"
    length = int(announced) if announced.isascii() and announced.isdigit() else 0
    body = environ["wsgi.input"].read(min(length, MAX_BODY + 1)) if length > 0 else b""
    headers = {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return ApiRequest(
        environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), body, headers
    )


def _reason(status: int) -> str:
    return http.HTTPStatus(status).phrase
