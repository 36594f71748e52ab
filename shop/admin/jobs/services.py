"""Running again what was given up, with its trail."""

import secrets

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import db
from shop.core.errors import NotFound
from shop.jobs import enqueue
from shop.jobs.services import retry_now
from shop.models import Job


@done_once
def retry(job_id: int, *, staff: Staff) -> Entry:
    """Give a failed job all its attempts again; one that runs already is left alone.

    Raises NotFound.
    """
    with audited("jobs.retry", "job", job_id, staff=staff) as entry:
        job = db.session.get(Job, job_id)
        if job is None:
            raise NotFound
        retry_now(job_id)
        entry.more = {"job": job.name}
    return entry


@done_once
def send_trial(to: str, *, staff: Staff) -> Entry:
    """Queue a test mail to an address; what becomes of it is seen on the settings page."""
    with audited("settings.test_mail", "mail", "trial", staff=staff) as entry:
        nth = secrets.token_hex(8)
        enqueue("mail.staff_trial", {"to": to, "nth": nth}, dedupe_key=f"mail.staff_trial:{nth}")
    return entry
