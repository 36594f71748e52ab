"""Delivery of events: leased rows, signed anew at each attempt, retried on a schedule.

Header format: docs.stripe.com/webhooks/signature. 2xx is delivered; anything else, a redirect too,
and an answer later than 20 seconds is retried, then given up.
"""

import hashlib
import hmac
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from sandboxes.stripe import faults
from sandboxes.stripe.config import SandboxConfig
from sandboxes.stripe.contract import load
from sandboxes.stripe.events import DEFAULT_ENDPOINT
from sandboxes.stripe.store import Store, Tx

Deliver = Callable[[str, bytes, dict[str, str]], tuple[int, bytes]]

ANSWER_SECONDS = 20.0
LEASE_SECONDS = 60.0
OLD_SECONDS = 600
KEEP_ANSWER = 2000
KEEP_EVENTS = 30 * 86400
PRUNE_EVERY = 86400

log = logging.getLogger(__name__)


class Letter(NamedTuple):
    """A leased delivery, ready to be sent."""

    id: int
    lease: str
    url: str
    body: bytes
    headers: dict[str, str]
    attempt: int


def signature(secret: str, body: bytes, timestamp: int) -> str:
    """The ``Stripe-Signature`` header for a body at a UNIX time."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def post(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Deliver over the network, past any proxy, following no redirect."""
    import requests

    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(
            url, data=body, headers=headers, timeout=(3, ANSWER_SECONDS), allow_redirects=False
        )
        return answer.status_code, answer.content[:KEEP_ANSWER]


class Postman:
    """Takes due deliveries to the shop."""

    def __init__(self, store: Store, config: SandboxConfig, deliver: Deliver) -> None:
        self.store = store
        self.config = config
        self.deliver = deliver

    def deliver_due(
        self, now: float | None = None, limit: int = 100, events: tuple[str, ...] = ()
    ) -> int:
        """Try every delivery that is due, oldest first; returns how many attempts were made.

        ``now`` is sandbox time in UNIX seconds (default: the sandbox's clock); ``events`` limits it
        to those events, whatever their due time. Safe to run in several processes at once.
        """
        made = 0
        while made < limit:
            letter = self._claim(now, events)
            if letter is None:
                break
            self._send(letter)
            made += 1
        return made

    def deliver_waiting(self, events: tuple[str, ...]) -> None:
        """Deliver these events now and wait ``page_wait_seconds`` for the shop at most.

        The work goes on in its thread when the shop is slower than that.
        """
        raised: list[BaseException] = []

        def work() -> None:
            try:
                self.deliver_due(events=events)
            except BaseException as error:  # noqa: BLE001 - handed to the waiting thread below
                raised.append(error)

        thread = threading.Thread(target=work, name="sandbox-delivery", daemon=True)
        thread.start()
        thread.join(self.config.page_wait_seconds)
        if raised:
            raise raised[0]

    def _claim(self, now: float | None, events: tuple[str, ...]) -> Letter | None:
        with self.store.read() as tx:
            if _next(tx, now, events) is None:
                return None
        with self.store.write() as tx:
            found = _next(tx, now, events)
            if found is None:
                return None
            lease = secrets.token_hex(8)
            tx.connection.execute(
                "UPDATE delivery SET lease = ?, lease_until = ?, attempt = attempt + 1"
                " WHERE id = ?",
                (lease, tx.wall + LEASE_SECONDS, found[0]),
            )
            return self._letter(tx, found, lease)

    def _letter(self, tx: Tx, found: tuple[Any, ...], lease: str) -> Letter:
        delivery_id, event_id, endpoint_id, url, attempt, twists_text = found
        twists = json.loads(twists_text)
        event = tx.get("event", event_id)
        body = json.dumps({**event.body, "pending_webhooks": 1}, indent=2).encode()
        # The signature proves freshness on the wire, so it bears real time, not the sandbox's.
        stamp = int(time.time()) - (OLD_SECONDS if "old_timestamp" in twists else 0)
        secret = self._secret(tx, endpoint_id)
        if "bad_signature" in twists:
            secret = "whsec_wrong"  # noqa: S105 - wrong on purpose
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks) sandbox",
            "Stripe-Signature": signature(secret, body, stamp),
            "Stripe-Version": load().api_version,
        }
        return Letter(delivery_id, lease, url, body, headers, attempt + 1)

    def _secret(self, tx: Tx, endpoint_id: str) -> str:
        if endpoint_id == DEFAULT_ENDPOINT:
            return self.config.webhook_secret
        endpoint = tx.find("webhook_endpoint", endpoint_id)
        return str(endpoint.extra["secret"]) if endpoint else "whsec_deleted"

    def _send(self, letter: Letter) -> None:
        started = time.monotonic()
        try:
            status, answer = self.deliver(letter.url, letter.body, letter.headers)
        except Exception as error:  # noqa: BLE001 - whatever the shop does, it did not accept
            log.warning("webhook delivery to %s failed: %r", letter.url, error)
            status, answer = 0, repr(error).encode()
        if time.monotonic() - started > ANSWER_SECONDS:
            status, answer = 0, b"no answer within 20 seconds"
        with self.store.write() as tx:
            self._record(tx, letter, status, answer)

    def _record(self, tx: Tx, letter: Letter, status: int, answer: bytes) -> None:
        waits = self.config.retry_seconds
        state, due = "delivered", tx.time
        if not 200 <= status < 300:
            more = letter.attempt <= len(waits)
            state = "pending" if more else "failed"
            due += waits[letter.attempt - 1] if more else 0
        tx.connection.execute(
            "UPDATE delivery SET state = ?, due = ?, last_status = ?, last_answer = ?,"
            " lease_until = 0 WHERE id = ? AND lease = ?",
            (
                state,
                due,
                status or None,
                answer[:KEEP_ANSWER].decode("utf-8", "replace"),
                letter.id,
                letter.lease,
            ),
        )


