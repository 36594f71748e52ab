"""Idempotency keys as Stripe's API v1 keeps them (docs.stripe.com/api/idempotent_requests).

The answer of the first request that began to execute is stored with its status, 500s included,
for 24 hours. Requests that fail their checks, and those that meet a running one, are not stored.
"""

import hashlib
import json
from dataclasses import dataclass

from sandboxes.stripe.contract import Json
from sandboxes.stripe.errors import ApiError, invalid
from sandboxes.stripe.store import Store, Tx

KEEP_SECONDS = 24 * 3600
# A process that died while it executed gives its key back after this much real time.
LEASE_SECONDS = 60
MAX_LENGTH = 255


@dataclass(frozen=True)
class Stored:
    """A first answer."""

    status: int
    body: bytes
    request_id: str


def begin(store: Store, key: str, operation: str, params: Json, request_id: str) -> Stored | None:
    """Take the key, or give the stored answer of the request that had it.

    Raises ApiError 400 for other parameters or another endpoint, 409 while the first one runs.
    """
    if len(key) > MAX_LENGTH:
        raise invalid("idempotency_key", "Idempotency keys must be 255 characters or less.")
    digest = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
    with store.write() as tx:
        tx.connection.execute(
            "DELETE FROM idempotency WHERE created < ?", (tx.time - KEEP_SECONDS,)
        )
        tx.connection.execute(
            "DELETE FROM idempotency WHERE state = 'running' AND lease_until < ?", (tx.wall,)
        )
        taken = tx.connection.execute(
            "INSERT INTO idempotency"
            " (key, created, operation, parameters, state, lease_until, request_id)"
            " VALUES (?, ?, ?, ?, 'running', ?, ?) ON CONFLICT DO NOTHING",
            (key, tx.time, operation, digest, tx.wall + LEASE_SECONDS, request_id),
        )
        if taken.rowcount == 1:
            return None
        found = tx.connection.execute(
            "SELECT operation, parameters, state, status, answer, request_id"
            " FROM idempotency WHERE key = ?",
            (key,),
        ).fetchone()
    return _settled(key, found, (operation, digest))


def finish(tx: Tx, key: str, status: int, body: bytes) -> None:
    """Store the answer under the key, in the transaction that did the work."""
    tx.connection.execute(
        "UPDATE idempotency SET state = 'done', status = ?, answer = ? WHERE key = ?",
        (status, body, key),
    )


def forget(store: Store, key: str) -> None:
    """Give the key back: the request did not execute."""
    with store.write() as tx:
        tx.connection.execute("DELETE FROM idempotency WHERE key = ? AND state = 'running'", (key,))


def _settled(
    key: str, found: tuple[str, str, str, int, bytes, str], asked: tuple[str, str]
) -> Stored:
    operation, digest, state, status, answer, request_id = found
    if operation != asked[0]:
        raise _mismatch("for the same endpoint they were first used for", key)
    if digest != asked[1]:
        raise _mismatch("with the same parameters they were first used with", key)
    if state == "running":
        raise ApiError(
            "There is currently another in-progress request using this Idempotent Key (that "
            "probably means you submitted twice, and the other request is still going through): "
            f"{key}. Please try again later.",
            status=409,
            code="idempotency_key_in_use",
            kind="idempotency_error",
        )
    return Stored(status, answer, request_id)


def _mismatch(rule: str, key: str) -> ApiError:
    return ApiError(
        f"Keys for idempotent requests can only be used {rule}. Try using a key other than "
        f"'{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )
