"""Work to be done after the commit: jobs, and the mails they send."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.core.emails import normalise_email
from shop.models.columns import KEEP_IDS, Created, Id, Line, Prose


class JobState(StrEnum):
    """ready (due at `run_at`, or leased) → done | failed (gave up)."""

    READY = "ready"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """An outbox row, written in the transaction whose consequence it is; run at least once.

    A row with `repeat_seconds` is a schedule: when done it becomes ready again.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("repeat_seconds IS NULL OR repeat_seconds > 0", name="repeat"),
        Index("ix_job_due", "state", "run_at", "id"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    state: Mapped[JobState] = mapped_column(default=JobState.READY)
    run_at: Mapped[datetime]
    repeat_seconds: Mapped[int | None]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(36))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)


class MailState(StrEnum):
    """queued → sent | failed (gave up after the job's last try)."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


FAILED_MAIL = "state = 'failed'"  # as the words of an index


def _key_of_address(context: Any) -> str:
    """Return the key of the address that a mail is written to."""
    return normalise_email(context.get_current_parameters()["to_address"])


class MailMessage(Base):
    """A mail as it was sent, so that staff can see and resend it. Bodies go after 90 days."""

    __tablename__ = "mail_message"
    __table_args__ = (
        Index(
            "ix_mail_message_failed",
            "created_at",
            sqlite_where=text(FAILED_MAIL),
            postgresql_where=text(FAILED_MAIL),
        ),
        Index("ix_mail_message_to_key", "to_key", "id"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    dedupe_key: Mapped[str] = mapped_column(String(160), unique=True)
    message_id: Mapped[Line]
    to_address: Mapped[Line]
    to_key: Mapped[Line] = mapped_column(default=_key_of_address, server_default="")
    subject: Mapped[Line]
    text_body: Mapped[Prose | None]
    html_body: Mapped[Prose | None]
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"), index=True)
    state: Mapped[MailState] = mapped_column(default=MailState.QUEUED)
    error: Mapped[Prose] = mapped_column(default="")
    created_at: Mapped[Created]
    sent_at: Mapped[datetime | None]
