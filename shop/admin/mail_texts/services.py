"""Saving the words of mails, and sending one to oneself."""

import secrets
from collections.abc import Mapping

from sqlalchemy import select

from shop.admin.optimistic_lock import refuse_stale
from shop.admin.staff_actions import Entry, Staff, audited, done_once
from shop.core.db import db, insert_new
from shop.jobs import enqueue
from shop.mail.render import delivered_words
from shop.mail.texts import FIELDS
from shop.models import MailText


@done_once
def save_mail_text(
    kind: str, language: str, seen: int | None, words: Mapping[str, str], *, staff: Staff
) -> Entry:
    """Keep the words of a mail in a language; "" for the delivered ones.

    `seen`: the version that the form was made from, 0 where none were kept. Raises StaleForm.
    """
    with audited("settings.mail_text", "mail_text", f"{kind}-{language}", staff=staff) as entry:
        row = _lock(kind, language)
        delivered = delivered_words(kind, language)
        kept = {name: getattr(row, name) for name in FIELDS}
        present = {name: kept[name] or delivered[name] for name in FIELDS}
        wanted = {name: words[name] or delivered[name] for name in FIELDS}
        refuse_stale(seen, row.version, present, wanted)
        entry.before, entry.after = kept, dict(words)
        for name in FIELDS:
            setattr(row, name, words[name])
    return entry


def _lock(kind: str, language: str) -> MailText:
    """Return the row of a mail, made where there is none, for nobody else to change."""
    empty = dict.fromkeys(FIELDS, "")
    insert_new(MailText, kind=kind, language=language, version=0, **empty)  # or somebody just did
    mine = select(MailText).where(MailText.kind == kind, MailText.language == language)
    return db.session.scalars(
        mine.with_for_update().execution_options(populate_existing=True)
    ).one()


@done_once
def send_sample(kind: str, language: str, to: str, *, staff: Staff) -> Entry:
    """Queue a mail with made-up data and the words in force to a member of staff."""
    name = f"{kind}-{language}"
    with audited("settings.mail_text_test", "mail_text", name, staff=staff) as entry:
        nth = secrets.token_hex(8)
        payload = {"kind": kind, "language": language, "to": to, "nth": nth}
        enqueue("mail.text_sample", payload, dedupe_key=f"mail.text_sample:{nth}")
    return entry
