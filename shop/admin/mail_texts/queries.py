"""What the desk of mail texts reads."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import select

from shop.core.db import db
from shop.mail.render import delivered_words
from shop.mail.texts import FIELDS, MAIL_TEXTS, PLACES, DeliveredText
from shop.models import MailText


@dataclass(frozen=True)
class TextRow:
    """A mail in the list; `is_changed`: staff wrote words of their own, in some language."""

    text: DeliveredText
    is_changed: bool


@dataclass(frozen=True)
class TextReading:
    """The words of a mail in a language: those kept, those delivered; `version` 0: none kept."""

    text: DeliveredText
    language: str
    kept: dict[str, str]
    delivered: dict[str, str]
    version: int

    @property
    def is_changed(self) -> bool:
        """Whether any word is staff's own."""
        return any(self.kept.values())

    @property
    def places(self) -> list[tuple[str, str, bool]]:
        """(place, what it says, whether it must stay) of each."""
        text = self.text
        return [(f"{{{name}}}", PLACES[name], name in text.needed) for name in text.places]


def list_texts() -> list[TextRow]:
    """Return all mails whose words can be changed, in the order of an order's life."""
    changed = _changed_kinds()
    return [TextRow(text, text.kind in changed) for text in MAIL_TEXTS.values()]


def _changed_kinds() -> AbstractSet[str]:
    own = [getattr(MailText, name) != "" for name in FIELDS]
    any_own = own[0] | own[1] | own[2] | own[3]
    return set(db.session.scalars(select(MailText.kind).where(any_own)))


def read_text(text: DeliveredText, language: str) -> TextReading:
    """Return the words of a mail in a language."""
    row = db.session.scalar(
        select(MailText).where(MailText.kind == text.kind, MailText.language == language)
    )
    kept = {name: getattr(row, name) if row else "" for name in FIELDS}
    delivered = delivered_words(text.kind, language)
    return TextReading(text, language, kept, delivered, row.version if row else 0)
