"""A request's way: key → route → form → contract → rules → idempotency → work → expand → answer."""

import base64
import hmac
import json
import logging
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from sandboxes.stripe import idempotency, tasks
from sandboxes.stripe.api import catalogue, discounts, money_moves, people, sessions, shipping
from sandboxes.stripe.call import Call, Handler, Routes
from sandboxes.stripe.checks import check_request
from sandboxes.stripe.config import SandboxConfig
from sandboxes.stripe.contract import Json, find_operation, load
from sandboxes.stripe.decode import decode_form
from sandboxes.stripe.errors import ApiError, unrecognized
from sandboxes.stripe.events import ensure_default_endpoint
from sandboxes.stripe.expand import expand
from sandboxes.stripe.rules import check_rules
from sandboxes.stripe.sessions import origin_of
from sandboxes.stripe.store import Store, Tx

ROUTES: Routes = {
    **sessions.ROUTES,
    **money_moves.ROUTES,
    **catalogue.ROUTES,
    **discounts.ROUTES,
    **shipping.ROUTES,
    **people.ROUTES,
}
MAX_BODY = 1_000_000
LOG_KEEP = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ApiRequest:
    """An HTTP request as it came: header names in lower case."""

    verb: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What goes back."""

    status: int
    body: bytes
    headers: dict[str, str]


class Api:
    """Answers requests under /v1 of one sandbox."""

    def __init__(self, store: Store, config: SandboxConfig) -> None:
        self.store = store
        self.config = config

    def answer(self, request: ApiRequest, *, broken: bool = False) -> Answer:
        """Carry the request out; ``broken`` = fail with 500 where the work would begin."""
        request_id = f"req_sbx{secrets.token_hex(7)}"
        try:
            status, body, more = self._answer(request, request_id, broken=broken)
        except ApiError as error:
            status, body, more = error.status, _encode(error.body(request_id)), {}
            self._log(request, request_id, status, str(error))
        except sqlite3.OperationalError as error:
            log.warning("sandbox database busy: %s", error)
            busy = _lock_timeout()
            status, body, more = busy.status, _encode(busy.body(request_id)), {}
        return Answer(status, body, {**self._headers(request, request_id), **more})

    def _answer(
        self, request: ApiRequest, request_id: str, *, broken: bool
    ) -> tuple[int, bytes, dict[str, str]]:
        call, handler = self._prepare(request, request_id)
        with self.store.read() as tx:
            now, due = tx.now, tasks.is_due(tx, lazily=True)
            if request.verb == "GET" and not due and not broken:
                call.tx = tx
                return 200, _encode(self._work(call, handler)), {}
        key = request.headers.get("idempotency-key", "") if request.verb == "POST" else ""
        if key:
            operation = f"{request.verb} {request.path}"
            stored = idempotency.begin(self.store, key, operation, call.params, request_id)
            if stored is not None:
                replay = {"Idempotent-Replayed": "true", "Request-Id": stored.request_id}
                return stored.status, stored.body, replay
        try:
            # After the look at the key: a replay stays what it was when its `expires_at` is near.
            check_rules(request.verb, request.path, call.params, now)
        except ApiError:
            if key:
                idempotency.forget(self.store, key)
            raise
        return self._execute(request, call, handler, key, broken=broken)

    def _prepare(self, request: ApiRequest, request_id: str) -> tuple[Call, Handler]:
        self._check_key(request.headers.get("authorization", ""))
        found = find_operation(request.verb, request.path)
        if found is None or (request.verb, found[0].path) not in ROUTES:
            raise unrecognized(request.verb, request.path)
        operation, ids = found
        if len(request.body) > MAX_BODY:
            raise ApiError("The request is too large.", status=413)
        params = check_request(decode_form(_form_text(request)), operation.request)
        call = Call(
            tx=None,  # type: ignore[arg-type]  # set when a transaction opens
            config=self.config,
            path=request.path,
            params=params,
            ids=ids,
            request_id=request_id,
            idempotency_key=request.headers.get("idempotency-key") or None,
            origin=_origin(request, params),
            page_base=self.config.public_url.rstrip("/"),
        )
        return call, ROUTES[request.verb, operation.path]

    def _execute(
        self, request: ApiRequest, call: Call, handler: Handler, key: str, *, broken: bool
    ) -> tuple[int, bytes, dict[str, str]]:
        try:
            if broken:
                _break()
            with self.store.write() as tx:
                call.tx = tx
                tasks.run_due(call, lazily=True)
                ensure_default_endpoint(call)
                body = _encode(self._work(call, handler))
                if key:
                    idempotency.finish(tx, key, 200, body)
                if request.verb != "GET":
                    _write_log(tx, request, call.request_id or "", 200, "")
            return 200, body, {}
        except ApiError as error:
            if key:
                with self.store.write() as tx:
                    body = _encode(error.body(call.request_id or ""))
                    idempotency.finish(tx, key, error.status, body)
            raise
        except BaseException:
            if key:
                idempotency.forget(self.store, key)
            raise

    def _work(self, call: Call, handler: Handler) -> Json:
        try:
            return expand(call.tx, handler(call), call.params.get("expand") or [])
        except ApiError as error:
            # 404 is for the address: a parameter that names nothing is a bad request.
            if error.missing_id is not None and error.missing_id not in call.ids.values():
                error.status = 400
            raise

    def _check_key(self, authorization: str) -> None:
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "basic":
            value = _basic_user(value)
        if not value.strip():
            raise ApiError(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY').",
                status=401,
            )
        if not hmac.compare_digest(value.strip().encode(), self.config.secret_key.encode()):
            raise ApiError(f"Invalid API Key provided: {_masked(value.strip())}", status=401)

    def _headers(self, request: ApiRequest, request_id: str) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Request-Id": request_id,
            "Stripe-Version": request.headers.get("stripe-version") or load().api_version,
            "Cache-Control": "no-store",
        }
        key = request.headers.get("idempotency-key")
        if key and request.verb == "POST":
            headers["Idempotency-Key"] = key[: idempotency.MAX_LENGTH]
        return headers

    def _log(self, request: ApiRequest, request_id: str, status: int, note: str) -> None:
        if request.verb == "GET":
            return
        with self.store.write() as tx:
            _write_log(tx, request, request_id, status, note)


def _write_log(tx: Tx, request: ApiRequest, request_id: str, status: int, note: str) -> None:
    cursor = tx.connection.execute(
        "INSERT INTO request_log (request, created, method, path, status, key, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            request_id,
            tx.now,
            request.verb,
            request.path,
            status,
            request.headers.get("idempotency-key", ""),
            note,
        ),
    )
    tx.connection.execute(
        "DELETE FROM request_log WHERE id <= ?", ((cursor.lastrowid or 0) - LOG_KEEP,)
    )


def _break() -> NoReturn:
    raise ApiError("An unknown error occurred", status=500, kind="api_error")


def _lock_timeout() -> ApiError:
    return ApiError(
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it. If you see this error intermittently, retry the request.",
        status=429,
        code="lock_timeout",
    )


def _origin(request: ApiRequest, params: Json) -> str:
    """The shop's, as far as the request tells: by header, or by where its buyers go back to."""
    said = request.headers.get("x-sandbox-origin", "").rstrip("/")
    address = params.get("success_url")
    return said or (origin_of(address) if address else "")


def _form_text(request: ApiRequest) -> str:
    if request.verb == "GET" or (request.verb == "DELETE" and not request.body):
        return request.query
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ApiError("Invalid UTF-8 in the request body.") from error


def _basic_user(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[0]
    except ValueError:
        return ""


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 8}{key[-4:]}" if len(key) > 16 else "*" * len(key)


def _encode(body: Json) -> bytes:
    return json.dumps(body, indent=2).encode()
