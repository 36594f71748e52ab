"""A mail as a value, and as the message that goes over the wire. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from shop.core.emails import parse_mailbox
from shop.core.errors import BadInput


@dataclass(frozen=True)
class Attachment:
    """A file that travels with a mail, of the type `maintype/subtype`; a text is in UTF-8."""

    name: str
    data: bytes
    subtype: str = "pdf"
    maintype: str = "application"


@dataclass(frozen=True)
class Mail:
    """What is said to whom. The body of an `is_secret` mail (it carries a link that signs in or
    resets) is never stored."""

    kind: str
    to: str
    subject: str
    text: str
    html: str
    order_id: int | None = None
    reply_to: str = ""
    is_secret: bool = False
    attachments: Sequence[Attachment] = ()


def message_id(dedupe_key: str, sender: str) -> str:
    """Return the Message-ID of the mail under `dedupe_key`: the same for every try to send it."""
    digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:32]
    return f"<{digest}@{parse_mailbox(sender).domain}>"


def to_message(mail: Mail, *, sender: str, identity: str, at: datetime) -> EmailMessage:
    """Return `mail` as a message: text and HTML as alternatives, attachments beside them.

    Raises BadInput when a header value holds a line break.
    """
    message = EmailMessage(policy=SMTP)
    if any(c in mail.subject for c in "\r\n\0"):
        raise BadInput("A subject has no line breaks.")
    message["Subject"] = mail.subject
    message["From"] = parse_mailbox(sender)
    message["To"] = parse_mailbox(mail.to)
    if mail.reply_to:
        message["Reply-To"] = parse_mailbox(mail.reply_to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for file in mail.attachments:
        of_text = {"charset": "utf-8"} if file.maintype == "text" else None
        message.add_attachment(
            file.data,
            maintype=file.maintype,
            subtype=file.subtype,
            filename=file.name,
            params=of_text,
        )
    return message
