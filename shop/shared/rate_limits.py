"""Limits that hold across processes: every try is a row, counted before and after it is written.

Use it for whatever can be guessed or flooded: `try_id = count_try("login", key, ip, LIMIT)`, and
`forgive(try_id)` inside the transaction that proves the try was an honest one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update

from shop.core.client_addresses import place_of
from shop.core.clock import now
from shop.core.db import (
    changed,
    crash_point,
    db,
    end_read,
    in_transaction,
    retried,
    transaction,
)
from shop.core.errors import TooManyRequests
from shop.models import LoginAttempt

LONGEST_WAIT: Final = 900  # seconds: nobody is locked out for good
_STEPS: Final = 8  # doublings after which a growing wait has certainly reached its longest


class By(StrEnum):
    """Whose tries a limit counts together."""

    SUBJECT_AND_IP = "subject and ip"
    SUBJECT = "subject"
    IP = "ip"


@dataclass(frozen=True)
class Limit:
    """`times` tries are free within `seconds`; then one must wait.

    With `first_wait` (seconds) the wait begins there and doubles with each further try, up to 15
    minutes; without it one waits until the oldest try is `seconds` old.
    """

    times: int
    seconds: int
    by: By = By.SUBJECT_AND_IP
    first_wait: int = 0

    def wait(self, tries: Sequence[datetime], at: datetime) -> int:
        """Return for how many seconds no further try is allowed at `at`; `tries`: newest first."""
        if len(tries) < self.times:
            return 0
        if self.first_wait:
            steps = min(len(tries) - self.times, _STEPS)
            pause = min(self.first_wait * 2**steps, LONGEST_WAIT)
            until = tries[0] + timedelta(seconds=pause)
        else:
            until = tries[self.times - 1] + timedelta(seconds=self.seconds)
        return max(0, math.ceil((until - at).total_seconds()))


def count_try(kind: str, subject: str, ip: str, *limits: Limit) -> int:
    """Count one try of `kind` and return its id, or refuse it when a limit is reached.

    `subject`: what is tried, such as an e-mail key; at most 255 characters. Must be called
    outside a transaction: the row is committed at once, so that tries at the same moment, in
    whatever process, see each other. Refused tries are not counted. Raises TooManyRequests.
    """
    if in_transaction():
        raise RuntimeError("tries are counted outside transactions")
    place = place_of(ip)
    _refuse(_wait(kind, subject, place, limits))
    crash_point("throttle-counted")
    try_id = _write(kind, subject, place)
    # Of tries that were written in the same moment, at most as many pass as are free.
    wait = _wait(kind, subject, place, limits, but=try_id)
    if wait:
        forget_try(try_id)
    _refuse(wait)
    return try_id


def clear_attempts(try_id: int) -> None:
    """Mark a try as an honest one and forget the failed ones before it, of the same subject there.

    Joins the caller's transaction.
    """
    with transaction():
        row = db.session.get(LoginAttempt, try_id)
        if row is None:
            return
        changed(update(LoginAttempt).where(LoginAttempt.id == try_id).values(is_success=True))
        changed(
            delete(LoginAttempt).where(
                LoginAttempt.kind == row.kind,
                LoginAttempt.subject == row.subject,
                LoginAttempt.ip == row.ip,
                ~LoginAttempt.is_success,
            )
        )


@retried
def forget_try(try_id: int) -> None:
    """Count a try no longer: it was no guess. The ones before it stay counted."""
    with transaction():
        changed(delete(LoginAttempt).where(LoginAttempt.id == try_id))


def clear_subject(kind: str, subject: str) -> None:
    """Forget all failed tries of a subject, wherever they came from: its owner has proven to be it.

    Joins the caller's transaction.
    """
    with transaction():
        changed(
            delete(LoginAttempt).where(
                LoginAttempt.kind == kind,
                LoginAttempt.subject == subject,
                ~LoginAttempt.is_success,
            )
        )


def _refuse(wait: int) -> None:
    if wait:
        minutes = math.ceil(wait / 60)
        after = f"{wait} seconds" if wait < 60 else f"{minutes} minute{'s' * (minutes > 1)}"
        raise TooManyRequests(f"Too many tries. Please try again in {after}.", retry_after=wait)


def _wait(kind: str, subject: str, place: str, limits: Sequence[Limit], but: int = 0) -> int:
    at = now()
    waits = [limit.wait(_tries(kind, subject, place, limit, at, but=but), at) for limit in limits]
    end_read()
    return max(waits, default=0)


def _tries(
    kind: str, subject: str, place: str, limit: Limit, at: datetime, *, but: int
) -> Sequence[datetime]:
    """Return when the counted tries within the limit's time were, newest first."""
    whose: list[ColumnElement[bool]] = [LoginAttempt.kind == kind]
    if limit.by is not By.IP:
        whose.append(LoginAttempt.subject == subject)
    if limit.by is not By.SUBJECT:
        whose.append(LoginAttempt.ip == place)
    return db.session.scalars(
        select(LoginAttempt.created_at)
        .where(
            *whose,
            ~LoginAttempt.is_success,
            LoginAttempt.created_at > at - timedelta(seconds=limit.seconds),
            LoginAttempt.id != but,
        )
        .order_by(LoginAttempt.created_at.desc(), LoginAttempt.id.desc())
        .limit(limit.times + _STEPS)
    ).all()


@retried
def _write(kind: str, subject: str, place: str) -> int:
    with transaction() as session:
        row = LoginAttempt(kind=kind, subject=subject[:255], ip=place)
        session.add(row)
        session.flush()
        return row.id
