"""What visitors write to the shop by its form."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Code, Created, Id, Line, Prose, Short, StaffId


class ContactMessage(Base):
    """A message; open until staff say that it is done. `form_token`: sent twice, it is one.

    `order_number` is what was typed, whosever order that may be.
    """

    __tablename__ = "contact_message"
    __table_args__ = (
        Index(
            "ix_contact_message_open",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("ix_contact_message_done", "done_at"),
        Index("ix_contact_message_email", "email_key"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    form_token: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Short]
    email: Mapped[Line]
    email_key: Mapped[Line]
    order_number: Mapped[str] = mapped_column(String(20), default="")
    body: Mapped[Prose]
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[StaffId]
    created_at: Mapped[Created]
