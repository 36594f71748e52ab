"""What the desk of messages reads."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select, true

from shop.admin.query_strings import query_string
from shop.core.db import db
from shop.core.emails import normalise_email
from shop.core.errors import NotFound
from shop.models import ContactMessage, Order, User

PER_PAGE = 50
MESSAGE_VIEWS: dict[str, ColumnElement[bool]] = {
    "open": ContactMessage.done_at.is_(None),
    "done": ContactMessage.done_at.is_not(None),
    "all": true(),
}


@dataclass(frozen=True)
class MessageFilter:
    """Which messages: a key of MESSAGE_VIEWS, a text."""

    view: str = "open"
    text: str = ""
    page: int = 1

    def query(self, **changes: object) -> str:
        """Return it as a query string, "" for the list as it opens."""
        values = {
            "view": self.view if self.view != "open" else "",
            "q": self.text,
            "page": self.page if self.page > 1 else "",
        }
        return query_string({**values, **changes})


@dataclass(frozen=True)
class MessageRows:
    """A page of the list; `counts` by view."""

    rows: Sequence[ContactMessage]
    counts: dict[str, int]
    total: int
    pages: int


@dataclass(frozen=True)
class MessageReading:
    """A message; `number` is that of the order it names, where there is one; `by` who was done."""

    message: ContactMessage
    number: str | None
    is_of_sender: bool
    by: str


def list_messages(chosen: MessageFilter) -> MessageRows:
    """Return a page of messages: open ones the oldest first, others the newest first."""
    counts = _message_counts()
    conditions = [MESSAGE_VIEWS[chosen.view], *_says(chosen.text)]
    total = counts[chosen.view]
    if chosen.text:
        counted = select(func.count()).select_from(ContactMessage).where(*conditions)
        total = db.session.scalar(counted) or 0
    key = ContactMessage.id if chosen.view == "open" else ContactMessage.id.desc()
    rows = db.session.scalars(
        select(ContactMessage)
        .where(*conditions)
        .order_by(key)
        .limit(PER_PAGE)
        .offset((chosen.page - 1) * PER_PAGE)
    ).all()
    return MessageRows(rows, counts, total, max(1, -(-total // PER_PAGE)))


def get_message_reading(message_id: int) -> MessageReading:
    """Return a message with the order that it names. Raises NotFound."""
    message = db.session.get(ContactMessage, message_id)
    if message is None:
        raise NotFound
    order = None
    if message.order_number:
        order = db.session.execute(
            select(Order.number, Order.email_key).where(Order.number == message.order_number)
        ).one_or_none()
    by = db.session.get(User, message.done_by_id) if message.done_by_id else None
    return MessageReading(
        message=message,
        number=order.number if order else None,
        is_of_sender=order is not None and order.email_key == message.email_key,
        by=(by.name or by.email) if by else "",
    )


def _says(text: str) -> list[ColumnElement[bool]]:
    if not text:
        return []
    if "@" in text:
        return [ContactMessage.email_key == normalise_email(text)]
    named = ContactMessage.name.icontains(text, autoescape=True)
    return [or_(named, ContactMessage.order_number == text.upper())]


def _message_counts() -> dict[str, int]:
    open_ones = func.count().filter(ContactMessage.done_at.is_(None))
    row = db.session.execute(select(open_ones, func.count()).select_from(ContactMessage)).one()
    return {"open": row[0], "done": row[1] - row[0], "all": row[1]}
