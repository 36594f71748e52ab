"""Sending mails again."""

import secrets
from typing import Any

from sqlalchemy import select, update

from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import changed, db
from shop.core.errors import BadInput, NotFound
from shop.jobs import enqueue
from shop.jobs.services import retry_now
from shop.models import Job, JobState, MailMessage, MailState, Order


@done_once
def send_again(mail_id: int, *, staff: Staff) -> Entry:
    """Send a mail once more.

    One that failed is tried again by its own job, as long as that is known; any other goes as it
    was, to the address that its order has now. Raises NotFound, and BadInput for a mail whose
    text was not kept or is no longer.
    """
    with audited("mail.resend", "mail", mail_id, staff=staff) as entry:
        mail = db.session.get(MailMessage, mail_id)
        if mail is None:
            raise NotFound
        entry.more = {"kind": mail.kind}
        if mail.state is MailState.FAILED and _retry(mail):
            return entry
        if mail.text_body is None:
            raise BadInput("The text of this mail is not kept, so it cannot be sent again.")
        nth = secrets.token_hex(4)
        payload: dict[str, Any] = {"mail_id": mail_id, "nth": nth}
        if mail.order_id is not None and not mail.kind.startswith("staff"):
            payload["to"] = db.session.get_one(Order, mail.order_id).email
        enqueue("mail.again", payload, dedupe_key=f"mail.again:{mail_id}:{nth}")
    return entry


def _retry(mail: MailMessage) -> bool:
    """Give the failed job of a mail all its attempts again; return whether there is one."""
    same = select(Job.id).where(Job.dedupe_key == mail.dedupe_key, Job.state == JobState.FAILED)
    job_id = db.session.scalar(same)
    if job_id is None or not retry_now(job_id):
        return False
    waits = {"state": MailState.QUEUED, "error": ""}
    changed(update(MailMessage).where(MailMessage.id == mail.id).values(**waits))
    return True
