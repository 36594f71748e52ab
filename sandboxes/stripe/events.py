"""Events: what happened, for whom it is meant, and the deliveries that follow from it."""

import json
from typing import Any

from sandboxes.stripe import faults
from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json, load
from sandboxes.stripe.objects import build
from sandboxes.stripe.store import Row, Tx

DEFAULT_ENDPOINT = "we_sbxdefault"


def emit(call: Call, kind: str, subject: Json, previous: Json | None = None) -> Row:
    """Record that ``kind`` happened to ``subject`` and queue it for every endpoint that asked.

    ``previous`` are the former values of what changed, for ``*.updated``.
    """
    tx = call.tx
    twists = faults.for_event(tx, kind)
    data = {"object": subject, "previous_attributes": previous}
    row = _insert_event(call, kind, data, twists)
    _queue(call, row, twists)
    if "new_id_duplicate" in twists:
        _queue(call, _insert_event(call, kind, data, twists), twists)
    return row


def endpoints(tx: Tx) -> list[Row]:
    """Enabled webhook endpoints, the shop's own first."""
    return tx.select("webhook_endpoint", "status = 'enabled'", oldest_first=True)


def ensure_default_endpoint(call: Call) -> None:
    """Make the shop's own endpoint the first time its origin is known, and keep its address."""
    origin = call.config.shop_url.rstrip("/") or call.origin or call.tx.setting("origin")
    if not origin:
        return
    call.tx.set_setting("origin", origin)
    url = origin + call.config.webhook_path
    row = call.tx.find("webhook_endpoint", DEFAULT_ENDPOINT)
    if row is None:
        call.tx.insert(
            build(
                "webhook_endpoint",
                id=DEFAULT_ENDPOINT,
                api_version=load().api_version,
                created=call.tx.now,
                description="The shop's own endpoint",
                enabled_events=list(call.config.webhook_events),
                metadata={},
                status="enabled",
                url=url,
            ),
            {"default": True},
        )
    elif row.body["url"] != url:
        row.body["url"] = url
        call.tx.save(row)


def rendered(tx: Tx, row: Row) -> Json:
    """The event as the API answers it: ``pending_webhooks`` counts what is not delivered yet."""
    (pending,) = tx.connection.execute(
        "SELECT count(DISTINCT endpoint) FROM delivery"
        " WHERE event = ? AND state IN ('pending', 'held')",
        (row.id,),
    ).fetchone()
    return {**row.body, "pending_webhooks": pending}


def _insert_event(call: Call, kind: str, data: Json, twists: dict[str, Any]) -> Row:
    body = build(
        "event",
        id=call.tx.new_id("evt"),
        api_version="2023-10-16" if "old_api_version" in twists else load().api_version,
        created=call.tx.now,
        data=json.loads(json.dumps(data)),  # a snapshot: the subject goes on changing
        livemode="wrong_livemode" in twists,
        pending_webhooks=0,
        request={"id": call.request_id, "idempotency_key": call.idempotency_key},
        type=kind,
    )
    call.emitted.append(body["id"])
    return call.tx.insert(body)


def _queue(call: Call, event: Row, twists: dict[str, Any]) -> None:
    tx = call.tx
    state = "pending"
    if "hold" in twists:
        state = "held"
    if "drop" in twists or "drop_types" in twists:
        state = "failed"
    due = tx.time + float(twists.get("delay_s", 0))
    for endpoint in endpoints(tx):
        wanted = endpoint.body["enabled_events"]
        if "*" not in wanted and event.body["type"] not in wanted:
            continue
        for _ in range(2 if "duplicate" in twists else 1):
            tx.connection.execute(
                "INSERT INTO delivery (event, endpoint, url, state, due, twists, last_answer)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    event.id,
                    endpoint.id,
                    endpoint.body["url"],
                    state,
                    due,
                    json.dumps(sorted(twists)),
                    "lost on purpose" if state == "failed" else "",
                ),
            )
