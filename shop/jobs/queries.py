"""What an operator asks about the jobs: is somebody working, is something late, what gave up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from shop.core.db import db
from shop.models import Job, JobState, ShopState

LATE = 120  # seconds after which a due job means that nobody works


@dataclass(frozen=True)
class JobHealth:
    """`lag` and `worker_age` are seconds; None: nothing is due, or no worker ever ran.

    `troubled`: what runs by the clock and failed the last time, in part or whole, and why.
    """

    due: int
    lag: float | None
    failed: int
    worker_age: float | None
    troubled: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_late(self) -> bool:
        """Whether the oldest due job has waited too long."""
        return self.lag is not None and self.lag > LATE


def job_health(at: datetime) -> JobHealth:
    """Return how the jobs stand at the moment `at`."""
    due = (Job.state == JobState.READY) & (Job.run_at <= at)
    count, oldest = db.session.execute(select(func.count(), func.min(Job.run_at)).where(due)).one()
    given_up = select(func.count()).select_from(Job).where(Job.state == JobState.FAILED)
    failed, seen = db.session.execute(
        select(given_up.scalar_subquery(), select(ShopState.worker_seen_at).scalar_subquery())
    ).one()
    troubled = select(Job.name, Job.error).where(Job.repeat_seconds.is_not(None), Job.error != "")
    return JobHealth(
        due=count,
        lag=(at - oldest).total_seconds() if oldest else None,
        failed=failed or 0,
        worker_age=(at - seen).total_seconds() if seen else None,
        troubled={row.name: row.error for row in db.session.execute(troubled)},
    )


def list_failed(limit: int = 50) -> list[Job]:
    """Return the newest jobs that were given up, at most `limit`."""
    newest = select(Job).where(Job.state == JobState.FAILED).order_by(Job.finished_at.desc())
    return list(db.session.scalars(newest.limit(limit)))
