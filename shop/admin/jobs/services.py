"""Running again what was given up, with its trail."""

import secrets

from shop.admin.staff_actions import Staff, do_once
from shop.core.db import db
from shop.core.errors import NotFound
from shop.jobs import enqueue
from shop.jobs.services import retry_now
from shop.models import Job


def retry(job_id: int, *, staff: Staff) -> None:
    """Give a failed job all its attempts again; one that runs already is left alone.

    Raises NotFound.
    """
    job = db.session.get(Job, job_id)
    if job is None:
        raise NotFound
    more = {"job": job.name}
    do_once("jobs.retry", "job", job_id, lambda: retry_now(job_id), staff=staff, more=more)


def send_trial(to: str, *, staff: Staff) -> str:
    """Queue a test mail to an address; what becomes of it is seen on the settings page."""

    def send() -> None:
        nth = secrets.token_hex(8)
        enqueue("mail.staff_trial", {"to": to, "nth": nth}, dedupe_key=f"mail.staff_trial:{nth}")

    return do_once("settings.test_mail", "mail", "trial", send, staff=staff)
