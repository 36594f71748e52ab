"""Which addresses our mail server can write to, asked of the code that sends."""

import logging
import smtplib
from datetime import datetime, timedelta
from typing import Final

from shop.core.clock import now
from shop.core.config import config
from shop.core.db import end_read
from shop.core.emails import clean_email, needs_smtputf8
from shop.core.errors import BadInput
from shop.mail.transport import takes_utf8

log = logging.getLogger(__name__)

PATIENCE: Final = 3  # seconds for connecting and each answer: somebody waits for a page
_KEPT: Final = {True: timedelta(hours=1), False: timedelta(minutes=5)}
_known: dict[str, tuple[datetime, bool]] = {}  # MAIL_URL → until when, whether it takes SMTPUTF8


def reachable_email(text: str, field: str = "email") -> str:
    """Return an address as it is stored and sent, if our mail server can write to it.

    One with other than ASCII letters before the @ needs a server with SMTPUTF8 (RFC 6531); only
    for such a one is the server asked, at most every five minutes, outside any transaction. A
    server that does not answer counts as one without. Raises BadInput, for `field`.
    """
    address = clean_email(text, field)
    if needs_smtputf8(address) and not _is_utf8_taken():
        raise BadInput(
            **{
                field: "Our mail cannot reach an address with letters such as é before the @. "
                "Enter another one, please."
            }
        )
    return address


def _is_utf8_taken() -> bool:
    until, is_taken = _known.get(config().mail_url, (now(), False))
    if until > now():
        return is_taken
    end_read()
    try:
        is_taken = takes_utf8(config(), timeout=PATIENCE)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail server not asked", extra={"reason": str(error)})
        is_taken = False
    _known[config().mail_url] = (now() + _KEPT[is_taken], is_taken)
    return is_taken
