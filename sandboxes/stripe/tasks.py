"""What happens by itself: sessions expire, debits settle, refunds fail, disputes arrive.

A task has a due time in sandbox seconds. The tick runs what is due; so does any API call that
comes later than that by the grace, so that a read never shows a state that time has ended.
"""

import json
from collections.abc import Callable
from typing import Any

from sandboxes.stripe.call import Call
from sandboxes.stripe.contract import Json
from sandboxes.stripe.store import Tx

# Sessions expire on the second. What an instrument does "at once" is left to the payment page or
# the tick for a moment, so that the shop sees the state before it.
GRACE_SECONDS = 2.0

Job = Callable[[Call, str, Json], None]
JOBS: dict[str, Job] = {}


def job(name: str) -> Callable[[Job], Job]:
    """Register the function that carries out tasks of this kind."""

    def register(function: Job) -> Job:
        JOBS[name] = function
        return function

    return register


def schedule(tx: Tx, name: str, ref: str, after: float, **data: Any) -> None:
    """Have ``name`` done to the object ``ref``, ``after`` seconds from now."""
    tx.connection.execute(
        "INSERT INTO task (due, kind, ref, data) VALUES (?, ?, ?, ?)",
        (tx.now + after, name, ref, json.dumps(data)),
    )


def cancel(tx: Tx, name: str, ref: str) -> None:
    """Drop the waiting tasks of a kind for an object."""
    tx.connection.execute("DELETE FROM task WHERE kind = ? AND ref = ?", (name, ref))


def is_due(tx: Tx, *, lazily: bool) -> bool:
    """Whether a task waits to be carried out; ``lazily`` leaves the grace to the tick."""
    (count,) = tx.connection.execute(
        "SELECT count(*) FROM task WHERE due + (CASE kind WHEN 'expire' THEN 0 ELSE ? END) <= ?",
        (GRACE_SECONDS if lazily else 0, tx.time),
    ).fetchone()
    return bool(count)


def run_due(call: Call, *, lazily: bool = False, ref: str = "") -> int:
    """Carry out what is due, oldest first; ``ref`` limits it to one object. Returns how many."""
    tx, done = call.tx, 0
    while True:
        found = tx.connection.execute(
            "SELECT id, kind, ref, data FROM task"
            " WHERE due + (CASE kind WHEN 'expire' THEN 0 ELSE ? END) <= ? AND ? IN ('', ref)"
            " ORDER BY due, id LIMIT 1",
            (GRACE_SECONDS if lazily else 0, tx.time, ref),
        ).fetchone()
        if found is None:
            return done
        tx.connection.execute("DELETE FROM task WHERE id = ?", (found[0],))
        JOBS[found[1]](call, found[2], json.loads(found[3]))
        done += 1