def resend(tx: Tx, event_id: str) -> int:
    """Queue an event again for every endpoint it went to; returns how many deliveries."""
    cursor = tx.connection.execute(
        "UPDATE delivery SET state = 'pending', due = ?, attempt = 0, twists = '[]',"
        " lease_until = 0 WHERE event = ?",
        (tx.time, event_id),
    )
    return cursor.rowcount


def release(tx: Tx) -> int:
    """Let go of the events that ``hold`` kept back, and stop holding; returns how many."""
    faults.clear(tx, "hold")
    cursor = tx.connection.execute(
        "UPDATE delivery SET state = 'pending', due = ? WHERE state = 'held'", (tx.time,)
    )
    return cursor.rowcount


def must_prune(tx: Tx) -> bool:
    """Whether a day has passed since the last clean-up."""
    return tx.now - int(tx.setting("pruned_at", "0")) >= PRUNE_EVERY


def prune(tx: Tx) -> None:
    """Forget events that are older than 30 days, as Stripe does, and their deliveries."""
    tx.set_setting("pruned_at", str(tx.now))
    limit = (tx.now - KEEP_EVENTS,)
    tx.connection.execute(
        "DELETE FROM delivery WHERE event IN"
        " (SELECT id FROM object WHERE kind = 'event' AND created < ?)",
        limit,
    )
    tx.connection.execute("DELETE FROM object WHERE kind = 'event' AND created < ?", limit)


def _next(tx: Tx, now: float | None, events: tuple[str, ...]) -> tuple[Any, ...] | None:
    order = "DESC" if faults.is_armed(tx, {"reverse": ""}) else "ASC"
    condition = "due <= ?"
    values: list[float | str] = [tx.time if now is None else now]
    if events:
        # On the payment page only the first attempt is awaited; retries are the worker's.
        condition += f" AND attempt = 0 AND event IN ({', '.join('?' * len(events))})"
        values += events
    found: tuple[Any, ...] | None = tx.connection.execute(
        "SELECT id, event, endpoint, url, attempt, twists FROM delivery"  # noqa: S608 - our SQL
        f" WHERE state = 'pending' AND lease_until < ? AND {condition}"
        f" ORDER BY id {order} LIMIT 1",
        (tx.wall, *values),
    ).fetchone()
    return found
