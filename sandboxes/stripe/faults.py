"""Trouble on order: what the sandbox does wrong when it is told to.

A fault has a name, a value, a route ("" = any; else a part of "POST /v1/checkout/sessions") and a
count of how often it still strikes (None = until cleared).
"""

import json
from dataclasses import dataclass
from typing import Any

from sandboxes.stripe.store import Tx

API_FAULTS = {
    "latency_s": "answer after so many seconds",
    "fail": "answer this status (429, 500, 502, 503, 409) instead of working",
    "fail_after": "do the work, then answer this status",
    "drop_after": "do the work, then lose the answer",
    "reset_connection": "break the connection before the work",
    "hang_s": "do the work, but answer only after so many seconds",
    "should_retry": "send Stripe-Should-Retry with this value (true or false)",
    "bad_json": "do the work, then answer half of the JSON",
}
WEBHOOK_FAULTS = {
    "drop": "never deliver",
    "drop_types": "never deliver events of these types (comma separated)",
    "delay_s": "deliver so many seconds later",
    "duplicate": "deliver twice",
    "new_id_duplicate": "deliver a second event with another id for the same object",
    "reverse": "deliver waiting events newest first",
    "hold": "keep events back until they are released",
    "bad_signature": "sign with a wrong secret",
    "old_timestamp": "sign with a time ten minutes ago",
    "wrong_livemode": "say livemode: true",
    "old_api_version": "say an API version of 2023",
}
BEHAVIOUR_FAULTS = {
    "stale_page": "the payment page looks open when it no longer is",
    "charge_other_amount": "charge so many minor units more than was asked (or less, below zero)",
    "charge_other_currency": "charge in this currency instead",
    "charge_other_reference": "complete the session with this client_reference_id",
}
NAMES = {**API_FAULTS, **WEBHOOK_FAULTS, **BEHAVIOUR_FAULTS}
SECONDS = ("latency_s", "hang_s", "delay_s")
MAX_SECONDS = 86_400
STATUSES = ("fail", "fail_after")
FAILURES = (400, 401, 403, 404, 409, 429, 500, 502, 503, 504)
# Two words of the specification that mean one of the faults above.
ALIASES = {"fail_n": "fail", "status": "fail"}


@dataclass(frozen=True)
class Fault:
    """A fault that strikes."""

    id: int
    name: str
    value: Any


def add(tx: Tx, name: str, value: Any, times: int | None, route: str) -> None:
    """Arm a fault; raises ValueError for a name that does not exist or a value it cannot have."""
    name = ALIASES.get(name, name)
    if name not in NAMES:
        raise ValueError(f"no fault named {name!r}; there are {', '.join(NAMES)}")
    value = _checked(name, value)
    tx.connection.execute(
        "INSERT INTO fault (name, value, remaining, route) VALUES (?, ?, ?, ?)",
        (name, json.dumps(value), times, route),
    )


def clear(tx: Tx, name: str = "") -> None:
    """Disarm the faults of a name, or all."""
    tx.connection.execute("DELETE FROM fault WHERE ? IN ('', name)", (name,))


def armed(tx: Tx) -> list[tuple[Fault, int | None, str]]:
    """All faults that still strike, with their remaining count and route."""
    rows = tx.connection.execute(
        "SELECT id, name, value, remaining, route FROM fault"
        " WHERE remaining IS NULL OR remaining > 0 ORDER BY id"
    )
    return [(Fault(i, name, json.loads(v)), left, route) for i, name, v, left, route in rows]


def strike(tx: Tx, names: dict[str, str], subject: str = "") -> dict[str, Any]:
    """The faults among ``names`` that strike now, name → value; each counts down by one.

    ``subject`` is matched with the fault's route.
    """
    struck: dict[str, Any] = {}
    for fault, _, route in armed(tx):
        if fault.name not in names or fault.name in struck or not _matches(route, subject):
            continue
        tx.connection.execute(
            "UPDATE fault SET remaining = remaining - 1 WHERE id = ? AND remaining > 0", (fault.id,)
        )
        struck[fault.name] = fault.value
    return struck


def is_armed(tx: Tx, names: dict[str, str]) -> bool:
    """Whether any fault among ``names`` is armed; reads only."""
    return any(fault.name in names for fault, _, _ in armed(tx))


def for_event(tx: Tx, kind: str) -> dict[str, Any]:
    """What goes wrong with the delivery of an event of this type; the route is the type."""
    if not is_armed(tx, WEBHOOK_FAULTS):
        return {}
    counted = {
        name: text for name, text in WEBHOOK_FAULTS.items() if name not in {"drop_types", "reverse"}
    }
    struck = strike(tx, counted, kind)
    for fault, _, _ in armed(tx):
        if fault.name == "drop_types" and kind in str(fault.value).replace(" ", "").split(","):
            struck["drop_types"] = fault.value
    return struck


def behaviour(tx: Tx, name: str, session_id: str) -> Any:
    """The value of a behaviour fault that strikes this session now, else None."""
    return strike(tx, {name: BEHAVIOUR_FAULTS[name]}, session_id).get(name)


def _checked(name: str, value: Any) -> Any:
    """The value as its fault needs it."""
    if name in SECONDS and not 0 <= float(value) <= MAX_SECONDS:
        raise ValueError(f"{name} takes 0 to {MAX_SECONDS} seconds")
    if name in STATUSES and int(value) not in FAILURES:
        raise ValueError(f"{name} takes one of the statuses {', '.join(map(str, FAILURES))}")
    if name == "should_retry" and str(value).lower() not in {"true", "false"}:
        raise ValueError("should_retry takes true or false")
    if name == "charge_other_amount":
        return int(value)
    return value


def _matches(route: str, subject: str) -> bool:
    """Words of the route must occur in the subject; an exact path ends with ``$``."""
    if route.endswith("$"):
        return subject.endswith(route[:-1])
    return route in subject
