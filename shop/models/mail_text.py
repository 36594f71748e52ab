"""What staff changed in the words of mails."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core.db import Base
from shop.models.columns import KEEP_IDS, Id, Line, Prose, Version


class MailText(Base):
    """The words of a kind of mail in a language; where one is empty the delivered one stands.

    They are written with places such as {number}, intro and closing in Markdown.
    """

    __tablename__ = "mail_text"
    __table_args__ = (
        UniqueConstraint("kind", "language", name="uq_mail_text_kind"),
        KEEP_IDS,
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    subject: Mapped[Line] = mapped_column(default="")
    greeting: Mapped[Line] = mapped_column(default="")
    intro: Mapped[Prose] = mapped_column(default="")
    closing: Mapped[Prose] = mapped_column(default="")
    version: Mapped[Version] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
