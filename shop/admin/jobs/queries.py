"""What did not work: jobs that were given up, and the mails among them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shop.core.clock import now
from shop.core.db import db
from shop.jobs.queries import JobHealth, job_health, list_failed
from shop.models import Job, MailMessage, MailState, Order


@dataclass(frozen=True)
class FailedMail:
    """A mail that could not be sent; `number` is that of its order, if it has one."""

    mail: MailMessage
    number: str | None


@dataclass(frozen=True)
class Trouble:
    """The page: how the worker stands, what gave up."""

    health: JobHealth
    jobs: Sequence[Job]
    mails: Sequence[FailedMail]


def list_trouble() -> Trouble:
    """Return what the desk shows, newest first, at most 50 of each."""
    rows = db.session.execute(
        select(MailMessage, Order.number)
        .outerjoin(Order, Order.id == MailMessage.order_id)
        .where(MailMessage.state == MailState.FAILED)
        .order_by(MailMessage.id.desc())
        .limit(50)
    )
    return Trouble(job_health(now()), list_failed(), [FailedMail(*row) for row in rows])


def find_trial() -> MailMessage | None:
    """Return the newest test mail."""
    trials = select(MailMessage).where(MailMessage.kind == "trial")
    return db.session.scalar(trials.order_by(MailMessage.id.desc()).limit(1))
