"""The life of a job row: written, claimed under a lease, finished, or put back for later."""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Select, delete, or_, select, update

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import (
    after_commit,
    before_commit,
    changed,
    db,
    end_read,
    in_transaction,
    insert_new,
    retried,
    transaction,
)
from shop.jobs.broker import ping
from shop.jobs.registry import GaveUp, Handler, Payload, find_handler, list_schedules
from shop.models import Job, JobState, ShopState

log = logging.getLogger(__name__)

GRACE = 10  # seconds a lease outlives the time a handler may take
UNKNOWN = 60  # lease in seconds of a job that this version has no handler for
SLOWEST = 3600  # seconds: no try waits longer for the next
ERROR_LENGTH = 2000
SEEN_EVERY = timedelta(seconds=15)


@dataclass(frozen=True)
class Claimed:
    """A job in this worker's hands until its lease ends; `token` proves whose hands."""

    id: int
    name: str
    payload: Payload
    attempts: int
    token: str
    repeat_seconds: int | None


def enqueue(name: str, payload: Payload, dedupe_key: str, run_at: datetime | None = None) -> bool:
    """Write a job into the caller's transaction; return whether it is new.

    A job with the same `dedupe_key` (at most 160 characters) is left as it is, also when it is
    done: keys live for 7 days after the job. `run_at` is the earliest moment, at once by default.
    Raises RuntimeError outside a transaction.
    """
    if not in_transaction():
        raise RuntimeError("a job belongs to the transaction whose consequence it is")
    is_new = insert_new(
        Job, name=name, payload=payload, dedupe_key=dedupe_key, run_at=run_at or now()
    )
    if is_new and config().jobs == "celery":
        before_commit("jobs.ping", lambda: after_commit(ping))
    return is_new


def _due(at: datetime) -> Select[int]:
    return (
        select(Job.id)
        .where(Job.state == JobState.READY, Job.run_at <= at)
        .where(or_(Job.lease_until.is_(None), Job.lease_until <= at))
        .order_by(Job.run_at, Job.id)
        .limit(1)
    )


def is_any_due() -> bool:
    """Return whether a job waits to be claimed; costs one read and takes no lock."""
    return db.session.execute(_due(now())).first() is not None


@retried
def claim() -> Claimed | None:
    """Take the job that is due longest, if any, under a lease that outlives its timeout.

    A job whose worker died becomes due again when its lease ends. One that has used up its
    attempts that way is marked as failed and not handed out.
    """
    at, token = now(), str(uuid4())
    with transaction() as session:
        found = session.execute(_due(at).with_for_update(skip_locked=True)).scalar()
        if found is None:
            return None
        job = session.get_one(Job, found)
        handler = find_handler(job.name)
        attempts = job.attempts + 1
        lease = at + timedelta(seconds=(handler.timeout + GRACE) if handler else UNKNOWN)
        changed(
            update(Job)
            .where(Job.id == found, Job.attempts == job.attempts)
            .values(lease_until=lease, lease_token=token, attempts=attempts)
        )
        claimed = Claimed(job.id, job.name, job.payload, attempts, token, job.repeat_seconds)
        if handler and job.repeat_seconds is None and attempts > handler.max_attempts:
            _give_up(claimed, handler, f"its worker died {job.attempts} times")
            return None
        return claimed


@retried
def finish(claimed: Claimed) -> bool:
    """Mark the job as done, a schedule as due again after its interval; return whether it was ours.

    It is not when the lease had ended and another worker took it.
    """
    at = now()
    with transaction():
        values: dict[str, object] = {"state": JobState.DONE, "finished_at": at, "error": ""}
        if claimed.repeat_seconds is not None:
            later = at + timedelta(seconds=claimed.repeat_seconds)
            values |= {"state": JobState.READY, "run_at": later, "attempts": 0}
        return _hand_back(claimed, values)


@retried
def fail(claimed: Claimed, error: str) -> bool:
    """Record `error` and put the job back for later; give it up after its last attempt.

    The wait triples with every attempt, from 10 s to an hour. A schedule is never given up: it
    waits at most its interval. Returns whether the job was still ours.
    """
    handler, error = find_handler(claimed.name), error.replace("\0", "")[:ERROR_LENGTH]
    with transaction():
        is_last = handler is not None and claimed.attempts >= handler.max_attempts
        if handler and is_last and claimed.repeat_seconds is None:
            return _give_up(claimed, handler, error)
        wait = min(10 * 3 ** min(claimed.attempts - 1, 10), SLOWEST)
        wait = min(wait, claimed.repeat_seconds or wait)
        jitter = random.uniform(0.9, 1.1)  # noqa: S311 -- spreads the retries, hides nothing
        later = now() + timedelta(seconds=wait * jitter)
        return _hand_back(claimed, {"run_at": later, "error": error})


def _give_up(claimed: Claimed, handler: Handler, error: str) -> bool:
    log.error("job given up", extra={"job": claimed.name, "job_id": claimed.id, "reason": error})
    if handler.gave_up:
        error = _tell_given_up(handler.gave_up, claimed, error)
    return _hand_back(
        claimed,
        {"state": JobState.FAILED, "finished_at": now(), "error": error[:ERROR_LENGTH]},
    )


def _tell_given_up(gave_up: GaveUp, claimed: Claimed, error: str) -> str:
    """Let the handler act on its failure; return the error to note.

    Should that fail, too, the job is given up all the same: else it would be the one that is due
    longest for ever, and no other would have its turn.
    """
    try:
        with db.session.begin_nested():
            gave_up(claimed.payload, error)
    except Exception as second:
        log.exception("job could not be given up", extra={"job": claimed.name})
        told = f"{type(second).__name__}: {second}".replace("\0", "")
        return f"{error}\nand then {told}"
    return error


def _hand_back(claimed: Claimed, values: dict[str, object]) -> bool:
    mine = update(Job).where(Job.id == claimed.id, Job.lease_token == claimed.token)
    ours = changed(mine.values(lease_until=None, lease_token=None, **values)) == 1
    if not ours:
        log.warning("job lease lost", extra={"job": claimed.name, "job_id": claimed.id})
    return ours


@retried
def retry_now(job_id: int) -> bool:
    """Give a failed job all its attempts again, from now; return whether there was one."""
    with transaction():
        again = update(Job).where(Job.id == job_id, Job.state == JobState.FAILED)
        fresh = {"state": JobState.READY, "run_at": now(), "attempts": 0, "finished_at": None}
        return changed(again.values(**fresh)) == 1


@retried
def ensure_schedules() -> None:
    """Make the schedule rows agree with what is registered; safe to run in many workers at once."""
    at = now()
    wanted = {f"schedule:{s.name}": s for s in list_schedules(config())}
    with transaction():
        changed(
            delete(Job).where(Job.repeat_seconds.is_not(None), Job.dedupe_key.not_in(list(wanted)))
        )
        for key, schedule in sorted(wanted.items()):
            interval = schedule.seconds
            insert_new(Job, name=schedule.name, dedupe_key=key, run_at=at, repeat_seconds=interval)
            moved = update(Job).where(Job.dedupe_key == key, Job.repeat_seconds != interval)
            changed(moved.values(repeat_seconds=interval, run_at=at))


@retried
def mark_worker_seen() -> None:
    """Note that a worker is alive, at most every 15 s, for doctor, metrics and the admin."""
    seen = db.session.scalar(select(ShopState.worker_seen_at))
    end_read()
    if seen is not None and abs(now() - seen) < SEEN_EVERY:
        return
    with transaction():
        changed(update(ShopState).values(worker_seen_at=now()))
