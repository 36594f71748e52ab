"""What the desk of mails reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, literal_column, select

from shop.admin.query_strings import query_string
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.core.errors import NotFound
from shop.mail.texts import MAIL_TEXTS
from shop.models import Job, JobState, MailMessage, Order
from shop.models.job import FAILED_MAIL

PER_PAGE = 50
MOST_FAILED = 10  # above the list
MAIL_VIEWS = ("all", "waiting", "failed")


@dataclass(frozen=True)
class MailFilter:
    """Which mails: one of MAIL_VIEWS, older than the id `below`.

    `about`: the number of the order that they are of, or the address that they went to.
    """

    view: str = "all"
    about: str = ""
    below: int = 0

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the list as it opens."""
        values = {"view": self.view if self.view != "all" else "", "q": self.about}
        return query_string({**values, "below": self.below, **changes})


@dataclass(frozen=True)
class MailRow:
    """A mail in the list; `number` is that of its order, "" for none."""

    id: int
    kind: str
    subject: str
    to_address: str
    state: str
    error: str
    created_at: datetime
    sent_at: datetime | None
    number: str

    @property
    def title(self) -> str:
        """What kind of mail it is, in words."""
        return title_of(self.kind)


@dataclass(frozen=True)
class WaitingMail:
    """A mail whose job has not run to its end: how often it was tried, and what went wrong."""

    title: str
    due_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True)
class MailRows:
    """A page of the desk; `failed` stands above the first page of all mails."""

    failed: Sequence[MailRow]
    rows: Sequence[MailRow]
    waiting: Sequence[WaitingMail]
    last_id: int
    has_more: bool


def title_of(kind: str) -> str:
    """Return a kind of mail in words."""
    if kind in MAIL_TEXTS:
        return MAIL_TEXTS[kind].title
    return kind.replace("_", " ").capitalize()


def list_desk_mails(chosen: MailFilter) -> MailRows:
    """Return a page of the desk, the newest first."""
    if chosen.view == "waiting":
        return MailRows([], [], _waiting(), 0, has_more=False)
    is_first = chosen.view == "all" and not chosen.below and not chosen.about
    failed = _rows(_failed().limit(MOST_FAILED)) if is_first else []
    statement = _failed() if chosen.view == "failed" else _mails().order_by(MailMessage.id.desc())
    if chosen.below:
        statement = statement.where(MailMessage.id < chosen.below)
    if "@" in chosen.about:
        statement = statement.where(MailMessage.to_key == normalise_email(chosen.about))
    elif chosen.about:
        statement = statement.where(Order.number == chosen.about.upper())
    found = _rows(statement.limit(PER_PAGE + 1))
    rows = found[:PER_PAGE]
    return MailRows(failed, rows, [], rows[-1].id if rows else 0, has_more=len(found) > PER_PAGE)


def _mails() -> Select[MailMessage, str]:
    return select(MailMessage, Order.number).outerjoin(Order, Order.id == MailMessage.order_id)


def _failed() -> Select[MailMessage, str]:
    """Return the failed mails in the words of their index."""
    mine = _mails().where(literal_column(f"mail_message.{FAILED_MAIL}"))
    return mine.order_by(MailMessage.created_at.desc(), MailMessage.id.desc())


def _rows(statement: Select[MailMessage, str]) -> list[MailRow]:
    return [_row(mail, number) for mail, number in db.session.execute(statement)]


def _row(mail: MailMessage, number: str | None) -> MailRow:
    return MailRow(
        mail.id, mail.kind, mail.subject, mail.to_address, mail.state, mail.error,
        mail.created_at, mail.sent_at, number or "",
    )  # fmt: skip


def _waiting() -> list[WaitingMail]:
    ready = select(Job).where(Job.state == JobState.READY, Job.repeat_seconds.is_(None))
    mails = ready.where(Job.name.startswith("mail.")).order_by(Job.run_at, Job.id)
    return [
        WaitingMail(title_of(job.name.removeprefix("mail.")), job.run_at, job.attempts, job.error)
        for job in db.session.scalars(mails.limit(PER_PAGE))
    ]


def get_desk_mail(mail_id: int) -> tuple[MailMessage, MailRow]:
    """Return a mail, and as a row of the list. Raises NotFound."""
    found = db.session.execute(_mails().where(MailMessage.id == mail_id)).one_or_none()
    if found is None:
        raise NotFound
    mail, number = found
    return mail, _row(mail, number)
